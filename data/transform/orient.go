package transform

// turn is orient for a picture whose decoder may panic.
func turn(p picture, orientation int, format string) (turned *rgbx, err error) {
	defer recoverTo(&err, format)
	return orient(p, orientation)
}

// orient turns a picture as an orientation of TIFF or EXIF says (2 to 8): where row 0 and column 0
// belong.
func orient(p picture, orientation int) (*rgbx, error) {
	w, h := p.size()
	whole, ok := p.(*rgbx)
	if !ok {
		whole = newRGBX(w, h)
		for y := range h {
			if err := p.row(whole.pix[4*y*w:4*(y+1)*w], y, 0); err != nil {
				return nil, err
			}
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
