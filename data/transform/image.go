package transform

// #cgo noescape vs_jpeg_whole
// #cgo nocallback vs_jpeg_whole
// #include "jpeg.h"
import "C"

import (
	"errors"
	"fmt"
	"image"
	"unsafe"
)

// DecodeThumbnail decodes a picture that is to be shown to people, at a size of at most side by
// side pixels: in RGB and opaque, turned as its EXIF data say. It refuses the files that a
// [Decoder] refuses, with the same errors. It reduces the picture while decoding, by the 2, 4 or 8
// that leaves the longer side no shorter than that, which for a JPEG saves most of the work. What
// remains is to resize it.
func DecodeThumbnail(file []byte, side int) (*image.RGBA, error) {
	m, info, err := decodeImage(file, func(width, height int) int {
		scale := 8
		for scale > 1 && max(width, height)/scale < side {
			scale /= 2
		}
		return scale
	})
	if err != nil || info.Orientation == upright {
		return m, err
	}
	p, err := orient(&rgbx{m.Rect.Dx(), m.Rect.Dy(), m.Pix}, info.Orientation)
	if err != nil {
		return nil, err
	}
	return p.image(), nil
}

// decodeImage decodes a picture, reduced by what scale makes of its size: 1, 2, 4 or 8.
func decodeImage(file []byte, scale func(width, height int) int) (*image.RGBA, Info, error) {
	f := format(file)
	switch {
	case len(file) == 0:
		return nil, Info{}, errors.New("empty file")
	case f == "jpeg":
		m, err := jpegImage(file, scale)
		return m, Info{Orientation: orientation(f, file)}, err
	}
	info, p, err := open(f, file)
	if err != nil {
		return nil, Info{}, err
	}
	defer release(p)
	m, err := pictureImage(p, f, scale)
	return m, info, err
}

func jpegImage(file []byte, scale func(width, height int) int) (*image.RGBA, error) {
	c := core{jpeg: C.vs_jpeg_new()}
	if c.jpeg == nil {
		return nil, errNoMemory
	}
	defer c.free()
	width, height, components, err := c.openJPEG(file)
	if err != nil {
		return nil, err
	}
	if components != 1 && components != 3 && components != 4 {
		return nil, fmt.Errorf("unsupported JPEG of %d components", components)
	}
	if err := checkSize(width, height); err != nil {
		return nil, err
	}
	by := scale(width, height)
	m := image.NewRGBA(image.Rect(0, 0, (width+by-1)/by, (height+by-1)/by))
	data, pixels := (*C.uint8_t)(unsafe.SliceData(file)), (*C.uint8_t)(unsafe.SliceData(m.Pix))
	if status := C.vs_jpeg_whole(c.jpeg, data, C.size_t(len(file)), C.int(by), pixels); status != C.VS_JPEG_OK {
		return nil, c.jpegError(status)
	}
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	return m, nil
}

// pictureImage reads all rows. A pixel is the mean of the pixels that it covers.
func pictureImage(p picture, format string, scale func(width, height int) int) (_ *image.RGBA, err error) {
	defer recoverTo(&err, format)
	width, height := p.size()
	if err := checkSize(width, height); err != nil {
		return nil, err
	}
	by := scale(width, height)
	m := image.NewRGBA(image.Rect(0, 0, (width+by-1)/by, (height+by-1)/by))
	row := make([]byte, 4*width)
	sums := make([]int, 4*m.Rect.Dx())
	for y := range height {
		if err := p.row(row, y, 0); err != nil {
			return nil, err
		}
		for x := range width {
			sum := sums[4*(x/by):][:3]
			for c, v := range row[4*x : 4*x+3] {
				sum[c] += int(v)
			}
		}
		if rows := y%by + 1; rows == by || y == height-1 {
			line := m.Pix[y/by*m.Stride:][:len(sums)]
			for x := range m.Rect.Dx() {
				n := rows * min(by, width-by*x)
				for c := range 3 {
					line[4*x+c] = byte((sums[4*x+c] + n/2) / n)
				}
				line[4*x+3] = 255
			}
			clear(sums)
		}
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return m, nil
}
