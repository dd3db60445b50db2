package report

import (
	"cmp"
	"maps"
	"slices"
)

// confusion counts the answers of all runs together, [target, prediction].
func (e *Evaluation) confusion() map[[2]int]int {
	counts := map[[2]int]int{}
	right := make([]int, len(e.Labels)) // most answers are right, and a slice is faster than a map
	for _, run := range e.Runs {
		for i, target := range run.Targets {
			if prediction := run.Predictions[i]; prediction != target {
				counts[[2]int{target, prediction}]++
			} else {
				right[target]++
			}
		}
	}
	for c, n := range right {
		if n > 0 {
			counts[[2]int{c, c}] = n
		}
	}
	return counts
}

// Confusion gives the confusion matrix, [target][prediction]: how many pictures of a class were
// taken for a class in a run, mean over the runs.
func (e *Evaluation) Confusion() [][]float64 {
	matrix := make([][]float64, len(e.Labels))
	for c := range matrix {
		matrix[c] = make([]float64, len(e.Labels))
	}
	for pair, n := range e.confusion() {
		matrix[pair[0]][pair[1]] = float64(n) / float64(len(e.Runs))
	}
	return matrix
}

// Confused is a pair of classes of which one was taken for the other.
type Confused struct {
	Target, Prediction int     // indices into the labels
	Count              float64 // pictures of the target taken for the prediction in a run, mean over the runs
	Share              float64 // of all evaluations of the target's pictures
	times              int     // Count times the runs
}

// MostConfused gives the n pairs of classes that are confused most, by count, then by share, then
// in label order.
func (e *Evaluation) MostConfused(n int) []Confused {
	confused := e.answers()
	confused = slices.DeleteFunc(confused, func(c Confused) bool { return c.Target == c.Prediction })
	slices.SortStableFunc(confused, func(a, b Confused) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Share, a.Share))
	})
	return confused[:max(0, min(n, len(confused)))]
}

// answers lists what occurs in the confusion matrix, right answers too, in label order.
func (e *Evaluation) answers() []Confused {
	counts := e.confusion()
	total := make([]float64, len(e.Labels))
	for pair, n := range counts {
		total[pair[0]] += float64(n)
	}
	var list []Confused
	for _, pair := range slices.SortedFunc(maps.Keys(counts), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }) {
		n := counts[pair]
		list = append(list, Confused{
			Target: pair[0], Prediction: pair[1],
			Count: float64(n) / float64(len(e.Runs)), Share: float64(n) / total[pair[0]], times: n,
		})
	}
	return list
}

// Outcome is what the runs make of a picture.
type Outcome struct {
	File             string
	Target           int     // the class that it is labelled with
	Prediction       int     // the class that it is most often taken for instead, of equally frequent ones the first; the target if it never is
	Wrong, Evaluated int     // runs
	Margin           float64 // mean of [Run.Margins] over the wrong runs, 0 where not known
}

// Outcomes goes through all runs; pictures are in the order in which they were first evaluated.
func (e *Evaluation) Outcomes() []Outcome {
	type picture struct {
		Outcome
		lastRun int
		taken   map[int]int // wrong predictions and their runs
	}
	index := map[string]int{}
	var pictures []picture
	for r, run := range e.Runs {
		for i, file := range run.Files {
			at, known := index[file]
			if !known {
				at = len(pictures)
				index[file] = at
				target := run.Targets[i]
				pictures = append(pictures, picture{Outcome: Outcome{File: file, Target: target, Prediction: target}, lastRun: -1})
			}
			p := &pictures[at]
			if p.lastRun == r {
				continue // a bootstrap's training part lists a picture several times
			}
			p.lastRun = r
			p.Evaluated++
			if run.Predictions[i] == run.Targets[i] {
				continue
			}
			p.Wrong++
			if p.taken == nil {
				p.taken = map[int]int{}
			}
			p.taken[run.Predictions[i]]++
			if run.Margins != nil {
				p.Margin += float64(run.Margins[i])
			}
		}
	}
	outcomes := make([]Outcome, len(pictures))
	for i, p := range pictures {
		if p.Wrong > 0 {
			p.Margin /= float64(p.Wrong)
		}
		most := 0
		for _, class := range slices.Sorted(maps.Keys(p.taken)) {
			if p.taken[class] > most {
				most, p.Prediction = p.taken[class], class
			}
		}
		outcomes[i] = p.Outcome
	}
	return outcomes
}

// Suspicious gives at most n of the pictures that are wrong in more than half of the runs that
// evaluate them; often their labels are. The larger share of wrong runs comes first, then the more
// of them, then the larger margin, then the order in which they were evaluated.
func (e *Evaluation) Suspicious(n int) []Outcome {
	suspicious := slices.DeleteFunc(e.Outcomes(), func(o Outcome) bool { return 2*o.Wrong <= o.Evaluated })
	slices.SortStableFunc(suspicious, func(a, b Outcome) int {
		return cmp.Or(
			cmp.Compare(b.Wrong*a.Evaluated, a.Wrong*b.Evaluated),
			cmp.Compare(b.Wrong, a.Wrong),
			cmp.Compare(b.Margin, a.Margin),
		)
	})
	return suspicious[:max(0, min(n, len(suspicious)))]
}
