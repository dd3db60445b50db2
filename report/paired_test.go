package report

import (
	"math"
	"testing"
)

func TestCompare(t *testing.T) {
	nan := math.NaN()
	for _, row := range []struct {
		name                             string
		setup                            Setup
		base, other                      []string
		mean, half, corrected, low, high float64
		reduction                        float64
	}{
		{
			// Differences 1/2, 0 and 1: mean 1/2, standard deviation 1/2; t with 2 degrees of
			// freedom is 4.3026527.
			"holdout, run by run", Setup{EvalTrainRatio: 0.25},
			[]string{"a1>b b1>b", "a2>a b2>a", "a3>b b3>c"}, []string{"a1>a b1>b", "a2>b b2>b", "a3>a b3>b"},
			0.5, 1.24206886, 1.24206886 * math.Sqrt(1.75), -1, 1, 0.75,
		},
		{
			"folds that are all better by the same", Setup{Protocol: KFold, EvalTrainRatio: 1},
			[]string{"a1>b b1>b", "a2>a b2>a"}, []string{"a1>a b1>b", "a2>a b2>b"},
			0.5, nan, nan, -0.2348363, 0.8499610, 1, // Tango's of 2 pictures gained among 4
		},
		{
			// Differences -1/2, 0 and 1: the quantiles stand at 0.05 and 1.95 of them.
			"bootstrap, percentiles of the runs' differences", Setup{Protocol: Bootstrap},
			[]string{"a1>a b1>b", "a2>a b2>a", "a3>b b3>c"}, []string{"a1>b b1>b", "a2>b b2>b", "a3>a b3>b"},
			1. / 6, nan, nan, -0.475, 0.95, 1. / 3,
		},
		{
			// Differences 1, -1, 1, 0: mean 1/4, standard deviation √(11/12); z = 1.959964.
			"leave one out, picture by picture", Setup{Protocol: LeaveOneOut},
			[]string{"a1>b a2>a b1>c b2>c"}, []string{"a1>a a2>b b1>b b2>a"},
			0.25, 0.93826132, nan, 0.25 - 0.93826132, 1, 1. / 3,
		},
		{
			"a single run has a difference without an interval", Setup{},
			[]string{"a1>b b1>b"}, []string{"a1>b b1>a"},
			-0.5, nan, nan, nan, nan, -1,
		},
	} {
		d, err := Compare(answered(t, row.setup, row.base...), answered(t, row.setup, row.other...))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			name      string
			got, want float64
		}{
			{"mean", d.Accuracy.Mean, row.mean},
			{"half-width", d.Accuracy.HalfWidth, row.half},
			{"corrected half-width", d.Accuracy.CorrectedHalfWidth, row.corrected},
			{"low", d.Accuracy.Low, row.low},
			{"high", d.Accuracy.High, row.high},
			{"error-rate reduction", d.ErrorRateReduction, row.reduction},
			// Top 1 is the same as the answer.
			{"top-k mean", d.TopKAccuracy.Mean, row.mean},
			{"top-k low", d.TopKAccuracy.Low, row.low},
			{"top-k error-rate reduction", d.TopKErrorRateReduction, row.reduction},
		} {
			if !near(x.got, x.want, 1e-6) {
				t.Errorf("%s: %s %v, want %v", row.name, x.name, x.got, x.want)
			}
		}
	}
}

func TestCompareTopKPictureByPicture(t *testing.T) {
	setup := Setup{Protocol: LeaveOneOut, TopK: 2}
	base := answered(t, setup, "a1>bc a2>bc b1>bc b2>cb")
	other := answered(t, setup, "a1>ab a2>bc b1>bc b2>ca")
	d, err := Compare(base, other)
	if err != nil {
		t.Fatal(err)
	}
	// Differences 1, 0, 0 and -1: mean 0, standard deviation √(2/3).
	if want := 0.8001519; d.TopKAccuracy.Mean != 0 || !near(d.TopKAccuracy.HalfWidth, want, 1e-6) {
		t.Errorf("got %+v, want 0 ± %v", d.TopKAccuracy, want)
	}
	base.Runs[0].InTopK = nil
	if d, err = Compare(base, other); err != nil || !math.IsNaN(d.TopKAccuracy.Low) || d.TopKAccuracy.Mean != 0 {
		t.Errorf("where the pictures are not known: %+v, %v", d.TopKAccuracy, err)
	}
}

func TestPairedIntervalIsNarrowerWhereModelsFailTogether(t *testing.T) {
	// Both find the first run easy and the second hard; the second model is better by one picture
	// in most.
	setup := Setup{EvalTrainRatio: 0.25}
	base := answered(t, setup, "a1>a a2>a b1>b b2>a", "a1>b a2>b b1>a b2>a", "a3>a a4>b b3>a b4>b",
		"a1>a a3>a b1>b b3>a", "a1>b a3>b b1>a b3>a", "a2>a a4>b b2>a b4>b")
	other := answered(t, setup, "a1>a a2>a b1>b b2>b", "a1>a a2>b b1>a b2>a", "a3>a a4>a b3>a b4>b",
		"a1>a a3>a b1>b b3>b", "a1>a a3>a b1>a b3>a", "a2>a a4>a b2>a b4>b")
	d, err := Compare(base, other)
	if err != nil {
		t.Fatal(err)
	}
	if !(d.Accuracy.Low > 0) || !(other.Accuracy.Low < base.Accuracy.High) {
		t.Errorf("difference %+v of %+v and %+v", d.Accuracy, base.Accuracy, other.Accuracy)
	}
}

func TestCompareRefusesOtherPictures(t *testing.T) {
	base := answered(t, Setup{Model: "x"}, "a1>a b1>b", "a2>a b2>b")
	for _, row := range []struct {
		name  string
		other *Evaluation
		want  string
	}{
		{"another file", answered(t, Setup{Model: "y"}, "a1>a b1>b", "a2>a b3>b"), "pictures"},
		{"the same in another order", answered(t, Setup{Model: "y"}, "a1>a b1>b", "b2>b a2>a"), "pictures"},
		{"fewer runs", answered(t, Setup{Model: "y"}, "a1>a b1>b"), "numbers of runs"},
		{"another protocol", answered(t, Setup{Model: "y", Protocol: Bootstrap}, "a1>a b1>b", "a2>a b2>b"), "protocols"},
		{"another k", answered(t, Setup{Model: "y", TopK: 2}, "a1>ab b1>bc", "a2>ab b2>bc"), "top-k"},
	} {
		want := `compare models "x" and "y": they were evaluated with different ` + row.want
		if _, err := Compare(base, row.other); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %q", row.name, err, want)
		}
	}
	if _, err := Compare(base, answered(t, Setup{Model: "y", Protocol: Holdout}, "a1>b b1>b", "a2>b b2>b")); err != nil {
		t.Errorf("no protocol is holdout, but: %v", err)
	}
}
