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
		g.rows = append(g.rows, []string{e.Model, Millions(e.NumParams), e.Accuracy.interval(), e.TopKAccuracy.interval()})
		if e.Method != "" {
			// Below the model, since a line has no room for both.
			g.rows = append(g.rows, []string{"  " + e.Method, "", "", ""})
		}
		for _, row := range secondIntervals(e.Confidence, e.Accuracy, e.TopKAccuracy) {
			g.rows = append(g.rows, []string{row[0], "", row[1], row[2]})
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
	d.note(intervalNote(evals)...)
	if len(evals) > 1 {
		d.note("↳ compares the errors of a model with those of the model above it.")
	}
}

// secondIntervals are rows with the intervals that have no place beside the means: what they are
// called, and those of accuracy and top-k accuracy. Where both are of a kind, one row has them.
func secondIntervals(confidence float64, accuracy, topK Estimate) [][3]string {
	a, k := accuracy.secondInterval(), topK.secondInterval()
	nameA, nameK := accuracy.Interval.secondName(confidence), topK.Interval.secondName(confidence)
	switch {
	case nameA == "" && nameK == "":
		return nil
	case nameA == nameK:
		return [][3]string{{"  " + nameA, a, k}}
	case nameK == "":
		return [][3]string{{"  " + nameA, a, ""}}
	case nameA == "":
		return [][3]string{{"  " + nameK, "", k}}
	}
	return [][3]string{{"  " + nameA, a, ""}, {"  " + nameK, "", k}}
}

// secondName is what a table calls an interval that has no place beside the mean; "" for one that
// has.
func (i Interval) secondName(confidence float64) string {
	level := confidencePercent(confidence)
	switch i {
	case CorrectedT:
		return "corrected for overlap"
	case Percentiles:
		return level + " % percentile interval"
	case WilsonScore:
		return level + " % Wilson interval"
	case PairedScore:
		return level + " % score interval"
	}
	return ""
}

// secondInterval prints such an interval.
func (e Estimate) secondInterval() string {
	if e.Interval == CorrectedT {
		return e.corrected()
	}
	return e.bounds()
}

// paired has a row for each model but the first, which the others are compared with.
func (d *document) paired(evals []*Evaluation) {
	first := evals[0]
	d.heading("Paired differences from " + first.fullName())
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight},
		header: []string{"Model", "Accuracy", fmt.Sprintf("Top-%d\naccuracy", first.TopK)},
	}
	var shown []Estimate
	for _, e := range evals[1:] {
		difference, err := Compare(first, e)
		if err != nil {
			d.err = err
			return
		}
		a, k := difference.Accuracy, difference.TopKAccuracy
		shown = append(shown, a, k)
		g.rows = append(g.rows, []string{e.Model, a.signed(), k.signed()})
		if e.Method != "" {
			g.rows = append(g.rows, []string{"  " + e.Method, "", ""})
		}
		for _, row := range secondIntervals(e.Confidence, a, k) {
			g.rows = append(g.rows, row[:])
		}
		g.rows = append(g.rows, []string{
			"  error-rate reduction", percent(difference.ErrorRateReduction), percent(difference.TopKErrorRateReduction),
		})
		if !math.IsNaN(a.Low) {
			g.rows = append(g.rows, []string{"  verdict", verdict(a), verdict(k)})
		}
	}
	d.table(g)
	d.note(first.pairedNote(shown)...)
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
