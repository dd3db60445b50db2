package transform

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Spec says how a picture becomes the tensor that a model takes. The names are those of timm's data
// configuration.
type Spec struct {
	Height, Width int        // of the crop, in pixels
	Interpolation string     // "nearest", "box", "bilinear", "hamming", "bicubic" or "lanczos"
	Mean, Std     [3]float64 // per channel, of values between 0 and 1; package encoder applies them
	CropPct       float64    // share of the resized picture's side that the crop keeps
	CropMode      string     // "center", "squash" or "border"
	ExifRotate    bool       // turn pictures as their EXIF data say; timm does not
}

// maxSide bounds the sides of the crop and of the box that a picture is resized to, far beyond any
// model's.
const maxSide = 8192

// maxShift bounds mean and std. Those of values between 0 and 1 stay below it, those of values
// between 0 and 255 do not.
const maxShift = 2

// Validate says what of the Spec is unsupported.
func (s Spec) Validate() error {
	switch {
	case min(s.Height, s.Width) < 1 || max(s.Height, s.Width) > maxSide:
		return fmt.Errorf("transform: crop of %dx%d pixels: want sides of 1 to %d", s.Height, s.Width, maxSide)
	case !slices.Contains(filterNames, s.Interpolation):
		return fmt.Errorf("transform: interpolation %q: want %s", s.Interpolation, oneOf(filterNames))
	case !slices.Contains(cropModeNames, s.CropMode):
		return fmt.Errorf("transform: crop mode %q: want %s", s.CropMode, oneOf(cropModeNames))
	case !(s.CropPct > 0) || math.IsInf(s.CropPct, 0):
		return fmt.Errorf("transform: crop_pct %v: want a positive number", s.CropPct)
	}
	for _, side := range []int{s.Height, s.Width} {
		if resized := s.resized(side); resized < 1 || resized > maxSide {
			return fmt.Errorf("transform: crop_pct %v resizes a side to %.0f pixels: want 1 to %d", s.CropPct, resized, maxSide)
		}
	}
	return s.validateShift()
}

func (s Spec) validateShift() error {
	for c := range 3 {
		mean, std := float64(float32(s.Mean[c])), float64(float32(s.Std[c]))
		if math.IsNaN(mean) || math.IsInf(mean, 0) {
			return fmt.Errorf("transform: mean %v of channel %d: want a finite number", s.Mean[c], c)
		}
		if !(std > 0) || math.IsInf(std, 0) {
			return fmt.Errorf("transform: std %v of channel %d: want a positive number", s.Std[c], c)
		}
	}
	for c := range 3 {
		if math.Abs(s.Mean[c]) > maxShift || s.Std[c] > maxShift {
			return fmt.Errorf("transform: mean %v and std %v of channel %d are not of values from 0 to 1; "+
				"if they are of values from 0 to 255, divide both by 255", s.Mean[c], s.Std[c], c)
		}
	}
	return nil
}

// oneOf lists names for an error message.
func oneOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// exifRotation stands at the end of the string of a Spec with ExifRotate.
const exifRotation = "; rotated by EXIF"

// String names the transform in one line. Two Specs have the same string exactly when they make the
// same tensor of every picture: crop_pct counts only through the size it resizes to, mean and std
// as float32, and the mean once more where it colours the border.
func (s Spec) String() string {
	numbers := func(v [3]float64) string {
		var words [3]string
		for c, x := range v {
			words[c] = strconv.FormatFloat(float64(float32(x))+0, 'g', -1, 32) // +0 makes -0 0
		}
		return strings.Join(words[:], ",")
	}
	l := s.layout()
	resize := fmt.Sprintf("%dx%d", l.boxHeight, l.boxWidth)
	if l.mode == cropCenter && l.boxHeight == l.boxWidth {
		resize = strconv.Itoa(l.boxHeight)
	}
	crop := s.CropMode
	if l.mode == cropBorder {
		crop += fmt.Sprintf(" of %d,%d,%d", l.fill[0], l.fill[1], l.fill[2])
	}
	rotate := ""
	if s.ExifRotate {
		rotate = exifRotation
	}
	return fmt.Sprintf("resize=%s %s; crop=%dx%d %s; mean=%s; std=%s%s",
		resize, filterNames[l.filter], s.Height, s.Width, crop, numbers(s.Mean), numbers(s.Std), rotate)
}

// resized is the size in pixels that a side is resized to, of which the crop keeps `side` pixels.
func (s Spec) resized(side int) float64 { return math.Floor(float64(side) / s.CropPct) }
