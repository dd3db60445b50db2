package torchscript

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// Bounds on what unpacks. torch.jit.save compresses code alone, to a tenth or a twentieth.
const (
	maxRatio = 64 // of all that is unpacked to the file
	slack    = 64 << 20
)

// CheckSums compares the entries of a file with the sizes and checksums that the directory has of
// them, as [Check] does. It reads the whole file but keeps none of it in memory.
func (f *File) CheckSums(file io.ReaderAt, size int64) error {
	room := maxRatio*size + slack
	buffer := make([]byte, 256<<10)
	return f.each(size, func(_ string, header *zip.File, start int64) error {
		var content io.Reader = io.NewSectionReader(file, start, int64(header.CompressedSize64))
		if header.Method == zip.Deflate {
			if err := takeRoom(header, &room); err != nil {
				return err
			}
			// One byte more tells that it is too long.
			content = io.LimitReader(flate.NewReader(bufio.NewReader(content)), int64(header.UncompressedSize64)+1)
		}
		sum := crc32.NewIEEE()
		n, err := io.CopyBuffer(sum, content, buffer)
		if err != nil {
			return err
		}
		if err := checkSize(n, header); err != nil {
			return err
		}
		return checkSum(sum.Sum32(), header)
	})
}

// each calls visit with each entry: its name without the folder, and where its packed bytes begin,
// which all lie in the file. Entries neither overlap nor share a name, and have a method of
// compression that is known.
func (f *File) each(size int64, visit func(name string, header *zip.File, start int64) error) error {
	packed := uint64(size)
	seen := map[string]bool{}
	for _, header := range f.entries {
		name, inside := strings.CutPrefix(header.Name, f.folder)
		if !inside || strings.HasSuffix(name, "/") {
			continue
		}
		// libtorch looks entries up without regard to case.
		key := strings.ToLower(name)
		if seen[key] {
			return fmt.Errorf("the archive has %.80q twice; trace the model again", name)
		}
		seen[key] = true
		if header.CompressedSize64 > packed {
			return fmt.Errorf("entries of the archive overlap; %s", copyAgain)
		}
		packed -= header.CompressedSize64
		start, err := locate(header, size)
		if err == nil {
			err = visit(name, header, start)
		}
		if err != nil {
			return fmt.Errorf("entry %.80q: %w; %s", name, err, copyAgain)
		}
	}
	return nil
}

// locate returns where the packed bytes of an entry begin.
func locate(header *zip.File, size int64) (int64, error) {
	if header.Flags&1 != 0 {
		return 0, errors.New("it is encrypted")
	}
	start, err := header.DataOffset()
	if err != nil {
		return 0, err
	}
	if start < 0 || start > size || header.CompressedSize64 > uint64(size-start) {
		return 0, errors.New("it lies beyond the end of the file")
	}
	switch header.Method {
	case zip.Store:
		return start, checkSize(int64(header.CompressedSize64), header)
	case zip.Deflate:
		return start, nil
	}
	return 0, fmt.Errorf("it is compressed by the method %d", header.Method)
}

// takeRoom takes what an entry unpacks to from the room that is left.
func takeRoom(header *zip.File, room *int64) error {
	if header.UncompressedSize64 > uint64(*room) {
		return fmt.Errorf("the archive unpacks to more than %d times its size", maxRatio)
	}
	*room -= int64(header.UncompressedSize64)
	return nil
}

func checkSize(n int64, header *zip.File) error {
	if uint64(n) != header.UncompressedSize64 {
		return fmt.Errorf("its length differs from the %d bytes that the archive says", header.UncompressedSize64)
	}
	return nil
}

func checkSum(sum uint32, header *zip.File) error {
	if sum != header.CRC32 {
		return fmt.Errorf("its CRC-32 is %08x, not %08x as the archive says: the file is damaged", sum, header.CRC32)
	}
	return nil
}
