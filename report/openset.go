package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/olekukonko/tablewriter/tw"
)

// OpenSet says how well pictures of classes that were not trained on can be told from others: in
// each run a share of the classes is left out of the training part, and their pictures are asked
// about, too.
type OpenSet struct {
	Share  float64 // of the classes
	Scores []Rejection

	// Accepted are the pictures of unknown classes, those first that score highest in the mean over
	// the runs, by the score with the largest AUROC.
	Accepted []Accepted
}

// Rejection says how well a score separates pictures of known classes from others. Coverage is the
// share of the pictures whose answer is accepted, those that score highest first. Every answer
// about a picture of an unknown class is wrong.
type Rejection struct {
	Score    string
	AUROC    Estimate   // probability that a picture of a known class scores higher than one of an unknown class
	FPR95    Estimate   // share of the pictures of unknown classes that score as high as 95 % of the others
	Accuracy []Estimate // among the accepted, at each of Coverages
	Risk     []float64  // share of wrong answers among the accepted, at coverage i/100 for i from 1
}

// Coverages at which accuracies are given.
var Coverages = []float64{0.8, 0.9, 1}

// Accepted is a picture of an unknown class.
type Accepted struct {
	File       string
	Target     int // indices into the labels
	Prediction int // in most of the runs
	Score      float64
	Runs       int // in which its class was unknown and it was asked about
}

// OpenRun is the outcome of one run, one entry a picture.
type OpenRun struct {
	Files       []string
	Targets     []int
	Predictions []int
	Known       []bool      // whether the class was trained on
	Scores      [][]float64 // one list for each score
}

// AddOpenSet summarises runs with unknown classes.
func (e *Evaluation) AddOpenSet(share float64, scores []string, runs []OpenRun) error {
	if len(runs) != len(e.Runs) || len(runs) == 0 {
		return fmt.Errorf("%d runs with unknown classes, but %d without; must be as many", len(runs), len(e.Runs))
	}
	for r := range runs {
		if err := runs[r].check(len(scores), len(e.Labels)); err != nil {
			return fmt.Errorf("run %d with unknown classes: %w", r, err)
		}
	}
	o := &OpenSet{Share: share}
	for s, name := range scores {
		rejection, err := e.reject(name, s, runs)
		if err != nil {
			return fmt.Errorf("score %s: %w", name, err)
		}
		o.Scores = append(o.Scores, rejection)
	}
	o.Accepted = accepted(runs, o.best())
	e.OpenSet = o
	return nil
}

// best is the score with the largest AUROC, of equal ones the first.
func (o *OpenSet) best() int {
	best := 0
	for s := range o.Scores {
		if o.Scores[s].AUROC.Mean > o.Scores[best].AUROC.Mean {
			best = s
		}
	}
	return best
}

// Best is the score with the largest AUROC.
func (o *OpenSet) Best() *Rejection { return &o.Scores[o.best()] }

func (e *Evaluation) reject(name string, score int, runs []OpenRun) (Rejection, error) {
	var areas, rates []float64
	accuracies := make([][]float64, len(Coverages))
	risk := make([]float64, 100)
	for r := range runs {
		run := &runs[r]
		known, unknown := run.divided(score)
		if len(known) == 0 || len(unknown) == 0 {
			return Rejection{}, fmt.Errorf("run %d asks about %d pictures of known and %d of unknown classes; choose another part, seed or share", r, len(known), len(unknown))
		}
		areas, rates = append(areas, area(known, unknown)), append(rates, falsePositives(known, unknown, 0.95))
		right := run.rightByScore(score)
		for i, coverage := range Coverages {
			accuracies[i] = append(accuracies[i], accuracyAt(right, coverage))
		}
		for i := range risk {
			risk[i] += (1 - accuracyAt(right, float64(i+1)/100)) / float64(len(runs))
		}
	}
	estimate := func(values []float64) Estimate { return e.overRuns(values).within(0, 1) }
	out := Rejection{Score: name, AUROC: estimate(areas), FPR95: estimate(rates), Risk: risk}
	for _, values := range accuracies {
		out.Accuracy = append(out.Accuracy, estimate(values))
	}
	return out, nil
}

// divided returns the scores of the pictures of known and of unknown classes, ascending.
func (r *OpenRun) divided(score int) (known, unknown []float64) {
	for i, value := range r.Scores[score] {
		if r.Known[i] {
			known = append(known, value)
		} else {
			unknown = append(unknown, value)
		}
	}
	slices.Sort(known)
	slices.Sort(unknown)
	return known, unknown
}

// area is the area under the curve of true against false positives: the probability that one of the
// known scores is larger than one of the unknown ones, where equal ones count half. Both are
// ascending.
func area(known, unknown []float64) float64 {
	var below, upTo, sum int // of the unknown scores, those below a known one, and those not above
	for _, k := range known {
		for below < len(unknown) && unknown[below] < k {
			below++
		}
		upTo = max(upTo, below)
		for upTo < len(unknown) && unknown[upTo] <= k {
			upTo++
		}
		sum += below + upTo
	}
	return float64(sum) / 2 / float64(len(known)) / float64(len(unknown))
}

// falsePositives is the share of the unknown scores that reach the level which a share of the known
// ones reach. Both are ascending.
func falsePositives(known, unknown []float64, share float64) float64 {
	level := known[len(known)-int(math.Ceil(share*float64(len(known))-1e-9))]
	first, _ := slices.BinarySearch(unknown, level)
	return float64(len(unknown)-first) / float64(len(unknown))
}

// rightByScore reports for each picture whether the answer is right, those first that score
// highest.
func (r *OpenRun) rightByScore(score int) []bool {
	order := make([]int, len(r.Files))
	for i := range order {
		order[i] = i
	}
	values := r.Scores[score]
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	right := make([]bool, len(order))
	for place, i := range order {
		right[place] = r.Known[i] && r.Predictions[i] == r.Targets[i]
	}
	return right
}

// accuracyAt is the accuracy among the share of answers that come first, at least one.
func accuracyAt(right []bool, coverage float64) float64 {
	n := max(1, int(math.Round(coverage*float64(len(right)))))
	hits := 0
	for _, r := range right[:n] {
		if r {
			hits++
		}
	}
	return float64(hits) / float64(n)
}

// accepted lists the pictures of unknown classes, those with the highest mean score first.
func accepted(runs []OpenRun, score int) []Accepted {
	all := make(map[string]*Accepted)
	votes := make(map[string]map[int]int)
	for r := range runs {
		run := &runs[r]
		for i, file := range run.Files {
			if run.Known[i] {
				continue
			}
			a := all[file]
			if a == nil {
				a = &Accepted{File: file, Target: run.Targets[i]}
				all[file], votes[file] = a, make(map[int]int)
			}
			a.Score += run.Scores[score][i]
			a.Runs++
			votes[file][run.Predictions[i]]++
		}
	}
	var list []Accepted
	for file, a := range all {
		a.Score /= float64(a.Runs)
		most := 0
		for prediction, n := range votes[file] {
			if n > most || n == most && prediction < a.Prediction {
				most, a.Prediction = n, prediction
			}
		}
		list = append(list, *a)
	}
	slices.SortFunc(list, func(a, b Accepted) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.File, b.File)) })
	return list
}

// check refuses what does not fit.
func (r *OpenRun) check(scores, classes int) error {
	n := len(r.Files)
	if len(r.Targets) != n || len(r.Predictions) != n || len(r.Known) != n || len(r.Scores) != scores {
		return fmt.Errorf("%d files, %d targets, %d predictions and %d lists of scores", n, len(r.Targets), len(r.Predictions), len(r.Scores))
	}
	for i := range n {
		if min(r.Targets[i], r.Predictions[i]) < 0 || max(r.Targets[i], r.Predictions[i]) >= classes {
			return fmt.Errorf("%s: target %d, prediction %d, but there are %d labels", r.Files[i], r.Targets[i], r.Predictions[i], classes)
		}
	}
	for _, values := range r.Scores {
		if len(values) != n {
			return fmt.Errorf("%d scores for %d files", len(values), n)
		}
		if slices.ContainsFunc(values, math.IsNaN) {
			return errors.New("a score is not a number")
		}
	}
	return nil
}

// openSets has a table for each evaluation with unknown classes.
func (d *document) openSets(evals []*Evaluation) {
	for i, e := range evals {
		if e.OpenSet == nil {
			continue
		}
		o := e.OpenSet
		d.heading(fmt.Sprintf("Unknown classes: %s, %s left out in each run", e.fullName(), percent(o.Share)))
		g := grid{
			align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight},
			header: []string{"Rejected by", "AUROC", "Accepted\nat 95 %"},
		}
		for _, coverage := range Coverages {
			g.align = append(g.align, tw.AlignRight)
			g.header = append(g.header, fmt.Sprintf("Accuracy\nat %.1f", coverage))
		}
		for _, s := range o.Scores {
			row := []string{s.Score, s.AUROC.quoted(), fixed(s.FPR95.Mean, 3)}
			for _, accuracy := range s.Accuracy {
				row = append(row, fixed(accuracy.Mean, 3))
			}
			g.rows = append(g.rows, row)
		}
		d.table(g)
		if i == 0 {
			d.note(wrap("AUROC is how likely a picture of a known class scores higher than one of a class that was left out: 0.5 says nothing, 1 tells all apart." +
				" \"Accepted at 95 %\" is the share of pictures of unknown classes that score as high as 95 % of the others do." +
				" The accuracy is that of the answers which are accepted where 80 %, 90 % or all are, those that score highest; about unknown classes every answer is wrong.")...)
		}
		d.heading("Pictures of unknown classes that score highest")
		d.tableOrNone(acceptedGrid(e))
		d.remainder(len(o.Accepted))
	}
}

func acceptedGrid(e *Evaluation) grid {
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignLeft, tw.AlignLeft, tw.AlignRight, tw.AlignRight},
		header: []string{"Picture", "Label", "Taken for", "Mean score", "Runs"},
	}
	for _, a := range e.OpenSet.Accepted[:min(listed, len(e.OpenSet.Accepted))] {
		g.rows = append(g.rows, []string{a.File, e.Labels[a.Target], e.Labels[a.Prediction], fixed(a.Score, 3), fmt.Sprint(a.Runs)})
	}
	return g
}
