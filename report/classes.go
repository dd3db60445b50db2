package report

import (
	"cmp"
	"math"
	"slices"
)

// WeakBelow is the accuracy under which tables list a class as weak.
const WeakBelow = 0.8

// ClassAccuracy is the accuracy of one class over all runs.
type ClassAccuracy struct {
	Label    string
	Pictures float64 // evaluated per run, on average
	Accuracy float64 // mean over the runs that have a picture of the class; NaN where none has
}

// Classes gives the accuracy of each class, in label order.
func (e *Evaluation) Classes() []ClassAccuracy {
	classes := make([]ClassAccuracy, len(e.Labels))
	for c, label := range e.Labels {
		var sum, runs float64
		for _, run := range e.Runs {
			if accuracy := run.PerClassAccuracy[c]; !math.IsNaN(accuracy) {
				sum += accuracy
				runs++
			}
		}
		classes[c] = ClassAccuracy{Label: label, Accuracy: sum / runs}
	}
	for _, run := range e.Runs {
		for _, target := range run.Targets {
			classes[target].Pictures++
		}
	}
	for c := range classes {
		classes[c].Pictures /= float64(len(e.Runs))
	}
	return classes
}

// LeastAccurate gives the classes whose accuracy is below the threshold, worst
// first, classes of the same accuracy in label order.
func (e *Evaluation) LeastAccurate(threshold float64) []ClassAccuracy {
	// A NaN is below nothing, so classes without pictures drop out.
	weak := slices.DeleteFunc(e.Classes(), func(c ClassAccuracy) bool { return !(c.Accuracy < threshold) })
	slices.SortStableFunc(weak, func(a, b ClassAccuracy) int { return cmp.Compare(a.Accuracy, b.Accuracy) })
	return weak
}
