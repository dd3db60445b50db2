package transform

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
)

var errWebPTruncated = errors.New("truncated WebP")

// Flags of a VP8X chunk.
const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
)

// openWebP reads a WebP, or the first frame of an animated one on its canvas.
func openWebP(file []byte) (Info, picture, error) {
	size := int(binary.LittleEndian.Uint32(file[4:]))
	if size < 4 || size > len(file)-8 {
		return Info{}, nil, errWebPTruncated
	}
	chunks := file[12 : 8+size]
	name, body, rest, err := webpChunk(chunks)
	if err != nil {
		return Info{}, nil, err
	}
	info := Info{Format: "webp", Mode: "RGB"}
	if name != "VP8X" {
		p, alpha, err := decodeWebP(name, body, checkSize)
		if err != nil {
			return Info{}, nil, err
		}
		info.Width, info.Height = p.size()
		if alpha {
			info.Mode = "RGBA"
		}
		return info, p, nil
	}
	if len(body) < 10 {
		return Info{}, nil, errors.New("corrupt WebP: bad header")
	}
	info.Width, info.Height = 1+int(uint24(body[4:])), 1+int(uint24(body[7:]))
	if err := checkSize(info.Width, info.Height); err != nil {
		return Info{}, nil, err
	}
	if body[0]&webpAlpha != 0 {
		info.Mode = "RGBA"
	}
	var x, y int
	if body[0]&webpAnimated != 0 {
		if x, y, rest, err = webpFrame(rest); err != nil {
			return Info{}, nil, err
		}
	}
	fits := func(w, h int) error {
		if x+w > info.Width || y+h > info.Height || body[0]&webpAnimated == 0 && (w != info.Width || h != info.Height) {
			return errors.New("corrupt WebP: picture and canvas do not fit")
		}
		return nil
	}
	p, err := webpImage(rest, fits)
	if err != nil {
		return Info{}, nil, err
	}
	return info, &canvas{p, x, y, info.Width, info.Height}, nil
}

// canvas is black around a picture at (x, y).
type canvas struct {
	picture
	x, y, width, height int
}

func (c *canvas) size() (int, int) { return c.width, c.height }

func (c *canvas) row(dst []byte, y, x int) error {
	clear(dst)
	w, h := c.picture.size()
	from, to := max(x, c.x), min(x+len(dst)/4, c.x+w)
	if y < c.y || y >= c.y+h || from >= to {
		return nil
	}
	return c.picture.row(dst[4*(from-x):4*(to-x)], y-c.y, from-c.x)
}

// webpChunk splits off the first chunk.
func webpChunk(chunks []byte) (name string, body, rest []byte, err error) {
	if len(chunks) < 8 {
		return "", nil, nil, errors.New("WebP without a picture")
	}
	n := int(binary.LittleEndian.Uint32(chunks[4:]))
	if n > len(chunks)-8 {
		return "", nil, nil, errWebPTruncated
	}
	return string(chunks[:4]), chunks[8 : 8+n], chunks[min(8+n+n&1, len(chunks)):], nil
}

// webpFrame finds the first frame of an animation: its place, and the chunks inside.
func webpFrame(chunks []byte) (x, y int, inside []byte, err error) {
	for {
		name, body, rest, err := webpChunk(chunks)
		if err != nil {
			return 0, 0, nil, err
		}
		if name == "ANMF" && len(body) >= 16 {
			return 2 * uint24(body), 2 * uint24(body[3:]), body[16:], nil
		}
		chunks = rest
	}
}

// webpImage decodes the first chunk that is an image.
func webpImage(chunks []byte, fits func(w, h int) error) (picture, error) {
	for {
		name, body, rest, err := webpChunk(chunks)
		if err != nil {
			return nil, err
		}
		if name == "VP8 " || name == "VP8L" {
			p, _, err := decodeWebP(name, body, fits)
			return p, err
		}
		chunks = rest
	}
}

// decodeWebP decodes an image chunk if its size fits. alpha is what a lossless image says of itself.
func decodeWebP(name string, body []byte, fits func(w, h int) error) (p picture, alpha bool, err error) {
	switch name {
	case "VP8 ":
		d := vp8.NewDecoder()
		d.Init(bytes.NewReader(body), len(body))
		h, err := d.DecodeFrameHeader()
		if err != nil {
			return nil, false, webpError(err)
		}
		if err := fits(h.Width, h.Height); err != nil {
			return nil, false, err
		}
		m, err := d.DecodeFrame()
		if err != nil {
			return nil, false, webpError(err)
		}
		return newYUV(m), false, nil
	case "VP8L":
		c, err := vp8l.DecodeConfig(bytes.NewReader(body))
		if err != nil {
			return nil, false, webpError(err)
		}
		if err := fits(c.Width, c.Height); err != nil {
			return nil, false, err
		}
		m, err := vp8l.Decode(bytes.NewReader(body))
		if err != nil {
			return nil, false, webpError(err)
		}
		p, err := convert(m, plain)
		return p, body[4]&0x10 != 0, err
	}
	return nil, false, fmt.Errorf("corrupt WebP: starts with chunk %q", name)
}

func webpError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errWebPTruncated
	}
	return fmt.Errorf("corrupt WebP: %w", err)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
