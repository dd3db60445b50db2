package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"

	"vs/report"
)

// evaluation is of runs in which picture i is of class i modulo the number of labels, and predicted
// to be outcomes[run][i].
func evaluation(t *testing.T, model string, labels []string, outcomes ...string) *report.Evaluation {
	t.Helper()
	setup := report.Setup{
		Model: model, Labels: labels, EmbeddingDim: 4, NumPictures: 40, Part: "valid", Seed: 17, TopK: 1, Confidence: 0.95, EvalTrainRatio: 0.25,
	}
	var runs []report.Run
	for _, outcome := range outcomes {
		var run report.Run
		for i, prediction := range outcome {
			target := i % len(labels)
			run.Files = append(run.Files, fmt.Sprintf("%s/%d.jpg", labels[target], i))
			run.Targets = append(run.Targets, target)
			run.TopK = append(run.TopK, []int{int(prediction - '0')})
		}
		runs = append(runs, run)
	}
	e, err := report.Evaluate(setup, runs)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var trees = []string{"ash", "birch", "cedar"}

// drawing is what an SVG file shows.
type drawing struct {
	width, height string
	texts         []string
	paths         []path
	images        int
}

type path struct{ data, style string }

// figures is the number of closed or open figures of a path.
func (p path) figures() int { return strings.Count(p.data, "M") }

// count adds up the figures of the paths whose style has a part.
func (d *drawing) count(style string) int {
	n := 0
	for _, p := range d.paths {
		if strings.Contains(p.style, style) {
			n += p.figures()
		}
	}
	return n
}

func (d *drawing) shows(text string) bool {
	for _, t := range d.texts {
		if t == text {
			return true
		}
	}
	return false
}

func svgOf(t *testing.T, p *Plot) *drawing {
	t.Helper()
	var svg bytes.Buffer
	if err := p.WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	d := &drawing{}
	inText := false
	for decoder := xml.NewDecoder(&svg); ; {
		token, err := decoder.Token()
		if err == io.EOF {
			return d
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			attributes := map[string]string{}
			for _, a := range token.Attr {
				attributes[a.Name.Local] = a.Value
			}
			switch token.Name.Local {
			case "svg":
				d.width, d.height = attributes["width"], attributes["height"]
			case "path":
				d.paths = append(d.paths, path{attributes["d"], attributes["style"]})
			case "image":
				d.images++
			case "text":
				inText = true
			}
		case xml.CharData:
			if inText {
				d.texts = append(d.texts, string(token))
			}
		case xml.EndElement:
			inText = false
		}
	}
}

func pngOf(t *testing.T, p *Plot) image.Image {
	t.Helper()
	var file bytes.Buffer
	if err := p.WritePNG(&file); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// must takes what a function of the package gives.
func must(t *testing.T) func(p *Plot, err error) *Plot {
	return func(p *Plot, err error) *Plot {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

// everyPlot is one of each kind.
func everyPlot(t *testing.T) map[string]*Plot {
	t.Helper()
	a := evaluation(t, "model-a", trees, "012012", "011012", "112002")
	b := evaluation(t, "model-b", trees, "012112", "012012", "012002")
	points := &report.Projection{Points: [][2]float64{{-0.3, 0.1}, {0.2, 0}, {0.4, -0.2}}, Explained: [2]float64{0.613, 0.2}}
	return map[string]*Plot{
		"cumulative":  must(t)(CumulativeAccuracy([]*report.Evaluation{a, b})),
		"runs":        must(t)(AccuracyPerRun([]*report.Evaluation{a, b})),
		"confusion":   must(t)(ConfusionMatrix("Confusion of classes", a)),
		"similarity":  must(t)(ClassSimilarity("Similarity of classes", trees, [][]float64{{1, 0.5, 0.2}, {0.5, 1, 0.8}, {0.2, 0.8, 1}})),
		"map":         must(t)(EmbeddingMap("Map of embeddings", points, []int{0, 1, 2}, trees, []bool{false, true, false})),
		"many shades": must(t)(ClassSimilarity("Similarity of classes", manyLabels(maxDrawn+1), identity(maxDrawn+1))),
	}
}

func manyLabels(n int) []string {
	labels := make([]string, n)
	for i := range labels {
		labels[i] = fmt.Sprintf("class %03d", i)
	}
	return labels
}

func identity(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		m[i][i] = 1
	}
	return m
}

func TestEachPlotAlwaysGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	first, second := everyPlot(t), everyPlot(t)
	for name, p := range first {
		for format, write := range map[string]func(*Plot, io.Writer) error{"PNG": (*Plot).WritePNG, "SVG": (*Plot).WriteSVG} {
			var a, b bytes.Buffer
			if err := errors.Join(write(p, &a), write(second[name], &b)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s: the %s differs from one drawing to the next", name, format)
			}
		}
	}
}

func TestPNGHasTwoPixelsAPointOfTheSVG(t *testing.T) {
	t.Parallel()
	for name, p := range everyPlot(t) {
		d, size := svgOf(t, p), pngOf(t, p).Bounds()
		width, height := fmt.Sprintf("%dpt", size.Dx()/2), fmt.Sprintf("%dpt", size.Dy()/2)
		if size.Dx()%2 != 0 || size.Dy()%2 != 0 || d.width != width || d.height != height {
			t.Errorf("%s: PNG of %v, SVG of %s × %s", name, size, d.width, d.height)
		}
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestFailingWritersAreReported(t *testing.T) {
	p := must(t)(ClassSimilarity("Similarity of classes", []string{"ash"}, identity(1)))
	for _, err := range []error{p.WritePNG(fullDisk{}), p.WriteSVG(fullDisk{})} {
		if !errors.Is(err, errFull) {
			t.Errorf("error %v, want %v", err, errFull)
		}
	}
}
