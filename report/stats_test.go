package report

import (
	"math"
	"slices"
	"testing"
)

// Quantiles of Student's t as printed tables give them, to three decimals.
func TestHalfWidthUsesTheQuantileOfStudentsT(t *testing.T) {
	for _, row := range []struct {
		runs       int
		confidence float64
		quantile   float64
	}{
		{2, 0.95, 12.706},
		{3, 0.95, 4.303},
		{5, 0.95, 2.776},
		{10, 0.95, 2.262},
		{20, 0.95, 2.093},
		{30, 0.95, 2.045},
		{20, 0.90, 1.729},
		{20, 0.99, 2.861},
		{11, 0.999, 4.587},
		{121, 0.95, 1.980},
	} {
		// n-1 zeros and one n: mean 1, sum of squared deviations n(n-1), so s = √n
		// and the half-width s/√n times the quantile is the quantile itself.
		values := make([]float64, row.runs)
		values[0] = float64(row.runs)
		e := NewEstimate(values, row.confidence, 0.25)
		if !near(e.Mean, 1, 1e-15) {
			t.Errorf("%d runs: mean %v, want 1", row.runs, e.Mean)
		}
		if math.Abs(e.HalfWidth-row.quantile) > 0.0005 {
			t.Errorf("%d runs at confidence %v: half-width %v, want %v", row.runs, row.confidence, e.HalfWidth, row.quantile)
		}
		// √(1/n + 1/4) over √(1/n)
		if factor := math.Sqrt(1 + float64(row.runs)/4); !near(e.CorrectedHalfWidth, e.HalfWidth*factor, 1e-14) {
			t.Errorf("%d runs: corrected half-width %v, want %v times %v", row.runs, e.CorrectedHalfWidth, e.HalfWidth, factor)
		}
	}
}

func TestIntervalWithoutMeaningIsNaN(t *testing.T) {
	for _, row := range []struct {
		name                 string
		values               []float64
		ratio                float64
		halfWidth, corrected float64
	}{
		{"a single run has no interval", []float64{0.5}, 0.25, math.NaN(), math.NaN()},
		{"nothing held out has no correction", []float64{0.3, 0.3}, 0, 0, math.NaN()},
		{"equal runs have an interval of 0", []float64{0.3, 0.3, 0.3}, 0.25, 0, 0},
	} {
		e := NewEstimate(row.values, 0.95, row.ratio)
		if !near(e.HalfWidth, row.halfWidth, 0) || !near(e.CorrectedHalfWidth, row.corrected, 0) {
			t.Errorf("%s: got %v and %v", row.name, e.HalfWidth, e.CorrectedHalfWidth)
		}
	}
}

// The examples of Newcombe, "Two-sided Confidence Intervals for the Single Proportion", Statistics
// in Medicine 17, 1998, table I, score method.
func TestWilson(t *testing.T) {
	for _, row := range []struct{ right, n, low, high float64 }{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
		{20, 20, 1 - 0.1611, 1}, // the mirror image of 0 of 20
	} {
		low, high := wilson(row.right/row.n, row.n, 0.95)
		if math.Abs(low-row.low) > 0.00005 || math.Abs(high-row.high) > 0.00005 {
			t.Errorf("%v of %v: [%v, %v], want [%v, %v]", row.right, row.n, low, high, row.low, row.high)
		}
	}
	if low, high := wilson(math.NaN(), 0, 0.95); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("of none: [%v, %v]", low, high)
	}
}

// As numpy.quantile gives them.
func TestQuantile(t *testing.T) {
	values := []float64{1, 2, 3, 4, 10}
	for _, row := range []struct{ p, want float64 }{
		{0, 1}, {0.1, 1.4}, {0.25, 2}, {0.5, 3}, {0.975, 9.4}, {1, 10},
	} {
		if got := quantile(values, row.p); !near(got, row.want, 1e-14) {
			t.Errorf("at %v: %v, want %v", row.p, got, row.want)
		}
	}
	if got := quantile([]float64{7}, 0.975); got != 7 {
		t.Errorf("of one value: %v", got)
	}
}

func TestPercentilesDoNotChangeTheirArgument(t *testing.T) {
	values := []float64{3, 1, 2}
	if e := percentileEstimate(values, 0.5); e.Mean != 2 || e.Low != 1.5 || e.High != 2.5 || !slices.Equal(values, []float64{3, 1, 2}) {
		t.Errorf("got %+v of %v", e, values)
	}
}

func TestErrorRateReduction(t *testing.T) {
	for _, row := range []struct {
		name                string
		before, after, want float64
	}{
		{"half of the errors gone", 0.5, 0.75, 0.5},
		{"all errors gone", 0.5, 1, 1},
		{"no change", 0.25, 0.25, 0},
		{"twice the errors", 0.75, 0.5, -1},
		{"no errors to begin with", 1, 0.5, math.NaN()},
		{"no errors before or after", 1, 1, math.NaN()},
	} {
		if got := ErrorRateReduction(row.before, row.after); !near(got, row.want, 1e-15) {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}

func TestCumulativeAccuracy(t *testing.T) {
	nan := math.NaN()
	for _, row := range []struct {
		name               string
		perClass           []float64
		shares, accuracies []float64
	}{
		{"sorts the classes", []float64{1, 0.25, 0.5, 0.25}, []float64{0, 0.25, 0.5, 0.75, 1}, []float64{0, 0.25, 0.25, 0.5, 1}},
		{"leaves out classes without pictures", []float64{nan, 1, 0.5}, []float64{0, 0.5, 1}, []float64{0, 0.5, 1}},
		{"one class", []float64{0.75}, []float64{0, 1}, []float64{0, 0.75}},
		{"no class", []float64{nan}, []float64{0}, []float64{0}},
	} {
		before := slices.Clone(row.perClass)
		got := CumulativeAccuracy(row.perClass)
		if !slices.Equal(got.Shares, row.shares) || !slices.Equal(got.Accuracies, row.accuracies) {
			t.Errorf("%s: got %v", row.name, got)
		}
		if !slices.EqualFunc(before, row.perClass, func(a, b float64) bool { return near(a, b, 0) }) {
			t.Errorf("%s: changed its argument to %v", row.name, row.perClass)
		}
	}
}
