package main

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

// first draws the first pictures of every class.
func first(count int, seed uint64) (pictures []*image.RGBA) {
	for class := range classes {
		for index := range count {
			pictures = append(pictures, picture(class, index, seed))
		}
	}
	return pictures
}

func TestClassesAreADozenSortedNames(t *testing.T) {
	var names []string
	for _, c := range classes {
		names = append(names, c.name)
	}
	if len(names) != 12 || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("classes are not 12, not sorted or not unique: %v", names)
	}
}

func TestASeedAlwaysGivesTheSamePictures(t *testing.T) {
	one, two := first(1, 7), first(1, 7)
	for k := range one {
		if !bytes.Equal(one[k].Pix, two[k].Pix) {
			t.Errorf("two drawings of %s differ", classes[k].name)
		}
	}
}

func TestPicturesDiffer(t *testing.T) {
	seen := map[string]bool{}
	pictures := slices.Concat(first(2, 1), first(2, 2))
	for _, m := range pictures {
		seen[string(m.Pix)] = true
	}
	if len(seen) != len(pictures) {
		t.Errorf("%d different pictures among %d of two seeds", len(seen), len(pictures))
	}
}

func TestSizesVaryWithinTheirLimits(t *testing.T) {
	sizes := map[image.Point]bool{}
	upright, lying := 0, 0
	pictures := first(2, 1)
	for _, m := range pictures {
		size := m.Rect.Size()
		if min(size.X, size.Y) < 200 || max(size.X, size.Y) > 450 {
			t.Errorf("a picture has %v pixels, want sides of 200 to 450", size)
		}
		sizes[size] = true
		switch {
		case size.X < size.Y:
			upright++
		case size.X > size.Y:
			lying++
		}
	}
	if len(sizes) < len(pictures)*3/4 {
		t.Errorf("only %d sizes among %d pictures", len(sizes), len(pictures))
	}
	if upright == 0 || lying == 0 {
		t.Errorf("%d upright and %d lying pictures, want some of both", upright, lying)
	}
}

// A picture of nearly one colour would show that a pattern lies outside of it or in one of its
// colours.
func TestPicturesShowSomething(t *testing.T) {
	for k, m := range first(2, 1) {
		var sum, squares, n float64
		for y := range m.Rect.Dy() {
			for x := range m.Rect.Dx() {
				v := float64(color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y)
				sum, squares, n = sum+v, squares+v*v, n+1
			}
		}
		if s := math.Sqrt(squares/n - sum*sum/(n*n)); s < 8 {
			t.Errorf("%s: standard deviation of %.1f levels, want 8 or more", classes[k/2].name, s)
		}
	}
}

func TestPatternsStayWithinBlackAndWhite(t *testing.T) {
	for _, c := range classes {
		low, high := math.Inf(1), math.Inf(-1)
		for k := range 4000 {
			x, y := float64(k%61)/7-4, float64(k)/500-4
			v := c.paint(x, y, noise(k/1000))
			low, high = min(low, v), max(high, v)
		}
		if low < 0 || high > 1 || high-low < .4 {
			t.Errorf("%s goes from %.2f to %.2f, want most of 0 to 1 and nothing beyond", c.name, low, high)
		}
	}
}

func TestShadesAreThoseOfHSV(t *testing.T) {
	tests := []struct {
		name                   string
		hue, saturation, value float64
		want                   rgb
	}{
		{"hue 0 is red", 0, 1, 1, rgb{1, 0, 0}},
		{"hue 1/6 is yellow", 1. / 6, 1, 1, rgb{1, 1, 0}},
		{"hue 1/3 is green", 1. / 3, 1, 1, rgb{0, 1, 0}},
		{"hue wraps below 0", -1. / 3, 1, 1, rgb{0, 0, 1}},
		{"hue wraps above 1", 5. / 4, 1, 1, rgb{.5, 1, 0}},
		{"no saturation is grey", .4, 0, .5, rgb{.5, .5, .5}},
		{"half saturation fades to white", 1. / 2, .5, 1, rgb{.5, 1, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := shade(tt.hue, tt.saturation, tt.value)
			for k := range got {
				if math.Abs(got[k]-tt.want[k]) > 1e-9 {
					t.Fatalf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
}
