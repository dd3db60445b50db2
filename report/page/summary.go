package page

import (
	"fmt"
	"math"
	"slices"

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

// intervals says what the intervals of the means and of the differences are.
func intervals(models []modelPayload, e *report.Evaluation) string {
	text := e.IntervalText()
	if !math.IsNaN(e.Accuracy.CorrectedHalfWidth) {
		text += " The first ± takes the runs for independent, and is too narrow: quote the corrected one."
	}
	others := func(kind string, of func(modelPayload) []estimate) bool {
		return slices.ContainsFunc(models, func(m modelPayload) bool {
			return slices.ContainsFunc(of(m), func(e estimate) bool { return e.Kind == kind })
		})
	}
	means := func(m modelPayload) []estimate { return []estimate{m.Accuracy, m.TopK} }
	if e.Accuracy.Interval != report.WilsonScore && e.TopKAccuracy.Interval != report.WilsonScore && others(wilson, means) {
		text += " Where Wilson stands, the runs do not vary, and the interval is that of a share among the different pictures evaluated."
	}
	differences := func(m modelPayload) []estimate {
		if m.Difference == nil {
			return nil
		}
		return []estimate{m.Difference.Accuracy, m.Difference.TopK}
	}
	if others(score, differences) {
		text += " A score interval is Tango's (1998) among the different pictures evaluated: there everything that is compared differs by the same."
	}
	return text
}

// warning says of a trial run that it is one.
func warning(p *Page) string {
	if n := p.Models[0].Evaluation.ShortRun; n > 0 {
		return fmt.Sprintf("A trial run on the first %d pictures of each class: do not quote these numbers.", n)
	}
	return ""
}
