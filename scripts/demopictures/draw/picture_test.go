package draw

import (
	"bytes"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
)

// first draws the first pictures of every class.
func first(t *testing.T, count int, seed uint64) [][]byte {
	t.Helper()
	var all [][]byte
	for _, class := range Classes() {
		for index := range count {
			b, err := JPEG(class, index, seed)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
		}
	}
	return all
}

func TestClassesAreADozenSortedNames(t *testing.T) {
	names := Classes()
	if len(names) != 12 {
		t.Errorf("%d classes, want 12", len(names))
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("classes are not sorted or not unique: %v", names)
	}
}

func TestSameSeedDrawsSameBytes(t *testing.T) {
	if !slices.EqualFunc(first(t, 2, 7), first(t, 2, 7), bytes.Equal) {
		t.Error("two drawings with the same seed differ")
	}
}

func TestPicturesDiffer(t *testing.T) {
	seen := map[string]bool{}
	pictures := slices.Concat(first(t, 2, 1), first(t, 2, 2))
	for _, b := range pictures {
		seen[string(b)] = true
	}
	if len(seen) != len(pictures) {
		t.Errorf("%d different pictures among %d of two seeds", len(seen), len(pictures))
	}
}

func TestSizesVaryWithinTheirLimits(t *testing.T) {
	sizes := map[image.Point]bool{}
	upright, lying := 0, 0
	pictures := first(t, 3, 1)
	for _, b := range pictures {
		m, err := jpeg.DecodeConfig(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if min(m.Width, m.Height) < 240 || max(m.Width, m.Height) > 900 {
			t.Errorf("a picture has %d x %d pixels, want sides of 240 to 900", m.Width, m.Height)
		}
		sizes[image.Pt(m.Width, m.Height)] = true
		switch {
		case m.Width < m.Height:
			upright++
		case m.Width > m.Height:
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

// A picture that is nearly of one colour would show that a scene missed the canvas or got lost in shade.
func TestPicturesShowSomething(t *testing.T) {
	for _, class := range Classes() {
		for index := range 3 {
			m, err := Picture(class, index, 1)
			if err != nil {
				t.Fatal(err)
			}
			if s := contrast(m); s < 8 {
				t.Errorf("%s %d: standard deviation of %.1f levels, want 8 or more", class, index, s)
			}
		}
	}
}

func TestMistakesAreNamed(t *testing.T) {
	tests := []struct {
		name  string
		class string
		index int
		want  string
	}{
		{"an unknown class lists the known ones", "cats", 0, `unknown class "cats"; have bricks, checkers`},
		{"an index below zero is refused", "bricks", -1, "index -1 is below 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Picture(tt.class, tt.index, 1); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Picture: got error %v, want %q in it", err, tt.want)
			}
			if _, err := JPEG(tt.class, tt.index, 1); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("JPEG: got error %v, want %q in it", err, tt.want)
			}
		})
	}
}
