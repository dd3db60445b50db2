package report

import (
	"fmt"
	"math"

	"github.com/olekukonko/tablewriter/tw"
)

// summary has a row for each model.
func (d *document) summary(evals []*Evaluation) {
	first := evals[0]
	d.heading(first.title())
	g := grid{
		align: tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight},
		// Broken so that a model name of 38 letters fits a terminal of 80 columns.
		header: []string{"Model", "Encoder\nparams\n(M)", "Accuracy", fmt.Sprintf("Top-%d\naccuracy", first.TopK)},
	}
	for i, e := range evals {
		g.rows = append(g.rows, []string{Printable(e.Model), Millions(e.NumParams), e.Accuracy.interval(), e.TopKAccuracy.interval()})
		if e.Method != "" {
			// Below the model, since a line has no room for both.
			g.rows = append(g.rows, []string{"  " + Printable(e.Method), "", "", ""})
		}
		if name, interval := e.secondInterval(); name != "" {
			g.rows = append(g.rows, []string{"  " + name, "", interval(e.Accuracy), interval(e.TopKAccuracy)})
		}
		if i > 0 {
			g.rows = append(g.rows, []string{
				"  ↳ error-rate reduction", "",
				percent(ErrorRateReduction(evals[i-1].Accuracy.Mean, e.Accuracy.Mean)),
				percent(ErrorRateReduction(evals[i-1].TopKAccuracy.Mean, e.TopKAccuracy.Mean)),
			})
		}
	}
	d.table(g)
	d.note(first.intervalNote()...)
	if len(evals) > 1 {
		d.note("↳ compares the errors of a model with those of the model above it.")
	}
}

// secondInterval is the interval that has no place beside the mean: what it is called, and how to print it. Without a name
// there is none.
func (e *Evaluation) secondInterval() (name string, text func(Estimate) string) {
	level := confidencePercent(e.Confidence)
	switch {
	case e.protocol() == LeaveOneOut:
		return level + " % Wilson interval", Estimate.bounds
	case e.protocol() == Bootstrap && len(e.Runs) > 1:
		return level + " % percentile interval", Estimate.bounds
	case e.hasCorrection():
		return "corrected for overlap", Estimate.corrected
	}
	return "", nil
}

// paired has a row for each model but the first, which the others are compared with.
func (d *document) paired(evals []*Evaluation) {
	first := evals[0]
	d.heading("Paired differences from " + first.fullName())
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight},
		header: []string{"Model", "Accuracy", fmt.Sprintf("Top-%d\naccuracy", first.TopK)},
	}
	for _, e := range evals[1:] {
		difference, err := Compare(first, e)
		if err != nil {
			d.err = err
			return
		}
		a, k := difference.Accuracy, difference.TopKAccuracy
		g.rows = append(g.rows, []string{Printable(e.Model), a.signed(), k.signed()})
		if e.Method != "" {
			g.rows = append(g.rows, []string{"  " + Printable(e.Method), "", ""})
		}
		if name, interval := first.secondInterval(); name != "" && first.protocol() != LeaveOneOut {
			g.rows = append(g.rows, []string{"  " + name, interval(a), interval(k)})
		}
		g.rows = append(g.rows, []string{
			"  error-rate reduction", percent(difference.ErrorRateReduction), percent(difference.TopKErrorRateReduction),
		})
		if !math.IsNaN(a.Low) {
			g.rows = append(g.rows, []string{"  verdict", verdict(a), verdict(k)})
		}
	}
	d.table(g)
	d.note(first.pairedNote(len(evals))...)
}

func verdict(difference Estimate) string {
	switch {
	case difference.Low > 0:
		return "better"
	case difference.High < 0:
		return "worse"
	case math.IsNaN(difference.Low):
		return undefined
	}
	return "no clear difference"
}
