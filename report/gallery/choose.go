package gallery

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"

	"vs/report"
)

// Picture is an evaluated picture.
type Picture struct {
	File       string // "label/name", relative to the data folder
	Target     string // its label
	Prediction string // the label that the model gave it; after several wrong runs the most frequent wrong one

	Wrong, Evaluated int     // runs
	Margin           float64 // mean of [report.Run.Margins] over the wrong runs, 0 where not known
}

// Random draws n of the pictures that the first run evaluates, each at most once, or all of them in random order if
// there are no more.
func Random(e *report.Evaluation, n int, seed uint64) []Picture {
	if len(e.Runs) == 0 {
		return nil
	}
	run := &report.Evaluation{Setup: e.Setup, Runs: e.Runs[:1]}
	tallies := count(run)
	chosen := make([]Picture, 0, max(0, min(n, len(tallies))))
	for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(len(tallies))[:cap(chosen)] {
		chosen = append(chosen, tallies[i].picture(e.Labels))
	}
	return chosen
}

// Mistakes gives at most n of the pictures that are wrong in at least one run, and how many of them there are. The worst
// come first: those that are most more similar to a wrong class than to their own, by their mean margin over the wrong
// runs. Where not all runs have margins, or these are equal, the larger share of wrong runs comes first, then the more
// of them, then the order in which they were evaluated.
func Mistakes(e *report.Evaluation, n int) (worst []Picture, total int) {
	known := !slices.ContainsFunc(e.Runs, func(r report.RunResult) bool { return r.Margins == nil })
	for _, t := range count(e) {
		if t.Wrong > 0 {
			p := t.picture(e.Labels)
			if !known {
				p.Margin = 0
			}
			worst = append(worst, p)
		}
	}
	slices.SortStableFunc(worst, func(a, b Picture) int {
		return cmp.Or(
			cmp.Compare(b.Margin, a.Margin),
			cmp.Compare(b.Wrong*a.Evaluated, a.Wrong*b.Evaluated),
			cmp.Compare(b.Wrong, a.Wrong),
		)
	})
	return worst[:max(0, min(n, len(worst)))], len(worst)
}

// tally is what the runs make of one picture.
type tally struct {
	Picture
	target  int
	taken   map[int]int // wrong predictions and their runs
	margins float64     // sum over the wrong runs
	lastRun int
}

// count goes through all runs; pictures are in the order in which they were first evaluated.
func count(e *report.Evaluation) []*tally {
	index := map[string]*tally{}
	var tallies []*tally
	for r, run := range e.Runs {
		for i, file := range run.Files {
			t := index[file]
			if t == nil {
				t = &tally{Picture: Picture{File: file}, target: run.Targets[i], lastRun: -1}
				index[file] = t
				tallies = append(tallies, t)
			}
			if t.lastRun == r {
				continue // the training part of a bootstrap lists pictures several times
			}
			t.lastRun = r
			t.Evaluated++
			if run.Predictions[i] == run.Targets[i] {
				continue
			}
			t.Wrong++
			if t.taken == nil {
				t.taken = map[int]int{}
			}
			t.taken[run.Predictions[i]]++
			if run.Margins != nil {
				t.margins += float64(run.Margins[i])
			}
		}
	}
	return tallies
}

// picture names the labels. Of equally frequent wrong predictions the first class counts.
func (t *tally) picture(labels []string) Picture {
	p := t.Picture
	p.Target, p.Prediction = labels[t.target], labels[t.target]
	most := 0
	for _, class := range slices.Sorted(maps.Keys(t.taken)) {
		if t.taken[class] > most {
			most, p.Prediction = t.taken[class], labels[class]
		}
	}
	if p.Wrong > 0 {
		p.Margin = t.margins / float64(p.Wrong)
	}
	return p
}
