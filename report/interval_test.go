package report

import (
	"math"
	"strings"
	"testing"
)

// The rows come from scripts/make_paired_score.py, which searches the likelihood. 1 of 44 at 90 %
// is the example of Tango's article: 0.096 and -0.037 there.
func TestPairedScore(t *testing.T) {
	for _, row := range []struct{ b, c, n, confidence, low, high float64 }{
		{0, 0, 71, 0.95, -0.051328, 0.051328},
		{0, 0, 71, 0.9, -0.036707, 0.036707},
		{0, 0, 1, 0.95, -0.793451, 0.793451},
		{0, 0, 1, 0.9, -0.730134, 0.730134},
		{1, 0, 44, 0.95, -0.059393, 0.118077},
		{1, 0, 44, 0.9, -0.036517, 0.095662},
		{12, 2, 50, 0.95, 0.061112, 0.344709},
		{12, 2, 50, 0.9, 0.085474, 0.320413},
		{0, 14, 54, 0.95, -0.389309, -0.161187},
		{0, 14, 54, 0.9, -0.367155, -0.174336},
		{7, 7, 20, 0.95, -0.347241, 0.347241},
		{7, 7, 20, 0.9, -0.296091, 0.296091},
		{20, 0, 20, 0.95, 0.677750, 1.000000},
		{20, 0, 20, 0.9, 0.761684, 1.000000},
		{0.5, 0.25, 40, 0.95, -0.087642, 0.103741},
		{0.5, 0.25, 40, 0.9, -0.063362, 0.079588},
		{3, 1, 10, 0.95, -0.217085, 0.551453},
		{3, 1, 10, 0.9, -0.145117, 0.501126},
	} {
		low, high := pairedScore(row.b, row.c, row.n, row.confidence)
		if math.Abs(low-row.low) > 2e-6 || math.Abs(high-row.high) > 2e-6 {
			t.Errorf("%v and %v of %v at %v: [%v, %v], want [%v, %v]", row.b, row.c, row.n, row.confidence, low, high, row.low, row.high)
		}
		// The other way round it is the mirror image.
		if l, h := pairedScore(row.c, row.b, row.n, row.confidence); !near(l, -high, 1e-9) || !near(h, -low, 1e-9) {
			t.Errorf("%v and %v of %v: [%v, %v], want [%v, %v]", row.c, row.b, row.n, l, h, -high, -low)
		}
	}
}

func TestRunsThatDoNotVaryHaveTheIntervalOfTheirPictures(t *testing.T) {
	// Two pictures a run; together 3 different ones.
	perfect := []string{"a1>ab b1>ba", "a1>ab b2>ba", "a1>ab b1>ba"}
	half := []string{"a1>ab b1>ab", "a1>ba b2>ba", "a1>ab b1>ab"}
	for _, row := range []struct {
		name  string
		setup Setup
		runs  []string
		mean  float64
	}{
		{"holdout", Setup{EvalTrainRatio: 0.25}, perfect, 1},
		{"the training part", Setup{EvalTrainRatio: 0.25, Part: "train"}, perfect, 1},
		{"folds", Setup{Protocol: KFold, EvalTrainRatio: 0.5}, perfect, 1},
		{"bootstrap", Setup{Protocol: Bootstrap}, perfect, 1},
		{"an accuracy below 1", Setup{EvalTrainRatio: 0.25}, half, 0.5},
	} {
		row.setup.TopK = 2
		e := answered(t, row.setup, row.runs...)
		low, high := wilson(row.mean, 3, 0.95)
		a := e.Accuracy
		if a.Mean != row.mean || a.Low != low || a.High != high || a.Interval != WilsonScore {
			t.Errorf("%s: %+v, want %v [%v, %v]", row.name, a, row.mean, low, high)
		}
		if !math.IsNaN(a.HalfWidth) || !math.IsNaN(a.CorrectedHalfWidth) {
			t.Errorf("%s: half-widths %v and %v of an interval that is not symmetric", row.name, a.HalfWidth, a.CorrectedHalfWidth)
		}
		if topLow, _ := wilson(1, 3, 0.95); e.TopKAccuracy.Low != topLow {
			t.Errorf("%s: top-k %+v, want %v to 1", row.name, e.TopKAccuracy, topLow)
		}
		if text := e.IntervalText(); !strings.Contains(text, "Wilson interval of a share among 3 different pictures, because the") {
			t.Errorf("%s: %q", row.name, text)
		}
	}
}

// 19/20 and 38/40 are the same share; as differences 14/15-13/15 and 13/15-12/15 are, but for
// rounding.
func TestConstant(t *testing.T) {
	for _, row := range []struct {
		values []float64
		want   bool
	}{
		{[]float64{0.95, 0.95, 38. / 40}, true},
		{[]float64{14./15 - 13./15, 13./15 - 12./15}, true},
		{[]float64{1, 1 - 1./1e6}, false},
		{[]float64{1}, false}, // of one run nothing is known
		{nil, false},
	} {
		if got := constant(row.values); got != row.want {
			t.Errorf("%v: %v", row.values, got)
		}
	}
}

func TestComparingIdenticalPredictions(t *testing.T) {
	runs := []string{"a1>a b1>a", "a2>a b2>b", "a3>a b3>c"}
	z2 := 1.959963984540054 * 1.959963984540054
	for _, row := range []struct {
		name  string
		setup Setup
		runs  []string
		n     float64
	}{
		{"holdout", Setup{EvalTrainRatio: 0.25}, runs, 6},
		{"folds", Setup{Protocol: KFold, EvalTrainRatio: 0.5}, runs, 6},
		{"bootstrap", Setup{Protocol: Bootstrap}, runs, 6},
		{"leave one out", Setup{Protocol: LeaveOneOut}, runs[:1], 2},
	} {
		e := answered(t, row.setup, row.runs...)
		d, err := Compare(e, e)
		if err != nil {
			t.Fatal(err)
		}
		bound := z2 / (row.n + z2)
		for _, x := range []Estimate{d.Accuracy, d.TopKAccuracy} {
			if x.Mean != 0 || !near(x.Low, -bound, 1e-9) || !near(x.High, bound, 1e-9) || x.Interval != PairedScore {
				t.Errorf("%s: %+v, want 0 ± %v", row.name, x, bound)
			}
		}
	}
}

// A model that is right where the other is wrong, in every picture, is not surely better by 1.
func TestLeavingOneOutWhereAllPicturesDiffer(t *testing.T) {
	setup := Setup{Protocol: LeaveOneOut}
	d, err := Compare(answered(t, setup, "a1>b b1>a c1>a"), answered(t, setup, "a1>a b1>b c1>c"))
	if err != nil {
		t.Fatal(err)
	}
	if low, _ := pairedScore(3, 0, 3, 0.95); d.Accuracy.Mean != 1 || d.Accuracy.Low != low || d.Accuracy.High != 1 {
		t.Errorf("%+v, want 1 [%v, 1]", d.Accuracy, low)
	}
}

func TestNotesNameTheIntervalsThatTheTableShows(t *testing.T) {
	for _, row := range []struct {
		name    string
		evals   []*Evaluation
		want    []string
		without []string
	}{
		{
			"all runs are the same", []*Evaluation{sample(t, "a", Setup{}, "111", "111")},
			[]string{"1.000           1.000\n", "95 % Wilson interval", "[0.439, 1.000]", "[ ] is the 95 % Wilson interval of a share among 3 different pictures"},
			[]string{"±", "Student", "orrected"},
		},
		{
			"only top-k does not vary", []*Evaluation{sample(t, "a", Setup{}, "112", "111")},
			[]string{"0.833 ± 2.118           1.000\n", "  corrected for overlap                 ± 2.594\n", "  95 % Wilson interval                           [0.439, 1.000]",
				"The Wilson interval stands where the runs do not vary: it is that of a share\namong 3 different pictures."},
			nil,
		},
		{
			"only top-k of a bootstrap does not vary", []*Evaluation{sample(t, "a", Setup{Protocol: Bootstrap}, "112", "111")},
			[]string{"  95 % percentile interval           [0.675, 0.992]\n", "  95 % Wilson interval                               [0.439, 1.000]", "The Wilson interval stands"},
			nil,
		},
		{
			"a sweep", []*Evaluation{sample(t, "a", Setup{}, "113", "111"), sample(t, "a", Setup{Method: "median"}, "111", "111")},
			[]string{
				"mean, cosine             0.833 ± 2.118    ± 2.594   0.833 ± 2.118    ± 2.594\n" +
					"median                           1.000                      1.000\n" +
					"  95 % Wilson interval  [0.439, 1.000]             [0.439, 1.000]\n",
				"The Wilson interval stands",
			},
			nil,
		},
		{
			"methods that differ by the same", []*Evaluation{sample(t, "a", Setup{}, "113", "131"), sample(t, "a", Setup{Method: "median"}, "111", "111")},
			[]string{"[-0.415, 0.792]¹  no clear difference", "¹ The score interval is Tango's (1998) among 3 different pictures, where all\nruns differ by the same."},
			nil,
		},
		{
			"models with the same answers", []*Evaluation{sample(t, "a", Setup{Protocol: LeaveOneOut}, "113"), sample(t, "b", Setup{Protocol: LeaveOneOut}, "113")},
			[]string{"  95 % score interval       [-0.561, 0.561]", "no clear difference", "The score interval is Tango's (1998)"},
			[]string{"normal"},
		},
	} {
		got := tableText(t, Terminal, row.evals...)
		for _, part := range row.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %q in\n%s", row.name, part, got)
			}
		}
		for _, part := range row.without {
			if strings.Contains(got, part) {
				t.Errorf("%s: %q in\n%s", row.name, part, got)
			}
		}
	}
}
