package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a mean with its confidence interval. What is not defined is NaN.
type Estimate struct {
	Mean float64

	// HalfWidth is that of Student's t interval over the runs, as if they were independent; for the
	// difference of two models in leave-one-out that of the normal interval over the pictures. It
	// is NaN after a single run, where the interval is not symmetric, and where runs or pictures do
	// not vary.
	HalfWidth float64

	// CorrectedHalfWidth allows for the overlap of the runs' splits. It is NaN
	// where the pictures evaluated are those trained on: the correction is
	// derived for pictures held out.
	CorrectedHalfWidth float64

	// Low and High are the bounds of the interval to quote, within what is possible (an accuracy is
	// not above 1). For bootstrap they are percentiles of the runs, for leave-one-out those of
	// Wilson's interval, else Mean ± CorrectedHalfWidth, or where that is not defined Mean ±
	// HalfWidth. Where runs do not vary, they are those of Wilson's interval for the different
	// pictures evaluated, of a difference those of Tango's.
	Low, High float64

	// Interval says which of these Low and High are, and [Evaluation.IntervalText] says it in a
	// sentence.
	Interval Interval
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
	e := undefinedInterval(values)
	if len(values) < 2 {
		return e
	}
	n := float64(len(values))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1 + confidence) / 2)
	spread := t * stat.StdDev(values, nil)
	e.HalfWidth = spread / math.Sqrt(n)
	quoted := e.HalfWidth
	e.Interval = StudentT
	if evalTrainRatio > 0 {
		e.CorrectedHalfWidth = spread * math.Sqrt(1/n+evalTrainRatio)
		quoted = e.CorrectedHalfWidth
		e.Interval = CorrectedT
	}
	e.Low, e.High = e.Mean-quoted, e.Mean+quoted
	return e
}

func undefinedInterval(values []float64) Estimate {
	nan := math.NaN()
	return Estimate{Mean: stat.Mean(values, nil), HalfWidth: nan, CorrectedHalfWidth: nan, Low: nan, High: nan}
}

// within cuts the bounds to what is possible. NaN stays.
func (e Estimate) within(low, high float64) Estimate {
	e.Low, e.High = min(max(e.Low, low), high), min(max(e.High, low), high)
	return e
}

// percentileEstimate has the interval between the (1±confidence)/2 quantiles of the values; see
// Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7, 1979.
func percentileEstimate(values []float64, confidence float64) Estimate {
	e := undefinedInterval(values)
	if len(values) < 2 {
		return e
	}
	sorted := slices.Sorted(slices.Values(values))
	e.Interval = Percentiles
	e.Low, e.High = quantile(sorted, (1-confidence)/2), quantile(sorted, (1+confidence)/2)
	return e
}

// quantile interpolates linearly between sorted values at p·(n−1): type 7 of Hyndman and Fan,
// "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996, the default of
// NumPy and R.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	below := min(int(at), len(sorted)-1)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
}

// normalEstimate has the interval Mean ± z·s/√n with the standard deviation s (Bessel's correction)
// of n independent values and z the (1+confidence)/2 quantile of the normal distribution.
func normalEstimate(values []float64, confidence float64) Estimate {
	e := undefinedInterval(values)
	if len(values) < 2 {
		return e
	}
	z := distuv.UnitNormal.Quantile((1 + confidence) / 2)
	e.Interval = Normal
	e.HalfWidth = z * stat.StdDev(values, nil) / math.Sqrt(float64(len(values)))
	e.Low, e.High = e.Mean-e.HalfWidth, e.Mean+e.HalfWidth
	return e
}

// wilson gives the bounds of the score interval of a share p seen among n: Wilson, "Probable
// Inference, the Law of Succession, and Statistical Inference", Journal of the American Statistical
// Association 22, 1927. Unlike p ± z·s/√n it stays within 0 and 1, and does not vanish where all or
// none were right. Both are NaN for n = 0.
func wilson(p, n, confidence float64) (low, high float64) {
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	z := distuv.UnitNormal.Quantile((1 + confidence) / 2)
	scale := 1 + z*z/n
	centre := (p + z*z/(2*n)) / scale
	half := z / scale * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	// Rounding may put a bound of 0 or 1 on the wrong side of p.
	return max(0, min(centre-half, p)), min(1, max(centre+half, p))
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
