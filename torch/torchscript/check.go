package torchscript

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"strings"
)

// Model is a file that has been checked.
type Model struct {
	// Spans, one after the other, are an archive for libtorch. Where the file's own bytes would do
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
	room := maxRatio*int64(len(file)) + slack
	byteOrder := "little" // in files of old versions, which do not say it
	err := f.each(int64(len(file)), func(name string, header *zip.File, start int64) error {
		unpacked, err := unpackEntry(file[start:][:header.CompressedSize64], header, &room)
		if err != nil {
			return err
		}
		if err := checkSum(crc32.ChecksumIEEE(unpacked), header); err != nil {
			return err
		}
		if wanted(name) {
			content.order = append(content.order, entry{name, unpacked, header.CRC32})
			content.byName[name] = unpacked
		} else if name == "byteorder" {
			byteOrder = string(unpacked)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if byteOrder != "little" {
		return nil, fmt.Errorf("its numbers have %.10q byte order; trace the model on another machine", byteOrder)
	}
	return content, nil
}

// unpackEntry returns an entry's bytes: the packed ones, unless they are compressed. Of room it
// takes what it unpacks.
func unpackEntry(packed []byte, header *zip.File, room *int64) ([]byte, error) {
	if header.Method == zip.Store {
		return packed, nil
	}
	if err := takeRoom(header, room); err != nil {
		return nil, err
	}
	return inflate(packed, header)
}

// inflate unpacks exactly the bytes that the directory says.
func inflate(packed []byte, header *zip.File) ([]byte, error) {
	size := int64(header.UncompressedSize64)
	var unpacked bytes.Buffer
	unpacked.Grow(int(min(size, 8*int64(len(packed)))) + bytes.MinRead)
	// One byte more tells that it is too long.
	n, err := io.Copy(&unpacked, io.LimitReader(flate.NewReader(bytes.NewReader(packed)), size+1))
	if err != nil {
		return nil, err
	}
	return unpacked.Bytes(), checkSize(n, header)
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
