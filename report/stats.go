package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a mean over runs with the half-widths of its confidence interval.
// Both half-widths are NaN after a single run.
type Estimate struct {
	Mean      float64
	HalfWidth float64 // Student's t, as if runs were independent

	// CorrectedHalfWidth allows for the overlap of the runs' splits. It is NaN
	// where the pictures evaluated are those trained on: the correction is
	// derived for pictures held out.
	CorrectedHalfWidth float64
}

// NewEstimate estimates the mean of one value per run at a confidence between 0
// and 1, for instance 0.95. With n values of standard deviation s (Bessel's
// correction) and t the (1+confidence)/2 quantile of Student's t with n-1
// degrees of freedom, the half-width is t·s/√n and the corrected one
// t·s·√(1/n + evalTrainRatio).
//
// evalTrainRatio is the number of pictures evaluated in a run over the number
// of pictures trained on, 0 where none is held out; see Nadeau and Bengio,
// "Inference for the Generalization Error", 2003, section 3.
func NewEstimate(values []float64, confidence, evalTrainRatio float64) Estimate {
	e := Estimate{Mean: stat.Mean(values, nil), HalfWidth: math.NaN(), CorrectedHalfWidth: math.NaN()}
	if len(values) < 2 {
		return e
	}
	n := float64(len(values))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1 + confidence) / 2)
	spread := t * stat.StdDev(values, nil)
	e.HalfWidth = spread / math.Sqrt(n)
	if evalTrainRatio > 0 {
		e.CorrectedHalfWidth = spread * math.Sqrt(1/n+evalTrainRatio)
	}
	return e
}

// ErrorRateReduction says which share of the errors made at accuracy before is
// gone at accuracy after; it is negative where errors were added, and NaN where
// there was no error to begin with.
func ErrorRateReduction(before, after float64) float64 {
	if before >= 1 {
		return math.NaN()
	}
	return ((1 - before) - (1 - after)) / (1 - before)
}

// Cumulative is a cumulative accuracy function: the accuracy that a given share
// of the classes, worst first, does not exceed. Both slices have one entry more
// than there are classes.
type Cumulative struct {
	Shares     []float64 // ascending from 0 to 1, equally spaced
	Accuracies []float64 // ascending from 0
}

// CumulativeAccuracy sorts the accuracies of m classes: at share i/m stands the
// i-th smallest, at share 0 stands 0. Classes without a picture (NaN) are left
// out.
func CumulativeAccuracy(perClass []float64) Cumulative {
	sorted := slices.DeleteFunc(slices.Clone(perClass), math.IsNaN)
	slices.Sort(sorted)
	c := Cumulative{Shares: []float64{0}, Accuracies: append([]float64{0}, sorted...)}
	for i := range sorted {
		c.Shares = append(c.Shares, float64(i+1)/float64(len(sorted)))
	}
	return c
}
