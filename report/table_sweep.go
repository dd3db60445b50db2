package report

import (
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter/tw"
)

// isSweep reports whether a model was evaluated by several methods.
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
	column := secondColumn(evals)
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight},
		header: []string{"Method", "Accuracy", fmt.Sprintf("Top-%d\naccuracy", first.TopK)},
	}
	if column != "" {
		g.align = append(g.align, tw.AlignRight, tw.AlignRight)
		name := strings.ReplaceAll(strings.ReplaceAll(column, " ", "\n"), "\n%", " %") // narrow enough for two of them
		g.header = []string{g.header[0], g.header[1], name, g.header[2], name}
	}
	for _, e := range evals {
		a, k := e.Accuracy, e.TopKAccuracy
		if column == "" {
			g.rows = append(g.rows, []string{e.methodName(), a.interval(), k.interval()})
			continue
		}
		g.rows = append(g.rows, []string{e.methodName(), a.interval(), a.under(column, e.Confidence), k.interval(), k.under(column, e.Confidence)})
		for _, row := range secondIntervals(e.Confidence, a, k) {
			if strings.TrimSpace(row[0]) != column {
				g.rows = append(g.rows, []string{row[0], row[1], "", row[2], ""})
			}
		}
	}
	d.table(g)
	d.note(intervalNote(evals)...)
	if len(evals) > 1 {
		d.sweepPaired(evals)
	}
}

// secondColumn is what the column of the intervals is called that have no place beside the means;
// "" without such a column. Intervals of another kind have a line of their own.
func secondColumn(evals []*Evaluation) string {
	for _, kind := range []Interval{CorrectedT, Percentiles, WilsonScore} {
		if hasInterval(estimates(evals), kind) {
			return kind.secondName(evals[0].Confidence)
		}
	}
	return ""
}

// under prints the interval that belongs into the column, if the estimate has that.
func (e Estimate) under(column string, confidence float64) string {
	if e.Interval.secondName(confidence) != column {
		return ""
	}
	return e.secondInterval()
}

// sweepPaired compares the methods of one model with its first.
func (d *document) sweepPaired(evals []*Evaluation) {
	first := evals[0]
	d.heading("Paired differences from " + Printable(first.methodName()))
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignLeft, tw.AlignRight},
		header: []string{"Method", "Accuracy", confidencePercent(first.Confidence) + " % interval", "Verdict", fmt.Sprintf("Top-%d", first.TopK)},
	}
	var shown []Estimate
	for _, e := range evals[1:] {
		difference, err := Compare(first, e)
		if err != nil {
			d.err = err
			return
		}
		a, k := difference.Accuracy, difference.TopKAccuracy
		shown = append(shown, a)
		bounds := a.bounds()
		if a.Interval == PairedScore {
			bounds += "¹"
		}
		g.rows = append(g.rows, []string{e.methodName(), a.signedMean(), bounds, verdict(a), k.signedMean()})
	}
	d.table(g)
	d.note(first.sweepNote(shown)...)
}
