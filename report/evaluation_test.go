package report

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestEvaluate(t *testing.T) {
	for _, row := range []struct {
		name     string
		outcome  string
		accuracy float64
		topK     float64
		perClass []float64
	}{
		{"all right", "111111", 1, 1, []float64{1, 1, 1}},
		{"all wrong", "333333", 0, 0, []float64{0, 0, 0}},
		{"second counts among the top 2 only", "122122", 1. / 3, 1, []float64{1, 0, 0}},
		{"third counts nowhere", "133133", 1. / 3, 1. / 3, []float64{1, 0, 0}},
		{"half of a class", "111311", 5. / 6, 5. / 6, []float64{0.5, 1, 1}},
		{"accuracy is over pictures where classes are unequal", "1131", 0.75, 0.75, []float64{1, 1, 0}},
		{"a class without pictures has no accuracy", "13", 0.5, 0.5, []float64{1, 0, math.NaN()}},
	} {
		run := sample(t, "m", Setup{}, row.outcome).Runs[0]
		if run.Accuracy != row.accuracy || run.TopKAccuracy != row.topK {
			t.Errorf("%s: accuracy %v, top-k %v, want %v, %v", row.name, run.Accuracy, run.TopKAccuracy, row.accuracy, row.topK)
		}
		if among := strings.Count(row.outcome, "3"); len(run.InTopK) != len(row.outcome) || countFalse(run.InTopK) != among {
			t.Errorf("%s: in top-k %v", row.name, run.InTopK)
		}
		if !slices.EqualFunc(run.PerClassAccuracy, row.perClass, func(a, b float64) bool { return near(a, b, 0) }) {
			t.Errorf("%s: class accuracies %v, want %v", row.name, run.PerClassAccuracy, row.perClass)
		}
	}
}

func countFalse(list []bool) (n int) {
	for _, x := range list {
		if !x {
			n++
		}
	}
	return n
}

func TestEvaluateKeepsWhatWasPredicted(t *testing.T) {
	e := sample(t, "m", Setup{}, "121")
	run := e.Runs[0]
	if want := []int{0, 2, 2}; !slices.Equal(run.Predictions, want) {
		t.Errorf("predictions %v, want %v", run.Predictions, want)
	}
	if want := []string{"agaric/0.jpg", "beaver/1.jpg", "cinema/2.jpg"}; !slices.Equal(run.Files, want) {
		t.Errorf("files %v, want %v", run.Files, want)
	}
}

func TestCumulativeAccuracyIsThatOfTheLastRun(t *testing.T) {
	e := sample(t, "m", Setup{}, "111", "311")
	if want := []float64{0, 0, 1, 1}; !slices.Equal(e.Cumulative.Accuracies, want) {
		t.Errorf("got %v, want %v", e.Cumulative.Accuracies, want)
	}
}

func TestTrainingPartHasNoCorrection(t *testing.T) {
	e := sample(t, "m", Setup{Part: "train"}, "111", "113")
	if math.IsNaN(e.Accuracy.HalfWidth) || !math.IsNaN(e.Accuracy.CorrectedHalfWidth) {
		t.Errorf("got half-width %v, corrected %v", e.Accuracy.HalfWidth, e.Accuracy.CorrectedHalfWidth)
	}
}

func TestMoreTopKThanLabels(t *testing.T) {
	setup := Setup{Labels: []string{"a", "b"}, TopK: 4, Confidence: 0.95}
	e, err := Evaluate(setup, []Run{{Files: []string{"a/1"}, Targets: []int{0}, TopK: [][]int{{1, 0}}}})
	if err != nil || e.TopKAccuracy.Mean != 1 {
		t.Errorf("got %v, %v, want top-k accuracy 1", e, err)
	}
}

func TestEvaluateRefuses(t *testing.T) {
	good := Setup{Model: "vit", Labels: []string{"a", "b", "c"}, Part: "valid", TopK: 2, Confidence: 0.95}
	with := func(change func(*Setup)) Setup {
		setup := good
		change(&setup)
		return setup
	}
	run := func(file string, target int, ranked ...int) []Run {
		return []Run{{Files: []string{file}, Targets: []int{target}, TopK: [][]int{ranked}}}
	}
	for _, row := range []struct {
		name  string
		setup Setup
		runs  []Run
		want  string
	}{
		{"no labels", with(func(s *Setup) { s.Labels = nil }), run("a/1", 0, 0, 1), "no labels"},
		{"top-k of 0", with(func(s *Setup) { s.TopK = 0 }), run("a/1", 0, 0, 1), "top-k is 0"},
		{"confidence in percent", with(func(s *Setup) { s.Confidence = 95 }), run("a/1", 0, 0, 1), "confidence is 95"},
		{"confidence of NaN", with(func(s *Setup) { s.Confidence = math.NaN() }), run("a/1", 0, 0, 1), "confidence is NaN"},
		{"confidence that rounds to 1", with(func(s *Setup) { s.Confidence = math.Nextafter(1, 0) }), run("a/1", 0, 0, 1), "confidence is 0.99"},
		{"negative ratio", with(func(s *Setup) { s.EvalTrainRatio = -1 }), run("a/1", 0, 0, 1), "is -1, must be 0 or more"},
		{"infinite ratio", with(func(s *Setup) { s.EvalTrainRatio = math.Inf(1) }), run("a/1", 0, 0, 1), "is +Inf"},
		{"no runs", good, nil, "no runs"},
		{"a protocol that does not exist", with(func(s *Setup) { s.Protocol = "jackknife" }), run("a/1", 0, 0, 1), `unknown protocol "jackknife"`},
		{
			"two runs of leave-one-out", with(func(s *Setup) { s.Protocol = LeaveOneOut }), append(run("a/1", 0, 0, 1), run("a/1", 0, 0, 1)...),
			"2 runs, but leave-one-out has one",
		},
		{
			"a margin too many", good, []Run{{Files: []string{"a/1"}, Targets: []int{0}, TopK: [][]int{{0, 1}}, Margins: []float32{0, 0}}},
			"2 margins for 1 pictures",
		},
		{"a run without pictures", good, []Run{{}}, `run 0: part "valid" has no pictures`},
		{"fewer files than targets", good, []Run{{Targets: []int{0}, TopK: [][]int{{0, 1}}}}, "0 files, 1 targets and 1 rankings"},
		{"an unknown target", good, run("a/1", 3, 0, 1), "a/1: target 3, but there are 3 labels"},
		{"a negative target", good, run("a/1", -1, 0, 1), "a/1: target -1"},
		{"an unknown ranked class", good, run("a/1", 0, 0, 7), "a/1: ranked class 7"},
		{"a ranking that is too short", good, run("a/1", 0, 0), "a/1: 1 ranked classes, need 2"},
	} {
		_, err := Evaluate(row.setup, row.runs)
		if err == nil || !strings.Contains(err.Error(), row.want) || !strings.HasPrefix(err.Error(), `evaluate model "vit": `) {
			t.Errorf("%s: error %v, want one with %q", row.name, err, row.want)
		}
	}
}

func TestMarginsThatAreNoNumbersAreNotKnown(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	margins := []float32{nan, 0.5, inf}
	runs := []Run{{Files: []string{"a/1", "a/2", "a/3"}, Targets: []int{0, 0, 0}, TopK: [][]int{{1}, {1}, {1}}, Margins: margins}}
	e, err := Evaluate(Setup{Labels: []string{"a", "b"}, TopK: 1, Confidence: 0.95}, runs)
	if err != nil || !slices.Equal(e.Runs[0].Margins, []float32{0, 0.5, 0}) {
		t.Errorf("got %v, %v", e.Runs[0].Margins, err)
	}
	if margins[2] != inf {
		t.Error("changed its argument")
	}
}
