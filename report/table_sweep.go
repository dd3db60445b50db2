package report

import (
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter/tw"
)

// isSweep tells whether a model was evaluated by several methods.
func isSweep(evals []*Evaluation) bool {
	for i, e := range evals {
		for _, other := range evals[:i] {
			if e.Model == other.Model && e.methodName() != other.methodName() {
				return true
			}
		}
	}
	return false
}

// byModel puts evaluations of the same model together, in the order in which the models come.
func byModel(evals []*Evaluation) [][]*Evaluation {
	var groups [][]*Evaluation
	index := map[string]int{}
	for _, e := range evals {
		at, known := index[e.Model]
		if !known {
			at = len(groups)
			index[e.Model] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], e)
	}
	return groups
}

// sweep has the methods of one model, each on one line.
func (d *document) sweep(evals []*Evaluation) {
	first := evals[0]
	d.heading("Accuracy of " + Printable(first.Model) + " by method")
	d.text.WriteString(first.title() + ".\n\n")
	name, interval := first.secondInterval()
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight},
		header: []string{"Method", "Accuracy", fmt.Sprintf("Top-%d\naccuracy", first.TopK)},
	}
	if name != "" {
		g.align = append(g.align, tw.AlignRight, tw.AlignRight)
		name = strings.ReplaceAll(strings.ReplaceAll(name, " ", "\n"), "\n%", " %") // narrow enough for two of them
		g.header = []string{g.header[0], g.header[1], name, g.header[2], name}
	}
	for _, e := range evals {
		if name == "" {
			g.rows = append(g.rows, []string{Printable(e.methodName()), e.Accuracy.interval(), e.TopKAccuracy.interval()})
			continue
		}
		g.rows = append(g.rows, []string{
			Printable(e.methodName()), e.Accuracy.interval(), interval(e.Accuracy), e.TopKAccuracy.interval(), interval(e.TopKAccuracy),
		})
	}
	d.table(g)
	d.note(first.intervalNote()...)
	if len(evals) > 1 {
		d.sweepPaired(evals)
	}
}

// sweepPaired compares the methods of one model with its first.
func (d *document) sweepPaired(evals []*Evaluation) {
	first := evals[0]
	d.heading("Paired differences from " + Printable(first.methodName()))
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignLeft, tw.AlignRight},
		header: []string{"Method", "Accuracy", confidencePercent(first.Confidence) + " % interval", "Verdict", fmt.Sprintf("Top-%d", first.TopK)},
	}
	for _, e := range evals[1:] {
		difference, err := Compare(first, e)
		if err != nil {
			d.err = err
			return
		}
		a, k := difference.Accuracy, difference.TopKAccuracy
		g.rows = append(g.rows, []string{
			Printable(e.methodName()), a.signedMean(), a.bounds(), verdict(a), k.signedMean(),
		})
	}
	d.table(g)
	d.note(first.sweepNote(len(evals))...)
}
