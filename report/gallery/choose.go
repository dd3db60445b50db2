package gallery

import (
	"cmp"
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

// Random draws n of the pictures that the first run evaluates, each at most once, or all of them in
// random order if there are no more.
func Random(e *report.Evaluation, n int, seed uint64) []Picture {
	if len(e.Runs) == 0 {
		return nil
	}
	run := &report.Evaluation{Setup: e.Setup, Runs: e.Runs[:1]}
	outcomes := run.Outcomes()
	chosen := make([]Picture, 0, max(0, min(n, len(outcomes))))
	for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(len(outcomes))[:cap(chosen)] {
		chosen = append(chosen, pictureOf(outcomes[i], e.Labels))
	}
	return chosen
}

// Mistakes gives at most n of the pictures that are wrong in at least one run, and how many of them
// there are. The worst come first: those whose wrong class beats their own by the largest mean
// margin over the wrong runs. Where not all runs have margins, or these are equal, the larger share
// of wrong runs comes first, then more wrong runs, then the order of the evaluation.
func Mistakes(e *report.Evaluation, n int) (worst []Picture, total int) {
	known := !slices.ContainsFunc(e.Runs, func(r report.RunResult) bool { return r.Margins == nil })
	for _, o := range e.Outcomes() {
		if o.Wrong > 0 {
			p := pictureOf(o, e.Labels)
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

// pictureOf names the labels of an outcome.
func pictureOf(o report.Outcome, labels []string) Picture {
	return Picture{
		File: o.File, Target: labels[o.Target], Prediction: labels[o.Prediction],
		Wrong: o.Wrong, Evaluated: o.Evaluated, Margin: o.Margin,
	}
}
