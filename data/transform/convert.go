package transform

import (
	"encoding/binary"
	"fmt"
	"image"
)

// How the samples of an image are to be taken.
type samples int

const (
	plain         samples = iota
	inverted              // grey that the decoder has turned round, where Pillow takes it as it stands
	premultiplied         // colours are already multiplied by alpha, which Pillow undoes
)

// converted is an image of Go's packages, read as Pillow's convert("RGB") reads it.
type converted struct {
	image.Image
	write func(dst []byte, y, x int) // as picture's row
}

func (c *converted) size() (int, int) {
	b := c.Bounds()
	return b.Dx(), b.Dy()
}

func (c *converted) row(dst []byte, y, x int) error {
	c.write(dst, y, x)
	return nil
}

func (c *converted) finish() error { return nil }

// convert makes rows of the kinds of images that the bmp, tiff and vp8l packages decode to; all of
// them begin at (0, 0). Of samples of 16 bits the high byte counts, except for grey, which is clipped.
func convert(m image.Image, s samples) (picture, error) {
	c := &converted{Image: m}
	var flip uint16
	if s == inverted {
		flip = 0xffff
	}
	switch m := m.(type) {
	case *image.Gray:
		c.write = func(dst []byte, y, x int) {
			for i, v := range m.Pix[y*m.Stride+x:][:len(dst)/4] {
				setGrey(dst[4*i:], v^byte(flip))
			}
		}
	case *image.Gray16:
		c.write = func(dst []byte, y, x int) {
			for i := range len(dst) / 4 {
				v := binary.BigEndian.Uint16(m.Pix[y*m.Stride+2*(x+i):]) ^ flip
				setGrey(dst[4*i:], byte(min(v, 255)))
			}
		}
	case *image.Paletted:
		var palette [256][3]byte
		for i, colour := range m.Palette {
			r, g, b, _ := colour.RGBA()
			palette[i] = [3]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)}
		}
		c.write = func(dst []byte, y, x int) {
			for i, v := range m.Pix[y*m.Stride+x:][:len(dst)/4] {
				copy(dst[4*i:], palette[v][:])
			}
		}
	case *image.RGBA:
		c.write = samplesOf(m.Pix, m.Stride, 1, s)
	case *image.NRGBA:
		c.write = samplesOf(m.Pix, m.Stride, 1, s)
	case *image.RGBA64:
		c.write = samplesOf(m.Pix, m.Stride, 2, s)
	case *image.NRGBA64:
		c.write = samplesOf(m.Pix, m.Stride, 2, s)
	default:
		return nil, fmt.Errorf("unsupported kind of pixels (%T)", m)
	}
	return c, nil
}

// samplesOf reads 4 samples a pixel, each of so many bytes, the high one first.
func samplesOf(pix []byte, stride, bytes int, s samples) func(dst []byte, y, x int) {
	return func(dst []byte, y, x int) {
		row := pix[y*stride+4*bytes*x:]
		if bytes == 1 {
			copy(dst, row)
		} else {
			for i := range dst {
				dst[i] = row[bytes*i]
			}
		}
		if s == premultiplied {
			for i := 0; i < len(dst); i += 4 {
				divideByAlpha(dst[i : i+4])
			}
		}
	}
}

// divideByAlpha undoes the multiplication of a pixel by its alpha, in Pillow's arithmetic.
func divideByAlpha(p []byte) {
	for i := range 3 {
		if p[3] == 0 {
			p[i] = 0
		} else {
			p[i] = byte(min(int(p[i])*255/int(p[3]), 255))
		}
	}
}
