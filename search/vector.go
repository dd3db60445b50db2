package search

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the crc column of a row.
func checksum(blob []byte) int64 { return int64(crc32.Checksum(blob, castagnoli)) }

func encodeFloat32(v []float32) []byte {
	blob := make([]byte, 0, 4*len(v))
	for _, x := range v {
		blob = binary.LittleEndian.AppendUint32(blob, math.Float32bits(x))
	}
	return blob
}

// decodeFloat32 reads a blob of len(dst) elements whose checksum must be crc.
func decodeFloat32(dst []float32, blob []byte, crc int64) error {
	if err := checkBlob(blob, 4*len(dst), crc); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(blob[4*i:]))
	}
	return nil
}

func encodeFloat64(v []float64) []byte {
	blob := make([]byte, 0, 8*len(v))
	for _, x := range v {
		blob = binary.LittleEndian.AppendUint64(blob, math.Float64bits(x))
	}
	return blob
}

func decodeFloat64(dst []float64, blob []byte, crc int64) error {
	if err := checkBlob(blob, 8*len(dst), crc); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = math.Float64frombits(binary.LittleEndian.Uint64(blob[8*i:]))
	}
	return nil
}

func checkBlob(blob []byte, size int, crc int64) error {
	if len(blob) != size {
		return fmt.Errorf("damaged: its vector has %d bytes, not %d; restore the file from a copy", len(blob), size)
	}
	if checksum(blob) != crc {
		return fmt.Errorf("damaged: the checksum of its vector is wrong; restore the file from a copy")
	}
	return nil
}
