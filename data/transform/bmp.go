package transform

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/color"
	"io"

	"golang.org/x/image/bmp"
)

var errBMPTruncated = errors.New("truncated BMP")

// openBMP reads an uncompressed BMP with a Windows header.
func openBMP(file []byte) (Info, picture, error) {
	c, err := bmp.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Info{}, nil, bmpError(err)
	}
	if err := checkSize(c.Width, c.Height); err != nil {
		return Info{}, nil, err
	}
	bits := int(binary.LittleEndian.Uint16(file[28:]))
	if rowBytes := (c.Width*bits + 31) / 32 * 4; rowBytes*c.Height > len(file) {
		return Info{}, nil, errBMPTruncated // before memory is taken for it
	}
	m, err := bmp.Decode(bytes.NewReader(file))
	if err != nil {
		return Info{}, nil, bmpError(err)
	}
	info := Info{Format: "bmp", Mode: bmpMode(file, c.ColorModel), Width: c.Width, Height: c.Height}
	p, err := convert(m, plain)
	return info, p, err
}

func bmpError(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errBMPTruncated
	case errors.Is(err, bmp.ErrUnsupported):
		return errors.New("unsupported kind of BMP (compressed, 16-bit or OS/2): save it as PNG")
	}
	return fmt.Errorf("corrupt BMP: %w", err)
}

// bmpMode is Pillow's mode: black and white, the grey ramp or a palette, and alpha only where the
// header has a mask for it.
func bmpMode(file []byte, model color.Model) string {
	palette, ok := model.(color.Palette)
	if !ok {
		bits, compression := binary.LittleEndian.Uint16(file[28:]), binary.LittleEndian.Uint32(file[30:])
		if bits == 32 && compression == 3 {
			return "RGBA"
		}
		return "RGB"
	}
	mode, step := "L", 1
	if len(palette) == 2 {
		mode, step = "1", 255
	}
	for i, c := range palette {
		if v := uint8(i * step); c != (color.RGBA{v, v, v, 255}) {
			return "P"
		}
	}
	return mode
}
