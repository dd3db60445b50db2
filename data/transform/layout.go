package transform

import (
	"fmt"
	"math"
	"slices"
)

// filter is how pixels are weighed in a resize. C knows the numbers.
type filter int

const filterBilinear, filterBicubic filter = 2, 4

var filterNames = []string{"nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"}

// cropMode is how a picture is fitted to the box that it is resized to.
type cropMode int

const (
	cropCenter cropMode = iota // it covers the box, and what sticks out is cropped
	cropSquash                 // its sides become the box's, whatever they were
	cropBorder                 // it fits into the box, and a border fills what the crop has beyond it
)

var cropModeNames = []string{"center", "squash", "border"}

// layout is how pictures are resized and cropped.
type layout struct {
	mode                  cropMode
	filter                filter
	boxHeight, boxWidth   int
	cropHeight, cropWidth int
	fill                  [3]uint8 // colour of what the crop has beyond the picture
}

func (s Spec) layout() layout {
	l := s.layoutWithin(int(s.resized(s.Height)), int(s.resized(s.Width)), filter(slices.Index(filterNames, s.Interpolation)))
	if l.mode == cropCenter && l.boxHeight != l.boxWidth {
		l.filter = filterBilinear // timm forgets the interpolation here
	}
	return l
}

// layoutWithin is the layout for another box and filter.
func (s Spec) layoutWithin(boxHeight, boxWidth int, f filter) layout {
	l := layout{
		mode: cropMode(slices.Index(cropModeNames, s.CropMode)), filter: f,
		boxHeight: boxHeight, boxWidth: boxWidth, cropHeight: s.Height, cropWidth: s.Width,
	}
	if l.mode == cropBorder {
		for c, mean := range s.Mean {
			l.fill[c] = uint8(min(max(math.RoundToEven(255*mean), 0), 255))
		}
	}
	return l
}

// side is how one side of a picture is resized and cropped, in pixels.
type side struct {
	in, out    int // before and after the resize
	crop, kept int // the first output that the crop keeps, and how many
	pad, size  int // empty pixels before those, and the side of the finished crop
}

// Pillow makes no picture with a longer side.
const maxResized = math.MaxInt32/4 - 1

// maxSquashed bounds the side that is squashed: all of it is weighed for few pixels, so that memory
// grows with it.
const maxSquashed = 1 << 20

// sides lays out a picture of w by h pixels.
func (l layout) sides(w, h int) (columns, rows side, err error) {
	outW, outH := l.resized(w, h)
	switch {
	case outW < 1 || outH < 1:
		err = fmt.Errorf("picture of %dx%d pixels would be resized to %.0fx%.0f", w, h, outW, outH)
	case max(outW, outH) > maxResized:
		err = fmt.Errorf("picture of %dx%d pixels would be resized to %.0fx%.0f, which is too long", w, h, outW, outH)
	case l.mode == cropSquash && max(w, h) > maxSquashed:
		err = fmt.Errorf("picture of %dx%d pixels is too long to squash: want sides of at most %d", w, h, maxSquashed)
	}
	if err != nil {
		return side{}, side{}, err
	}
	return newSide(w, int(outW), l.cropWidth), newSide(h, int(outH), l.cropHeight), nil
}

// resized is the size after the resize, as torchvision computes it, and timm's ResizeKeepRatio for
// boxes that are not square and for borders.
func (l layout) resized(w, h int) (outW, outH float64) {
	boxW, boxH := float64(l.boxWidth), float64(l.boxHeight)
	byW, byH := float64(w)/boxW, float64(h)/boxH
	keepRatio := func(ratio float64) (outW, outH float64) {
		return math.RoundToEven(float64(w) / ratio), math.RoundToEven(float64(h) / ratio)
	}
	switch {
	case l.mode == cropSquash:
		return boxW, boxH
	case l.mode == cropBorder:
		return keepRatio(max(byW, byH))
	case boxW != boxH:
		return keepRatio(min(byW, byH))
	case w <= h:
		return boxW, math.Trunc(float64(l.boxHeight*h) / float64(w))
	}
	return math.Trunc(float64(l.boxWidth*w) / float64(h)), boxH
}

func newSide(in, out, size int) side {
	if out < size {
		return side{in: in, out: out, kept: out, pad: (size - out) / 2, size: size}
	}
	return side{in: in, out: out, kept: size, crop: int(math.RoundToEven(float64(out-size) / 2)), size: size}
}
