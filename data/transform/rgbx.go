package transform

import "image"

// rgbx is a whole picture in memory, 4 bytes a pixel.
type rgbx struct {
	width, height int
	pix           []byte
}

func newRGBX(width, height int) *rgbx {
	return &rgbx{width, height, make([]byte, 4*width*height)}
}

func (p *rgbx) pixel(x, y int) []byte {
	i := 4 * (y*p.width + x)
	return p.pix[i : i+4 : i+4]
}

// image shares the picture's memory, of which each fourth byte must be 255.
func (p *rgbx) image() *image.RGBA {
	return &image.RGBA{Pix: p.pix, Stride: 4 * p.width, Rect: image.Rect(0, 0, p.width, p.height)}
}

func (p *rgbx) size() (int, int) { return p.width, p.height }

func (p *rgbx) row(dst []byte, y, x int) error {
	copy(dst, p.pix[4*(y*p.width+x):])
	return nil
}

func (p *rgbx) finish() error { return nil }
