package plot

import (
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

func TestConfusionMatrixSaysPercentOfEachClass(t *testing.T) {
	// In two runs of two pictures a class: ash is right 3 of 4 times, birch always, cedar is taken
	// for ash once.
	e := evaluation(t, "model-a", trees, "012012", "012110")
	d := svgOf(t, must(t)(ConfusionMatrix("Confusion of classes: model-a", e)))
	for _, text := range append([]string{"Confusion of classes: model-a", "Class", "Taken for", "Percent of the class's pictures"}, trees...) {
		if !d.shows(text) {
			t.Errorf("no text %q in %q", text, d.texts)
		}
	}
	cells := d.texts[slices.Index(d.texts, "75"):]
	if want := []string{"75", "25", "100", "25", "75"}; !slices.Equal(cells[:5], want) {
		t.Errorf("cells %q, want %q", cells[:5], want)
	}
	for _, label := range trees {
		if n := countOf(d.texts, label); n != 2 {
			t.Errorf("label %q stands %d times, want at its row and at its column", label, n)
		}
	}
}

func countOf(texts []string, text string) (n int) {
	for _, t := range texts {
		if t == text {
			n++
		}
	}
	return n
}

func TestConfusionMatrixMarksClassesWithoutPictures(t *testing.T) {
	d := svgOf(t, must(t)(ConfusionMatrix("Confusion of classes", evaluation(t, "model-a", trees, "01"))))
	if !d.shows(`no picture in part "valid"`) {
		t.Errorf("texts %q, want a note about the class without pictures", d.texts)
	}
	if n := d.count("fill:#D8D8D8"); n != 2 {
		t.Errorf("%d grey areas, want the row of the class and one in the note", n)
	}
}

func TestClassSimilarityOfWhatIsNotDefined(t *testing.T) {
	nan := math.NaN()
	d := svgOf(t, must(t)(ClassSimilarity("Similarity of classes", []string{"a", "b"}, [][]float64{{1, nan}, {nan, nan}})))
	if !d.shows("not defined") || !d.shows("1.00") || d.shows("NaN") {
		t.Errorf("texts %q", d.texts)
	}
}

func TestClassSimilarityScaleHoldsAllValues(t *testing.T) {
	tests := []struct {
		name         string
		value        float64
		first, cells string
	}{
		{"from a round number below the lowest", 0.23, "0.2", "0.23"},
		{"from −1 for opposite classes", -1, "−1.0", "−1.00"},
		{"not too narrow for classes that are alike", 0.9999, "0.95", "1.00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := svgOf(t, must(t)(ClassSimilarity("Similarity of classes", []string{"a", "b"}, [][]float64{{1, test.value}, {test.value, 1}})))
			if !d.shows(test.first) || !d.shows(test.cells) {
				t.Errorf("texts %q, want a scale from %q and cells of %q", d.texts, test.first, test.cells)
			}
		})
	}
}

func TestCellsGetSmallerWithMoreClasses(t *testing.T) {
	tests := []struct {
		classes int
		want    vg.Length
	}{{1, 72}, {2, 72}, {6, 72}, {12, 36}, {20, 21.5}, {90, 10}, {180, 10}, {300, 6}, {1000, 1.5}, {10000, 0.5}}
	for _, test := range tests {
		if got := cellSize(test.classes); got != test.want {
			t.Errorf("%d classes: cells of %v points, want %v", test.classes, got, test.want)
		}
	}
}

// The middle of each cell has its colour, for cells that are shapes and for those of an image.
func TestCellsAreWhereTheyBelong(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 30, maxDrawn, maxDrawn + 1, 200} {
		matrix := identity(n)
		for a := range n {
			for b := range n {
				matrix[a][b] = float64((7*a+3*b)%11) / 10
			}
		}
		labels := make([]string, n)
		img := must(t)(ClassSimilarity("Similarity of classes", labels, matrix)).raster().Image()
		cell := int(2 * cellSize(n))
		left, top := cornerOf(t, img, shade(0))
		for _, at := range [][2]int{{0, 0}, {0, n - 1}, {n - 1, 0}, {n - 1, n - 1}, {n / 2, n / 3}} {
			// A quarter of the cell away from its middle, where no digit is.
			x, y := left+at[1]*cell+cell/4, top+at[0]*cell+cell/4
			want := shade(matrix[at[0]][at[1]])
			if got := color.NRGBAModel.Convert(img.At(x, y)); got != want {
				t.Errorf("%d classes: cell %v has the colour %v, want %v", n, at, got, want)
			}
		}
	}
}

// cornerOf finds the upper left corner of the square, whose first cell has a colour.
func cornerOf(t *testing.T, img interface {
	At(x, y int) color.Color
}, c color.NRGBA) (x, y int) {
	t.Helper()
	for y := range 400 {
		for x := range 400 {
			if color.NRGBAModel.Convert(img.At(x, y)) == c {
				// The frame covers the first pixel.
				return x - 1, y - 1
			}
		}
	}
	t.Fatal("no cell of the first colour")
	return 0, 0
}

func TestManyClassesAreAnImage(t *testing.T) {
	n := maxDrawn + 1
	d := svgOf(t, must(t)(ClassSimilarity("Similarity of classes", manyLabels(n), identity(n))))
	if d.images != 1 || len(d.paths) > 200 {
		t.Errorf("%d images and %d paths, want one image", d.images, len(d.paths))
	}
	if !d.shows("class 000") || !d.shows("class 128") {
		t.Error("the labels are missing")
	}
}

func TestLabelsWithoutRoomAreLeftOut(t *testing.T) {
	d := svgOf(t, must(t)(ClassSimilarity("Similarity of classes", manyLabels(400), identity(400))))
	if !d.shows("class 000") || d.shows("class 001") || !d.shows("class 003") {
		t.Errorf("want every third label")
	}
}

func TestCellsWithoutRoomSayNothing(t *testing.T) {
	d := svgOf(t, must(t)(ClassSimilarity("Similarity of classes", manyLabels(60), identity(60))))
	if slices.ContainsFunc(d.texts, func(s string) bool { return strings.Contains(s, "1.00") }) {
		t.Error("numbers stand in cells that are too small for them")
	}
}
