package database

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C of a row's columns: integers, and texts and blobs with their lengths in
// front.
func checksum(columns ...any) int64 {
	var crc uint32
	number := make([]byte, 8)
	add := func(n int64, content []byte) {
		binary.LittleEndian.PutUint64(number, uint64(n))
		crc = crc32.Update(crc32.Update(crc, castagnoli, number), castagnoli, content)
	}
	for _, column := range columns {
		switch v := column.(type) {
		case int:
			add(int64(v), nil)
		case int64:
			add(v, nil)
		case string:
			add(int64(len(v)), []byte(v))
		case []byte:
			add(int64(len(v)), v)
		default:
			panic(fmt.Sprintf("database: checksum of a %T", v))
		}
	}
	return int64(crc)
}

func encodeFloat32(v []float32) []byte {
	blob := make([]byte, 0, 4*len(v))
	for _, x := range v {
		blob = binary.LittleEndian.AppendUint32(blob, math.Float32bits(x))
	}
	return blob
}

// decodeFloat32 reads a blob of len(dst) elements.
func decodeFloat32(dst []float32, blob []byte) error {
	if err := checkLength(blob, 4*len(dst)); err != nil {
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

func decodeFloat64(dst []float64, blob []byte) error {
	if err := checkLength(blob, 8*len(dst)); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = math.Float64frombits(binary.LittleEndian.Uint64(blob[8*i:]))
	}
	return nil
}

func checkLength(blob []byte, size int) error {
	if len(blob) != size {
		return damagef("its vector has %d bytes, not %d", len(blob), size)
	}
	return nil
}
