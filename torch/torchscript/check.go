package torchscript

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strings"
)

// Bounds on what unpacks. torch.jit.save compresses code alone, to a tenth or a twentieth.
const (
	maxRatio = 64 // of all that is unpacked to the file
	slack    = 64 << 20
)

// Model is a file that has been checked.
type Model struct {
	// Spans, one behind the other, are an archive for libtorch. Where the file's own bytes would do
	// they are those.
	Spans   [][]byte
	Weights Weights

	*File
}

// Weights says what most of the model's weights are.
type Weights struct {
	Type   string // libtorch's name of the type, such as Float or Half; "" if there are none
	Device string // that they were on when they were saved, such as cpu or cuda:0
}

// Check reads a whole file. What it accepts libtorch can load without reading beyond a tensor's
// bytes. With trusted the module may also hold objects that are not tensors, numbers, text,
// containers or modules of them, and code that runs while it is loaded.
func Check(file []byte, trusted bool) (*Model, error) {
	f, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	content, err := f.unpack(file)
	if err != nil {
		return nil, err
	}
	weights := tally{}
	for _, pickle := range []string{"constants", "data"} {
		if err := checkPickle(content, pickle, trusted, weights); err != nil {
			return nil, fmt.Errorf("%s.pkl: %w", pickle, err)
		}
	}
	spans, err := content.archive()
	if err != nil {
		return nil, err
	}
	return &Model{Spans: spans, Weights: weights.most(), File: f}, nil
}

// entry is an unpacked entry of the archive, named without its folder.
type entry struct {
	name  string
	bytes []byte
	crc   uint32
}

// entries are what libtorch gets to see.
type entries struct {
	order  []entry
	byName map[string][]byte
}

// wanted reports whether libtorch needs an entry to load a module. Left out are the records for
// debugging, which are pickles too.
func wanted(name string) bool {
	switch name {
	case "version", ".data/version", "data.pkl", "constants.pkl":
		return true
	}
	return strings.HasPrefix(name, "data/") || strings.HasPrefix(name, "constants/") || isCode(name)
}

func isCode(name string) bool { return strings.HasPrefix(name, "code/") && path.Ext(name) == ".py" }

// unpack checks all entries and returns those that are wanted.
func (f *File) unpack(file []byte) (*entries, error) {
	content := &entries{byName: map[string][]byte{}}
	packed, room := uint64(len(file)), maxRatio*int64(len(file))+slack
	seen := map[string]bool{}
	for _, header := range f.entries {
		name, inside := strings.CutPrefix(header.Name, f.folder)
		if !inside || strings.HasSuffix(name, "/") {
			continue
		}
		// libtorch looks entries up without regard to case.
		if key := strings.ToLower(name); seen[key] {
			return nil, fmt.Errorf("the archive has %.80q twice; trace the model again", name)
		} else {
			seen[key] = true
		}
		if header.CompressedSize64 > packed {
			return nil, fmt.Errorf("entries of the archive overlap; %s", copyAgain)
		}
		packed -= header.CompressedSize64
		unpacked, err := unpackEntry(file, header, &room)
		if err == nil {
			if sum := crc32.ChecksumIEEE(unpacked); sum != header.CRC32 {
				err = fmt.Errorf("its CRC-32 is %08x, not %08x as the archive says: the file is damaged", sum, header.CRC32)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("entry %.80q: %w; %s", name, err, copyAgain)
		}
		if name == "byteorder" && string(unpacked) != "little" {
			return nil, fmt.Errorf("its numbers have %.10q byte order; trace the model on another machine", unpacked)
		}
		if wanted(name) {
			content.order = append(content.order, entry{name, unpacked, header.CRC32})
			content.byName[name] = unpacked
		}
	}
	return content, nil
}

// unpackEntry returns an entry's bytes: those of the file, unless they are compressed. Of room it
// takes what it unpacks.
func unpackEntry(file []byte, header *zip.File, room *int64) ([]byte, error) {
	if header.Flags&1 != 0 {
		return nil, errors.New("it is encrypted")
	}
	start, err := header.DataOffset()
	if err != nil {
		return nil, err
	}
	if start < 0 || start > int64(len(file)) || header.CompressedSize64 > uint64(int64(len(file))-start) {
		return nil, errors.New("it lies beyond the end of the file")
	}
	packed := file[start:][:header.CompressedSize64]
	switch header.Method {
	case zip.Store:
		if header.UncompressedSize64 != header.CompressedSize64 {
			return nil, fmt.Errorf("it has %d bytes and says that they are %d", len(packed), header.UncompressedSize64)
		}
		return packed, nil
	case zip.Deflate:
		if header.UncompressedSize64 > uint64(*room) {
			return nil, fmt.Errorf("the archive unpacks to more than %d times its size", maxRatio)
		}
		*room -= int64(header.UncompressedSize64)
		return inflate(packed, int64(header.UncompressedSize64))
	}
	return nil, fmt.Errorf("it is compressed by the method %d", header.Method)
}

// inflate unpacks exactly size bytes.
func inflate(packed []byte, size int64) ([]byte, error) {
	r := flate.NewReader(bytes.NewReader(packed))
	var unpacked bytes.Buffer
	unpacked.Grow(int(min(size, 8*int64(len(packed)))) + bytes.MinRead)
	n, err := io.Copy(&unpacked, io.LimitReader(r, size+1))
	if err != nil {
		return nil, err
	}
	if n != size {
		return nil, fmt.Errorf("it does not unpack to the %d bytes that the archive says", size)
	}
	return unpacked.Bytes(), nil
}

// archive packs the entries for libtorch, without copying what is long.
func (c *entries) archive() ([][]byte, error) {
	var out spans
	w := zip.NewWriter(&out)
	for _, e := range c.order {
		size := uint64(len(e.bytes))
		content, err := w.CreateRaw(&zip.FileHeader{
			Name: "model/" + e.name, Method: zip.Store, CRC32: e.crc, CompressedSize64: size, UncompressedSize64: size,
		})
		if err != nil {
			return nil, err
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
		out.shared = e.bytes
		if _, err := content.Write(e.bytes); err != nil {
			return nil, err
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.list, nil
}

// spans keeps what is written to it: a copy, or, of shared, the bytes themselves.
type spans struct {
	list   [][]byte
	shared []byte
}

func (s *spans) Write(p []byte) (int, error) {
	kept := p
	if len(p) > 0 && len(p) == len(s.shared) && &p[0] == &s.shared[0] {
		s.shared = nil
	} else {
		kept = bytes.Clone(p)
	}
	s.list = append(s.list, kept)
	return len(p), nil
}
