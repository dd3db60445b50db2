package plot

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vs/report"
)

func TestEmbeddingMapHasAMarkerAPicture(t *testing.T) {
	// 25 pictures a class: more than there are rounds of drawing.
	var p report.Projection
	var classes []int
	var wrong []bool
	for i := range 75 {
		p.Points = append(p.Points, [2]float64{float64(i%7) / 10, float64(i%5) / 10})
		classes = append(classes, i%3)
		wrong = append(wrong, i%25 == 0)
	}
	p.Explained = [2]float64{0.613, 0.1}
	d := svgOf(t, must(t)(EmbeddingMap("Map of embeddings", &p, classes, trees, wrong)))
	for _, colour := range []string{"#0072B2", "#D55E00", "#009E73"} {
		if n := d.count("fill:" + colour); n != 26 {
			t.Errorf("%d markers in %s, want 25 and one in the legend", n, colour)
		}
	}
	if n := d.count("stroke-width:0.9"); n != 4 {
		t.Errorf("%d rings, want 3 and one in the legend", n)
	}
	for _, text := range append([]string{
		"First principal component (61.3 % of the variance)", "Second principal component (10.0 % of the variance)", "wrong in most runs",
	}, trees...) {
		if !d.shows(text) {
			t.Errorf("no text %q in %q", text, d.texts)
		}
	}
}

func TestEmbeddingMapOfLittle(t *testing.T) {
	tests := []struct {
		name   string
		points [][2]float64
	}{
		{"one picture of one class", [][2]float64{{0, 0}}},
		{"pictures that are all the same", [][2]float64{{0, 0}, {0, 0}, {0, 0}}},
		{"pictures on a line", [][2]float64{{-1, 0}, {0, 0}, {1, 0}}},
		{"pictures that hardly differ", [][2]float64{{-1e-9, 0}, {0, 1e-9}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := &report.Projection{Points: test.points}
			d := svgOf(t, must(t)(EmbeddingMap("Map of embeddings", p, make([]int, len(test.points)), []string{"only"}, nil)))
			if n := d.count("fill:#0072B2"); n != len(test.points)+1 {
				t.Errorf("%d markers, want %d and one in the legend", n, len(test.points))
			}
			if d.shows("wrong in most runs") || !d.shows("only") {
				t.Errorf("texts %q", d.texts)
			}
		})
	}
}

func TestEmbeddingMapNamesClassesAsLongAsMarkersLast(t *testing.T) {
	for _, n := range []int{maxMarkers, maxMarkers + 1} {
		p := &report.Projection{Points: make([][2]float64, n)}
		classes := make([]int, n)
		for i := range classes {
			classes[i] = i
		}
		d := svgOf(t, must(t)(EmbeddingMap("Map of embeddings", p, classes, manyLabels(n), nil)))
		note := fmt.Sprintf("%d classes, too many to name; colours and shapes repeat", n)
		if named := d.shows("class 000"); named != (n == maxMarkers) || d.shows(note) == named {
			t.Errorf("%d classes: texts %q", n, d.texts)
		}
	}
}

func TestMarkersDiffer(t *testing.T) {
	seen := map[string]int{}
	for i := range maxMarkers {
		p := &report.Projection{Points: [][2]float64{{0, 0}}}
		labels := manyLabels(i + 1)
		d := svgOf(t, must(t)(EmbeddingMap("Map of embeddings", p, []int{i}, labels, nil)))
		// The first filled path after the background is the picture's marker.
		at := slices.IndexFunc(d.paths, func(p path) bool { return strings.Contains(p.style, "fill:#") && !strings.Contains(p.style, "FFFFFF") })
		// Where the marker is depends on the height of the legend, so that only its shape is
		// compared.
		look := relative(t, d.paths[at].data) + d.paths[at].style
		if other, ok := seen[look]; ok {
			t.Fatalf("classes %d and %d have the same marker", other, i)
		}
		seen[look] = i
	}
}

// relative describes a path by where its corners are from the first.
func relative(t *testing.T, data string) string {
	t.Helper()
	if strings.Contains(data, "A") {
		return "circle"
	}
	var points [][2]float64
	for _, corner := range strings.FieldsFunc(data, func(r rune) bool { return strings.ContainsRune("MLZ", r) }) {
		var x, y float64
		if _, err := fmt.Sscanf(corner, "%g,%g", &x, &y); err != nil {
			t.Fatal(err)
		}
		points = append(points, [2]float64{x, y})
	}
	text := ""
	for _, p := range points {
		text += fmt.Sprintf("%.1f,%.1f ", p[0]-points[0][0], p[1]-points[0][1])
	}
	return text
}
