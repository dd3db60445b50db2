package page

import (
	"fmt"
	"math"

	"vs/report"
)

// summary says in one sentence what came out.
func summary(p *Page) string {
	first := 0
	for i, m := range p.Models {
		if m.Evaluation.Accuracy.Mean > p.Models[first].Evaluation.Accuracy.Mean {
			first = i
		}
	}
	best, who := p.Models[first].Evaluation, report.Printable(report.DisplayNames(evaluations(p.Models))[first])
	if n := len(p.Models); n > 1 {
		who = fmt.Sprintf("The best of %d models, %s,", n, who)
	}
	interval := ""
	if a := best.Accuracy; !math.IsNaN(a.Low) {
		interval = fmt.Sprintf(" (interval %.1f to %.1f %%)", 100*a.Low, 100*a.High)
	}
	weak := len(best.LeastAccurate(p.Threshold))
	return fmt.Sprintf("%s gives %.1f %%%s of the pictures the right one of %d labels, and their label is among the first %d for %.1f %%; %s below %v.",
		who, 100*best.Accuracy.Mean, interval, len(best.Labels), best.TopK, 100*best.TopKAccuracy.Mean, classesAre(weak), p.Threshold)
}

func classesAre(n int) string {
	switch n {
	case 0:
		return "no class is"
	case 1:
		return "1 class is"
	}
	return fmt.Sprintf("%d classes are", n)
}

// intervals says what the intervals of the means are.
func intervals(e *report.Evaluation) string {
	text := e.IntervalText()
	if !math.IsNaN(e.Accuracy.CorrectedHalfWidth) {
		text += " The first ± takes the runs for independent, and is too narrow: quote the corrected one."
	}
	return text
}

// warning says of a trial run that it is one.
func warning(p *Page) string {
	if n := p.Models[0].Evaluation.ShortRun; n > 0 {
		return fmt.Sprintf("A short run on the first %d pictures of each class: these numbers are no result.", n)
	}
	return ""
}
