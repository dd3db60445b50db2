package report

import (
	"cmp"
	"math"
	"slices"
)

// ClassStats is how one class fares over all runs.
type ClassStats struct {
	Label       string
	Support     float64 // pictures of the class evaluated in a run, mean over the runs
	NumPictures int     // different pictures of the class evaluated in all runs together, copies counted once

	// Accuracy is the share of right answers among all evaluations of the class's pictures, all
	// runs together. Low and High are the bounds of its Wilson interval for Images pictures,
	// however often each was evaluated: to evaluate a picture again in another run tells nothing
	// about pictures that were never seen. All three are NaN for a class without pictures.
	Accuracy, Low, High float64

	// Precision is the share of right answers among the pictures taken for the class, Recall that
	// among the pictures of the class, and F1 = 2·right / (pictures of the class + pictures taken
	// for it) their harmonic mean, which is 0 where no answer is right. Each is the mean over the
	// runs in which it is defined, NaN where there is none: a run in which no picture is taken for
	// the class has no precision, a run without pictures of the class has no recall, and only a run
	// with neither has no F1.
	Precision, Recall, F1 float64
}

// mean collects a mean of the values that are defined.
type mean struct{ sum, n float64 }

func (m *mean) add(x float64) {
	if !math.IsNaN(x) {
		m.sum += x
		m.n++
	}
}

// value is NaN where nothing was added.
func (m mean) value() float64 { return m.sum / m.n }

// ClassStats gives the statistics of each class, in label order.
func (e *Evaluation) ClassStats() []ClassStats {
	classes := len(e.Labels)
	stats := make([]ClassStats, classes)
	allRight, allTargets := make([]float64, classes), make([]float64, classes)
	precision, recall, f1 := make([]mean, classes), make([]mean, classes), make([]mean, classes)
	right, targets, taken := make([]float64, classes), make([]float64, classes), make([]float64, classes)
	type picture struct {
		content string
		class   int
	}
	seen := map[picture]bool{}
	for _, run := range e.Runs {
		clear(right)
		clear(targets)
		clear(taken)
		for i, target := range run.Targets {
			targets[target]++
			taken[run.Predictions[i]]++
			if run.Predictions[i] == target {
				right[target]++
			}
			if p := (picture{e.Duplicates.content(run.Files[i]), target}); !seen[p] {
				seen[p] = true
				stats[target].NumPictures++
			}
		}
		for c := range stats {
			// 0/0 is NaN, which means that the run does not count.
			precision[c].add(right[c] / taken[c])
			recall[c].add(right[c] / targets[c])
			f1[c].add(2 * right[c] / (targets[c] + taken[c]))
			allRight[c] += right[c]
			allTargets[c] += targets[c]
		}
	}
	for c := range stats {
		s := &stats[c]
		s.Label = e.Labels[c]
		s.Support = allTargets[c] / float64(len(e.Runs))
		s.Accuracy = allRight[c] / allTargets[c]
		s.Low, s.High = wilson(s.Accuracy, float64(s.NumPictures), e.Confidence)
		s.Precision, s.Recall, s.F1 = precision[c].value(), recall[c].value(), f1[c].value()
	}
	return stats
}

// DefaultThreshold is the accuracy under which a class is usually called weak.
const DefaultThreshold = 0.8

// LeastAccurate gives the classes whose accuracy is below the threshold, worst
// first, classes of the same accuracy in label order.
func (e *Evaluation) LeastAccurate(threshold float64) []ClassStats {
	return leastAccurate(e.ClassStats(), threshold)
}

func leastAccurate(classes []ClassStats, threshold float64) []ClassStats {
	// A NaN is below nothing, so classes without pictures drop out.
	weak := slices.DeleteFunc(slices.Clone(classes), func(c ClassStats) bool { return !(c.Accuracy < threshold) })
	slices.SortStableFunc(weak, func(a, b ClassStats) int { return cmp.Compare(a.Accuracy, b.Accuracy) })
	return weak
}

// meanOverClasses gives every class the same weight; a class counts in the means of what is defined
// for it.
func meanOverClasses(classes []ClassStats) (accuracy, precision, recall, f1 float64) {
	var a, p, r, f mean
	for _, c := range classes {
		a.add(c.Accuracy)
		p.add(c.Precision)
		r.add(c.Recall)
		f.add(c.F1)
	}
	return a.value(), p.value(), r.value(), f.value()
}
