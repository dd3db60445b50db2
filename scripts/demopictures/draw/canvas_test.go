package draw

import (
	"image"
	"image/color"
	"math"
	"testing"
)

// contrast is the standard deviation of the grey levels.
func contrast(m image.Image) float64 {
	var sum, squares, n float64
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			v := float64(color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y)
			sum, squares, n = sum+v, squares+v*v, n+1
		}
	}
	return math.Sqrt(squares/n - sum*sum/(n*n))
}

func TestPixelUndoesPoint(t *testing.T) {
	c := newCanvas(300, 240, .7, -.4)
	for _, at := range [][2]int{{0, 0}, {299, 0}, {0, 239}, {299, 239}, {150, 120}, {17, 201}} {
		x, y := c.point(at[0], at[1])
		if i, j := c.pixel(x, y); math.Abs(i-float64(at[0])) > 1e-9 || math.Abs(j-float64(at[1])) > 1e-9 {
			t.Errorf("pixel (%d, %d) shows (%g, %g), which lies at pixel (%g, %g)", at[0], at[1], x, y, i, j)
		}
	}
}

func TestShapeCoversItsArea(t *testing.T) {
	c := newCanvas(200, 100, 0, 0)
	disc := func(dx, dy float64) float64 { return math.Sqrt(dx*dx+dy*dy) - .3 }
	c.shape(.1, -.05, .3+c.px, disc, func(_, _, _ float64) rgb { return rgb{1, 1, 1} })
	var covered float64
	for _, p := range c.pix {
		covered += p.g * c.px * c.px
	}
	// Edges blended over a pixel keep the area of pi r^2 to a few thousandths at this size.
	if want := math.Pi * .3 * .3; math.Abs(covered-want) > .005*want {
		t.Errorf("a disc of area %.4f covers %.4f", want, covered)
	}
}

func TestShapeOutsideThePictureIsCutOff(t *testing.T) {
	c := newCanvas(40, 30, 1, .3)
	everywhere := func(_, _ float64) float64 { return -1 }
	white := func(_, _, _ float64) rgb { return rgb{1, 1, 1} }
	c.shape(-1.3, 1.2, .1, everywhere, white)
	for _, p := range c.pix {
		if p != (rgb{}) {
			t.Fatal("a shape beside the picture changed it")
		}
	}
	c.shape(0, 0, 1.5, everywhere, white)
	for k, p := range c.pix {
		if p != (rgb{1, 1, 1}) {
			t.Fatalf("pixel %d is %v under a shape larger than the picture", k, p)
		}
	}
}

func TestHSV(t *testing.T) {
	tests := []struct {
		name    string
		h, s, v float64
		want    rgb
	}{
		{"hue 0 is red", 0, 1, 1, rgb{1, 0, 0}},
		{"hue 1/3 is green", 1. / 3, 1, 1, rgb{0, 1, 0}},
		{"hue wraps below 0", -1. / 3, 1, 1, rgb{0, 0, 1}},
		{"no saturation is grey", .4, 0, .5, rgb{.5, .5, .5}},
		{"half saturation fades to white", 1. / 2, .5, 1, rgb{.5, 1, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := hsv(tt.h, tt.s, tt.v)
			if math.Abs(got.r-tt.want.r)+math.Abs(got.g-tt.want.g)+math.Abs(got.b-tt.want.b) > 1e-9 {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
