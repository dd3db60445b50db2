package transform

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

func (p *rgbx) size() (int, int) { return p.width, p.height }

func (p *rgbx) row(dst []byte, y, x int) error {
	copy(dst, p.pix[4*(y*p.width+x):])
	return nil
}

func (p *rgbx) finish() error { return nil }
