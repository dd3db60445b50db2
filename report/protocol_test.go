package report

import (
	"math"
	"strings"
	"testing"
)

func TestIntervalOfProtocol(t *testing.T) {
	nan := math.NaN()
	// Accuracies 1, 1/2, 0 and 1/2: mean 1/2, standard deviation √(1/6); the 3/4 quantile of t with
	// 3 degrees of freedom is
	// 0.76489233.
	runs := []string{"a1>a b1>b", "a2>a b2>a", "a3>b b3>a", "a4>a b4>c"}
	half := 0.76489233 * math.Sqrt(1./6) / 2
	overlap, folds := half*math.Sqrt(1+4./4), half*math.Sqrt(1+4./3)
	all := []string{"a1>a b1>b a2>a b2>a a3>b b3>a a4>a b4>c"}
	for _, row := range []struct {
		name                       string
		setup                      Setup
		runs                       []string
		half, corrected, low, high float64
	}{
		{"holdout", Setup{EvalTrainRatio: 1. / 4}, runs, half, overlap, 0.5 - overlap, 0.5 + overlap},
		{"the training part", Setup{EvalTrainRatio: 1. / 4, Part: "train"}, runs, half, nan, 0.5 - half, 0.5 + half},
		{"no accuracy is below 0 or above 1", Setup{EvalTrainRatio: 4}, runs, half, half * math.Sqrt(17), 0, 1},
		{"folds", Setup{Protocol: KFold, EvalTrainRatio: 1. / 3}, runs, half, folds, 0.5 - folds, 0.5 + folds},
		// Sorted 0, 1/2, 1/2, 1: the quartiles stand at 0.75 and 2.25.
		{"bootstrap", Setup{Protocol: Bootstrap, EvalTrainRatio: 1. / 4}, runs, nan, nan, 0.375, 0.625},
		{"one bootstrap run", Setup{Protocol: Bootstrap}, runs[:1], nan, nan, nan, nan},
		{"leave one out, 4 of 8 right", Setup{Protocol: LeaveOneOut}, all, nan, nan, 0.3840181, 0.6159819},
		{"a single run", Setup{}, runs[:1], nan, nan, nan, nan},
	} {
		row.setup.Confidence = 0.5
		e := answered(t, row.setup, row.runs...).Accuracy
		for _, x := range []struct {
			name      string
			got, want float64
		}{
			{"half-width", e.HalfWidth, row.half},
			{"corrected half-width", e.CorrectedHalfWidth, row.corrected},
			{"low", e.Low, row.low},
			{"high", e.High, row.high},
		} {
			if !near(x.got, x.want, 1e-6) {
				t.Errorf("%s: %s %v, want %v", row.name, x.name, x.got, x.want)
			}
		}
	}
}

func TestTopKHasTheIntervalOfItsProtocol(t *testing.T) {
	e := answered(t, Setup{Protocol: LeaveOneOut, TopK: 2}, "a1>ab b1>ca a2>ba c1>ac")
	low, high := wilson(3./4, 4, 0.95)
	if e.TopKAccuracy.Mean != 0.75 || e.TopKAccuracy.Low != low || e.TopKAccuracy.High != high {
		t.Errorf("got %+v, want 0.75 [%v, %v]", e.TopKAccuracy, low, high)
	}
}

func TestBootstrapRunsMayHaveDifferentSizes(t *testing.T) {
	e := answered(t, Setup{Protocol: Bootstrap}, "a1>a b1>b c1>a", "b1>b", "a1>a a2>b")
	if want := (2./3 + 1 + 1./2) / 3; !near(e.Accuracy.Mean, want, 1e-15) {
		t.Errorf("mean %v, want %v: that of the runs", e.Accuracy.Mean, want)
	}
}

func TestIntervalText(t *testing.T) {
	two := []string{"a1>a b1>b", "a2>a b2>a"}
	for _, row := range []struct {
		setup Setup
		runs  []string
		want  string
	}{
		{Setup{EvalTrainRatio: 0.25}, two, "95 % Student-t interval of the mean over 2 runs, corrected for the overlap of their splits"},
		{Setup{EvalTrainRatio: 0.25, Part: "train"}, two, "over 2 runs. The splits overlap, so it is too narrow."},
		{Setup{Protocol: KFold, EvalTrainRatio: 1}, two, "mean over 2 folds, corrected"},
		{Setup{Protocol: Bootstrap, Confidence: 0.9}, two, "the middle 90 % of the accuracies of 2 bootstrap runs."},
		{Setup{Protocol: LeaveOneOut}, two[:1], "95 % Wilson interval of a share among 2 pictures."},
		{Setup{}, two[:1], "A single run, so no confidence interval."},
	} {
		if got := answered(t, row.setup, row.runs...).IntervalText(); !strings.Contains(got, row.want) {
			t.Errorf("%v: got %q, want one with %q", row.setup.Protocol, got, row.want)
		}
	}
}
