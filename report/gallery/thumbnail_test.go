package gallery

import (
	"image"
	"image/color"
	"testing"
)

func TestThumbnail(t *testing.T) {
	tests := []struct {
		name                   string
		w, h, maxW, maxH, x, y int
	}{
		{"a wide picture fills the width", 400, 200, 100, 100, 100, 50},
		{"a tall picture fills the height", 200, 400, 100, 100, 50, 100},
		{"a box that is not square", 400, 200, 100, 20, 40, 20},
		{"a small picture is enlarged", 10, 5, 100, 100, 100, 50},
		{"one pixel", 1, 1, 100, 60, 60, 60},
		{"a needle keeps a pixel", 5000, 2, 100, 100, 100, 1},
		{"the size of the box", 100, 100, 100, 100, 100, 100},
		{"a picture without pixels", 0, 7, 100, 100, 0, 0},
		{"a box without pixels", 7, 7, 0, 100, 0, 0},
	}
	grey := color.RGBA{90, 120, 200, 255}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := Thumbnail(plain(test.w, test.h, grey), test.maxW, test.maxH)
			if got := m.Bounds().Size(); got != image.Pt(test.x, test.y) {
				t.Fatalf("size %v, want %dx%d", got, test.x, test.y)
			}
			for y := range test.y {
				for x := range test.x {
					if got := m.At(x, y); got != grey {
						t.Fatalf("pixel (%d, %d) is %v, want %v", x, y, got, grey)
					}
				}
			}
		})
	}
}
