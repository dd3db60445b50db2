package transform

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Spec says how a picture becomes the tensor that a model takes. The names are those of timm's data configuration.
type Spec struct {
	Height, Width int        // of the crop, in pixels; equal
	Interpolation string     // "bicubic" or "bilinear"
	Mean, Std     [3]float64 // per channel, of values between 0 and 1; package encoder applies them
	CropPct       float64    // share of the resized shorter side that the crop keeps
	CropMode      string     // "center"
}

// maxSide bounds the crop and the resized shorter side, far beyond any model's.
const maxSide = 8192

// Validate says what of the Spec is unsupported.
func (s Spec) Validate() error {
	switch {
	case s.Height != s.Width:
		return fmt.Errorf("transform: crop of %dx%d pixels: only square crops are supported", s.Height, s.Width)
	case s.Height < 1 || s.Height > maxSide:
		return fmt.Errorf("transform: crop of %d pixels: want 1 to %d", s.Height, maxSide)
	case s.Interpolation != "bicubic" && s.Interpolation != "bilinear":
		return fmt.Errorf("transform: interpolation %q: only bicubic and bilinear are supported", s.Interpolation)
	case s.CropMode != "center":
		return fmt.Errorf("transform: crop mode %q: only center is supported", s.CropMode)
	case !(s.CropPct > 0) || math.IsInf(s.CropPct, 0):
		return fmt.Errorf("transform: crop_pct %v: want a positive number", s.CropPct)
	case s.shorter() < 1 || s.shorter() > maxSide:
		return fmt.Errorf("transform: crop_pct %v resizes the shorter side to %.0f pixels: want 1 to %d", s.CropPct, s.shorter(), maxSide)
	}
	for c := range 3 {
		mean, std := float64(float32(s.Mean[c])), float64(float32(s.Std[c]))
		if math.IsNaN(mean) || math.IsInf(mean, 0) {
			return fmt.Errorf("transform: mean %v of channel %d: want a finite number", s.Mean[c], c)
		}
		if !(std > 0) || math.IsInf(std, 0) {
			return fmt.Errorf("transform: std %v of channel %d: want a positive number", s.Std[c], c)
		}
	}
	return nil
}

// String names the transform in one line. Two Specs have the same string exactly when they make the
// same tensor of every picture: crop_pct counts only through the size it resizes to, mean and std as
// float32.
func (s Spec) String() string {
	numbers := func(v [3]float64) string {
		var words [3]string
		for c, x := range v {
			words[c] = strconv.FormatFloat(float64(float32(x))+0, 'g', -1, 32) // +0 makes -0 0
		}
		return strings.Join(words[:], ",")
	}
	return fmt.Sprintf("resize=%.0f %s; crop=%dx%d %s; mean=%s; std=%s",
		s.shorter(), s.Interpolation, s.Height, s.Width, s.CropMode, numbers(s.Mean), numbers(s.Std))
}

// shorter is the size in pixels that the shorter side is resized to.
func (s Spec) shorter() float64 { return math.Floor(float64(s.Height) / s.CropPct) }

// side is how one side of a picture is resized and cropped, in pixels.
type side struct {
	in, out    int // before and after the resize
	crop, kept int // the first output that the crop keeps, and how many
	pad, size  int // empty pixels before those, and the side of the finished crop
}

// layout is how a picture is resized and cropped.
type layout struct {
	short   int // the shorter side after the resize, in pixels
	crop    int // the side of the crop
	bicubic bool
}

func (s Spec) layout() layout {
	return layout{int(s.shorter()), s.Height, s.Interpolation == "bicubic"}
}

// sides lays out a picture of w by h pixels.
func (l layout) sides(w, h int) (columns, rows side) {
	outW, outH := l.short, l.short
	if w <= h {
		outH = int(float64(l.short*h) / float64(w))
	} else {
		outW = int(float64(l.short*w) / float64(h))
	}
	return newSide(w, outW, l.crop), newSide(h, outH, l.crop)
}

func newSide(in, out, size int) side {
	if out < size {
		return side{in: in, out: out, kept: out, pad: (size - out) / 2, size: size}
	}
	return side{in: in, out: out, kept: size, crop: int(math.RoundToEven(float64(out-size) / 2)), size: size}
}
