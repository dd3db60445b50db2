package plot

import (
	"slices"
	"strings"
	"testing"

	"vs/report"
)

func TestCumulativeAccuracyHasAStepAClass(t *testing.T) {
	e := evaluation(t, "model-a", trees, "012012", "011012", "110012")
	d := svgOf(t, must(t)(CumulativeAccuracy([]*report.Evaluation{e, e})))
	for _, text := range []string{"Cumulative accuracy", "model-a", "model-a (2)", "Accuracy of a class, over 3 runs", "Share of classes, least accurate first", "0.0", "1.0"} {
		if !d.shows(text) {
			t.Errorf("no text %q in %q", text, d.texts)
		}
	}
	for _, colour := range []string{"#0072B2", "#D55E00"} {
		curve := slices.IndexFunc(d.paths, func(p path) bool { return strings.Contains(p.style, "stroke:"+colour) })
		if curve < 0 {
			t.Fatalf("no curve in %s", colour)
		}
		if corners := strings.Count(d.paths[curve].data, "L"); corners != 6 {
			t.Errorf("the curve in %s has %d corners, want 2 for each of 3 classes", colour, corners)
		}
	}
}

// The curve is that of the accuracies over all runs, not that of the last: here 4/6, 2/6 and 6/6.
func TestCumulativeAccuracyIsOverAllRuns(t *testing.T) {
	e := evaluation(t, "model-a", trees, "012012", "022022", "102102")
	got := cumulative(e)
	if want := []float64{0, 2. / 6, 4. / 6, 1}; !slices.Equal(got.Accuracies, want) {
		t.Errorf("accuracies %v, want %v", got.Accuracies, want)
	}
}

func TestCumulativeAccuracyLeavesOutClassesWithoutPictures(t *testing.T) {
	e := evaluation(t, "model-a", trees, "01", "01")
	d := svgOf(t, must(t)(CumulativeAccuracy([]*report.Evaluation{e})))
	curve := slices.IndexFunc(d.paths, func(p path) bool { return strings.Contains(p.style, "stroke:#0072B2") })
	if corners := strings.Count(d.paths[curve].data, "L"); corners != 4 {
		t.Errorf("%d corners, want 2 for each of the 2 classes with pictures", corners)
	}
}

func TestAccuracyPerRunHasAPointARun(t *testing.T) {
	tests := []struct {
		name         string
		outcomes     []string
		bands        int // one in the plot and one in the legend
		legend, axis string
	}{
		{"four runs have a band", []string{"012012", "011012", "112002", "012112"}, 2, "model-a: 0.833, 95 % interval 0.527–1.000 (corrected)", "Run"},
		{"a single run has no interval", []string{"012011"}, 0, "model-a: 0.833", "Run"},
		{"runs that are all right", []string{"012012", "012012"}, 2, "model-a: 1.000, 95 % interval 0.610–1.000 (Wilson)", "Run"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := svgOf(t, must(t)(AccuracyPerRun([]*report.Evaluation{evaluation(t, "model-a", trees, test.outcomes...)})))
			points, bands := 0, 0
			for _, p := range d.paths {
				switch {
				case strings.Contains(p.style, "fill-opacity"):
					bands++
				case strings.Contains(p.style, "fill:#0072B2"):
					points += p.figures()
				}
			}
			if points != len(test.outcomes)+1 { // and one in the legend
				t.Errorf("%d points, want one for each of %d runs and one in the legend", points, len(test.outcomes))
			}
			if bands != test.bands {
				t.Errorf("%d bands, want %d", bands, test.bands)
			}
			if !d.shows(test.legend) || !d.shows(test.axis) {
				t.Errorf("texts %q, want %q and %q", d.texts, test.legend, test.axis)
			}
		})
	}
}

func TestAccuracyPerRunSaysWhatTheRunsAre(t *testing.T) {
	e := evaluation(t, "model-a", trees, "012012", "011012")
	e.Protocol = report.KFold
	e.ShortRun = 2
	d := svgOf(t, must(t)(AccuracyPerRun([]*report.Evaluation{e})))
	if !d.shows("Fold") || !d.shows("Accuracy of each run (trial run)") {
		t.Errorf("texts %q", d.texts)
	}
	if got := runsOf([]*report.Evaluation{e}); got != "2 folds" {
		t.Errorf("%q, want 2 folds", got)
	}
	if got := runsOf([]*report.Evaluation{e, evaluation(t, "b", trees, "012")}); got != "all runs" {
		t.Errorf("%q, want all runs", got)
	}
}

func TestAccuracyRange(t *testing.T) {
	tests := []struct {
		name                         string
		low, high, wantLow, wantHigh float64
	}{
		{"points keep off the edges", 0.2, 0.6, 0.18, 0.62},
		{"a small range is widened", 0.5, 0.5, 0.475, 0.525},
		{"nothing is above 1", 1, 1, 0.95, 1},
		{"nothing is below 0", 0, 0, 0, 0.05},
		{"nor beyond both", 0, 1, 0, 1},
	}
	for _, test := range tests {
		low, high := accuracyRange(test.low, test.high)
		if !close(low, test.wantLow) || !close(high, test.wantHigh) {
			t.Errorf("%s: %v to %v, want %v to %v", test.name, low, high, test.wantLow, test.wantHigh)
		}
	}
}

func close(a, b float64) bool { return a-b < 1e-12 && b-a < 1e-12 }

func TestStepIsARoundNumber(t *testing.T) {
	tests := []struct {
		span  float64
		parts int
		want  float64
	}{
		{1, 10, 0.1}, {1, 5, 0.2}, {0.05, 8, 0.01}, {0.052, 8, 0.01}, {20, 10, 2}, {2000, 10, 200}, {100, 5, 20}, {9, 1, 10}, {1, 10, 0.1},
	}
	for _, test := range tests {
		if got := step(test.span, test.parts); !close(got, test.want) {
			t.Errorf("%v in at most %d parts: step %v, want %v", test.span, test.parts, got, test.want)
		}
	}
}

func TestPlotsOfNothingAreRefused(t *testing.T) {
	point := func(n int) *report.Projection { return &report.Projection{Points: make([][2]float64, n)} }
	plots := map[string]func() (*Plot, error){
		"no evaluations to draw": func() (*Plot, error) { return CumulativeAccuracy(nil) },
		"no evaluations":         func() (*Plot, error) { return AccuracyPerRun(nil) },
		"no classes to draw":     func() (*Plot, error) { return ConfusionMatrix("Confusion of classes", &report.Evaluation{}) },
		"no classes":             func() (*Plot, error) { return ClassSimilarity("Similarity of classes", nil, nil) },
		"similarities of 2":      func() (*Plot, error) { return ClassSimilarity("Similarity of classes", trees, identity(2)) },
		`class "birch" has`: func() (*Plot, error) {
			return ClassSimilarity("Similarity of classes", trees, [][]float64{{1, 0, 0}, {1, 0}, {1, 0, 0}})
		},
		"no pictures to draw":    func() (*Plot, error) { return EmbeddingMap("Map of embeddings", point(0), nil, trees, nil) },
		"2 points and 1 classes": func() (*Plot, error) { return EmbeddingMap("Map of embeddings", point(2), []int{0}, trees, nil) },
		"2 points and 3 marks": func() (*Plot, error) {
			return EmbeddingMap("Map of embeddings", point(2), []int{0, 0}, trees, make([]bool, 3))
		},
		"picture 1 is of class 3": func() (*Plot, error) { return EmbeddingMap("Map of embeddings", point(2), []int{0, 3}, trees, nil) },
	}
	for want, draw := range plots {
		if p, err := draw(); err == nil || !strings.Contains(err.Error(), want) || p != nil {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
