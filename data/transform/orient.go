package transform

// orient turns a picture as TIFF's orientation tag says (2 to 8): where row 0 and column 0 belong.
func orient(p picture, orientation int) (picture, error) {
	w, h := p.size()
	whole := newRGBX(w, h)
	for y := range h {
		if err := p.row(whole.pix[4*y*w:4*(y+1)*w], y, 0); err != nil {
			return nil, err
		}
	}
	turned := newRGBX(w, h)
	if orientation >= 5 {
		turned.width, turned.height = h, w
	}
	for y := range turned.height {
		for x := range turned.width {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(turned.pixel(x, y), whole.pixel(sx, sy))
		}
	}
	return turned, p.finish()
}
