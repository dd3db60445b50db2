package transform

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/tiff"
)

// Tags of a TIFF directory that decide how its first picture is read.
const (
	tiffBits         = 258
	tiffCompression  = 259
	tiffPhotometric  = 262
	tiffFillOrder    = 266
	tiffOrientation  = 274
	tiffSamples      = 277
	tiffPlanar       = 284
	tiffExtraSamples = 338
)

// openTIFF reads the first picture of a TIFF. Unlike EXIF in a JPEG, Pillow follows the orientation
// of a TIFF.
func openTIFF(file []byte) (Info, picture, error) {
	c, err := tiff.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Info{}, nil, tiffError(err)
	}
	if err := checkSize(c.Width, c.Height); err != nil {
		return Info{}, nil, err
	}
	tags := tiffTags(file)
	if tags[tiffPlanar] == 2 && tags[tiffSamples] > 1 {
		return Info{}, nil, errors.New("unsupported TIFF: samples in separate planes: save it as PNG")
	}
	fax := tags[tiffCompression] == 3 || tags[tiffCompression] == 4
	if tags[tiffFillOrder] == 2 && !fax {
		return Info{}, nil, errors.New("unsupported TIFF: bits in reverse order: save it as PNG")
	}
	m, err := tiff.Decode(bytes.NewReader(file))
	if err != nil {
		return Info{}, nil, tiffError(err)
	}
	info := Info{Format: "tiff", Mode: tiffMode(file, m, tags), Width: c.Width, Height: c.Height}
	s := plain
	switch {
	case info.Mode[0] == 'I' && tags[tiffPhotometric] == 0, fax && tags[tiffPhotometric] == 1:
		s = inverted
	case tags[tiffExtraSamples] == 1:
		s = premultiplied
	}
	p, err := convert(m, s)
	if err != nil {
		return Info{}, nil, err
	}
	if o := tags[tiffOrientation]; o >= 2 && o <= 8 {
		p, err = orient(p, o)
	}
	return info, p, err
}

func tiffError(err error) error {
	var unsupported tiff.UnsupportedError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("truncated TIFF")
	case errors.As(err, &unsupported):
		return fmt.Errorf("unsupported TIFF: %s: save it as PNG", string(unsupported))
	}
	return fmt.Errorf("corrupt TIFF: %w", err)
}

// tiffMode is Pillow's mode.
func tiffMode(file []byte, m image.Image, tags map[uint16]int) string {
	switch m.(type) {
	case *image.Gray:
		if bits, ok := tags[tiffBits]; !ok || bits == 1 {
			return "1"
		}
		return "L"
	case *image.Gray16:
		if file[0] == 'M' {
			return "I;16B"
		}
		return "I;16"
	case *image.Paletted:
		return "P"
	}
	if tags[tiffSamples] == 4 {
		return "RGBA"
	}
	return "RGB"
}

// tiffTags reads the tags of the first directory that hold one number. The decoder has accepted the
// directory.
func tiffTags(file []byte) map[uint16]int {
	var order binary.ByteOrder = binary.LittleEndian
	if file[0] == 'M' {
		order = binary.BigEndian
	}
	const entry = 12 // bytes: tag, type, count, value
	directory := file[order.Uint32(file[4:]):]
	entries := directory[2:][:entry*int(order.Uint16(directory))]
	tags := make(map[uint16]int)
	for ; len(entries) > 0; entries = entries[entry:] {
		tag, kind, count, value := order.Uint16(entries), order.Uint16(entries[2:]), order.Uint32(entries[4:]), entries[8:]
		switch {
		case count != 1:
		case kind == 3: // 16 bits
			tags[tag] = int(order.Uint16(value))
		case kind == 4: // 32 bits
			tags[tag] = int(order.Uint32(value))
		}
	}
	return tags
}
