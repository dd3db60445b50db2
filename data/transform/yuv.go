package transform

import "image"

// yuv is a lossy WebP picture. Its conversion to RGB is libwebp's to the bit: chroma is interpolated
// from the four nearest samples, and the arithmetic is in fixed point.
type yuv struct {
	*image.YCbCr // 4:2:0, begins at (0, 0)
}

func newYUV(m *image.YCbCr) picture { return yuv{m} }

func (p yuv) size() (int, int) { return p.Rect.Dx(), p.Rect.Dy() }

func (p yuv) finish() error { return nil }

func (p yuv) row(dst []byte, y, x int) error {
	w, h := p.size()
	// Chroma rows: the nearest and the one on the other side of the luma row, mirrored at the borders.
	near, far := y/2, y/2-1+y%2*2
	if far < 0 || far > (h-1)/2 {
		far = near
	}
	luma := p.Y[y*p.YStride:]
	nearU, farU := p.Cb[near*p.CStride:], p.Cb[far*p.CStride:]
	nearV, farV := p.Cr[near*p.CStride:], p.Cr[far*p.CStride:]
	for i := range len(dst) / 4 {
		column := x + i
		c, side := column/2, column/2-1+column%2*2
		var u, v int
		if column == 0 || side > (w-1)/2 {
			u, v = between(nearU[c], farU[c]), between(nearV[c], farV[c])
		} else {
			u = amid(nearU[c], nearU[side], farU[c], farU[side])
			v = amid(nearV[c], nearV[side], farV[c], farV[side])
		}
		putYUV(dst[4*i:4*i+4], int(luma[column]), u, v)
	}
	return nil
}

// between interpolates at the left and right border: 3 to 1 of the nearest sample and the vertical
// neighbour.
func between(nearest, vertical uint8) int { return (3*int(nearest) + int(vertical) + 2) >> 2 }

// amid interpolates 9 to 3 to 3 to 1, in libwebp's two steps of rounding.
func amid(nearest, horizontal, vertical, diagonal uint8) int {
	n, h, v, d := int(nearest), int(horizontal), int(vertical), int(diagonal)
	return (n + (n+3*h+3*v+d+8)>>3) >> 1
}

// putYUV converts one pixel from the limited range of BT.601: products keep 6 fractional bits.
func putYUV(dst []byte, y, u, v int) {
	scaled := y * 19077 >> 8
	dst[0] = clip6(scaled + v*26149>>8 - 14234)
	dst[1] = clip6(scaled - u*6419>>8 - v*13320>>8 + 8708)
	dst[2] = clip6(scaled + u*33050>>8 - 17685)
}

func clip6(v int) byte { return byte(max(0, min(v>>6, 255))) }
