package gallery

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"strings"
	"testing"
)

// has reports whether a part of an image has a pixel of this colour.
func has(m image.Image, r image.Rectangle, c color.Color) bool {
	want := color.RGBAModel.Convert(c)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if color.RGBAModel.Convert(m.At(x, y)) == want {
				return true
			}
		}
	}
	return false
}

var blue = color.RGBA{10, 20, 230, 255}

func tile(target, prediction string) Tile {
	return Tile{Picture: Picture{File: "a/1.jpg", Target: target, Prediction: prediction, Evaluated: 1}, Image: plain(Side, Side/2, blue)}
}

func TestSizeOfASheet(t *testing.T) {
	for _, test := range []struct {
		name             string
		tiles            int
		options          Options
		wide, high, more int // in tiles, and pixels of headings
	}{
		{"2 rows of 3 by default", 10, Options{}, 3, 2, 0},
		{"rows that would be empty are left out", 3, Options{}, 3, 1, 0},
		{"a row that is not full", 4, Options{}, 3, 2, 0},
		{"other rows and columns", 10, Options{Rows: 1, Cols: 5}, 5, 1, 0},
		{"title and subtitle", 1, Options{Title: "m", Subtitle: "n"}, 3, 1, 34 + 26 + margin/2},
		{"no tiles", 0, Options{Title: "m"}, 3, 0, 34 + margin/2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tiles []Tile
			for range test.tiles {
				tiles = append(tiles, tile("a", "a"))
			}
			m := Sheet(tiles, test.options)
			width := margin + test.wide*(tileW+margin)
			if m.Rect.Dx() != width || m.Rect.Dy() < test.high*tileH+test.more || m.Rect.Dy() >= (test.high+1)*(tileH+margin)+test.more {
				t.Errorf("%v, want %d pixels by %d tiles", m.Rect, width, test.high)
			}
		})
	}
}

func TestRightAndWrongDifferInColourAndShape(t *testing.T) {
	m := Sheet([]Tile{tile("ash", "ash"), tile("ash", "elm")}, Options{Cols: 2})
	left := image.Rect(0, 0, margin+tileW, m.Rect.Max.Y)
	right := left.Add(image.Pt(tileW+margin, 0)).Intersect(m.Rect)
	for _, test := range []struct {
		part       image.Rectangle
		has, lacks color.Color
	}{{left, green, red}, {right, red, green}} {
		if !has(m, test.part, test.has) || has(m, test.part, test.lacks) || !has(m, test.part, blue) {
			t.Errorf("%v: want the picture and %v, not %v", test.part, test.has, test.lacks)
		}
	}
	// In grey a disc reaches where a square on its corner does not, and the other way round.
	const r = 20
	disc, square := plain(4*r, 4*r, color.Black), plain(4*r, 4*r, color.Black)
	drawMark(disc, image.Pt(2*r, 2*r), r, true)
	drawMark(square, image.Pt(2*r, 2*r), r, false)
	diagonal, above := image.Pt(2*r+13, 2*r+13), image.Pt(2*r, 2*r-21)
	black := color.RGBA{A: 255}
	if disc.At(diagonal.X, diagonal.Y) == black || square.At(diagonal.X, diagonal.Y) != black {
		t.Error("the marks have the same diagonal")
	}
	if disc.At(above.X, above.Y) != black || square.At(above.X, above.Y) == black {
		t.Error("the marks have the same height")
	}
	if !has(disc, disc.Rect, color.White) || !has(square, square.Rect, color.White) {
		t.Error("a mark without tick or cross")
	}
}

func TestAPictureThatCannotBeReadLeavesAGreyField(t *testing.T) {
	broken := tile("ash", "ash")
	broken.Image, broken.Err = nil, errors.New("truncated PNG")
	other := broken
	other.Err = errors.New("no such file or directory")
	m, n := Sheet([]Tile{broken}, Options{Cols: 1}), Sheet([]Tile{other}, Options{Cols: 1})
	if !has(m, m.Rect, missing) || has(m, m.Rect, blue) {
		t.Error("no grey field")
	}
	if bytes.Equal(m.Pix, n.Pix) {
		t.Error("two reasons look the same")
	}
}

func TestCaptionsStayInTheirTile(t *testing.T) {
	long := strings.Repeat("Staffordshire bull terrier ", 20)
	x := tile(long, long)
	x.File = "a/" + strings.Repeat("file", 60) + ".jpg"
	m := Sheet([]Tile{x}, Options{Cols: 1, Title: long, Subtitle: long})
	for y := range m.Rect.Dy() {
		for _, column := range []int{0, margin - 1, m.Rect.Dx() - margin, m.Rect.Dx() - 1} {
			if got := m.At(column, y); got != color.RGBAModel.Convert(page) {
				t.Fatalf("pixel (%d, %d) is %v", column, y, got)
			}
		}
	}
}

func TestLargePicturesAreCutToTheTile(t *testing.T) {
	x := tile("ash", "ash")
	x.Image = plain(3*Side, 3*Side, blue)
	m := Sheet([]Tile{x}, Options{Cols: 1})
	if inside := image.Rect(margin+padding, margin+padding, margin+padding+Side, margin+padding+Side); has(m, image.Rect(0, 0, m.Rect.Dx(), inside.Min.Y), blue) ||
		has(m, image.Rect(0, inside.Max.Y, m.Rect.Dx(), m.Rect.Dy()), blue) || !has(m, inside, blue) {
		t.Error("the picture is not cut to its place")
	}
}

func TestASheetIsTheSameAgain(t *testing.T) {
	tiles := []Tile{tile("ash", "elm"), tile("ash", "ash")}
	if !bytes.Equal(Sheet(tiles, Options{Title: "m"}).Pix, Sheet(tiles, Options{Title: "m"}).Pix) {
		t.Error("two sheets of the same tiles differ")
	}
}

func TestNotes(t *testing.T) {
	for _, test := range []struct {
		name string
		tile Tile
		want string
	}{
		{"one run", Tile{Picture: Picture{File: "ash/1.jpg", Evaluated: 1, Wrong: 1}}, "1.jpg"},
		{"several runs", Tile{Picture: Picture{File: "ash/1.jpg", Evaluated: 7, Wrong: 3}}, "1.jpg, wrong in 3 of 7 runs"},
	} {
		if got := test.tile.note(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
