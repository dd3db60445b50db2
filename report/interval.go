package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a kind of confidence interval.
type Interval string

// The intervals that an [Estimate] may have.
const (
	NoInterval  Interval = ""             // nothing is known of the spread, as after a single run
	StudentT    Interval = "student-t"    // of the mean over the runs, as if they were independent
	CorrectedT  Interval = "corrected-t"  // the same, corrected for the overlap of the runs
	Percentiles Interval = "percentile"   // of the runs
	Normal      Interval = "normal"       // of the mean over the pictures
	WilsonScore Interval = "wilson"       // of a share among the different pictures evaluated
	PairedScore Interval = "paired-score" // Tango's, of the difference of two shares among the same pictures
)

// sameValue is by how much values may differ that are the same: less than two shares among a
// million pictures can, and more than rounding does.
const sameValue = 1e-12

// constant reports whether runs do not vary. A spread of 0 is not evidence of certainty then: it
// says that the runs had nothing to tell apart, and what the pictures allow is the better answer.
// One value has no spread at all.
func constant(values []float64) bool {
	return len(values) > 1 && slices.Max(values)-slices.Min(values) <= sameValue
}

// estimates are those of evaluations, accuracy and top-k accuracy of each.
func estimates(evals []*Evaluation) []Estimate {
	var all []Estimate
	for _, e := range evals {
		all = append(all, e.Accuracy, e.TopKAccuracy)
	}
	return all
}

// hasInterval reports whether one of the estimates has an interval of the kind.
func hasInterval(estimates []Estimate, kind Interval) bool {
	return slices.ContainsFunc(estimates, func(e Estimate) bool { return e.Interval == kind })
}

// wilsonEstimate is of shares that are the same, each seen among some of n different pictures.
func wilsonEstimate(shares []float64, n int, confidence float64) Estimate {
	e := undefinedInterval(shares)
	e.Interval = WilsonScore
	e.Low, e.High = wilson(e.Mean, float64(n), confidence)
	return e
}

// pairedScoreEstimate is of differences that are the same: of n different pictures the share gained
// is right in the second evaluation alone, and the share lost in the first alone.
func pairedScoreEstimate(differences []float64, gained, lost float64, n int, confidence float64) Estimate {
	e := undefinedInterval(differences)
	e.Interval = PairedScore
	e.Low, e.High = pairedScore(gained*float64(n), lost*float64(n), float64(n), confidence)
	return e
}

// pairedScore gives the bounds of the score interval of the difference (b − c)/n of two shares
// among the same n pairs, b and c of which differ in either direction: Tango, "Equivalence Test and
// Confidence Interval for the Difference in Proportions for the Paired-Sample Design", Statistics
// in Medicine 17, 1998. Like Wilson's it stays within what is possible, and does not vanish where
// no pair differs: then it is ±z²/(n+z²).
func pairedScore(b, c, n, confidence float64) (low, high float64) {
	z := distuv.UnitNormal.Quantile((1 + confidence) / 2)
	// statistic falls as the supposed difference grows; the interval is where it lies between -z
	// and z.
	statistic := func(difference float64) float64 {
		q := discordant(b, c, n, difference)
		spread := math.Sqrt(n * max(0, 2*q+difference*(1-difference)))
		distance := b - c - n*difference
		if distance == 0 {
			return 0
		}
		return distance / spread
	}
	seen := (b - c) / n
	low = bisect(-1, seen, func(d float64) bool { return statistic(d) > z })
	high = bisect(seen, 1, func(d float64) bool { return statistic(d) >= -z })
	return low, high
}

// discordant is the share of pairs that differ to the second's disadvantage, at its largest
// likelihood under a supposed difference of the shares.
func discordant(b, c, n, difference float64) float64 {
	linear := (2*n-b+c)*difference - b - c
	constant := -c * difference * (1 - difference)
	return max(0, (math.Sqrt(max(0, linear*linear-8*n*constant))-linear)/(4*n))
}

// bisect returns where a condition that holds from low on ends.
func bisect(low, high float64, holds func(float64) bool) float64 {
	for range 64 {
		middle := low + (high-low)/2
		if holds(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low + (high-low)/2
}
