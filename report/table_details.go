package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/olekukonko/tablewriter/tw"
)

// listed is how many mistakes of a kind are listed.
const listed = 10

// details has what concerns one model: its classes and its mistakes.
func (d *document) details(e *Evaluation, threshold float64, explain bool) {
	name := e.fullName()
	classes := e.ClassStats()
	g := classGrid(e, classes)
	accuracy, precision, recall, f1 := meanOverClasses(classes)
	g.rows = append(g.rows, []string{
		"mean over classes", "", fixed(accuracy, 3), "", fixed(precision, 3), fixed(recall, 3), fixed(f1, 3),
	})
	d.heading("Class accuracy of " + name)
	d.table(g)
	if explain {
		d.note(wrap(fmt.Sprintf("Pictures are the different ones evaluated in all runs together. The interval is Wilson's for that many pictures."+
			" Precision, recall and F1 are means over %s.", e.runsWord()))...)
	}
	if threshold > 0 {
		d.heading(fmt.Sprintf("Least accurate classes of %s (below %v)", name, threshold))
		d.tableOrNone(classGrid(e, leastAccurate(classes, threshold)))
	}

	d.heading("Most confused pairs of " + name)
	pairs := e.MostConfused(math.MaxInt)
	d.tableOrNone(confusedGrid(e, pairs[:min(listed, len(pairs))]))
	d.remainder(len(pairs))

	d.heading("Most suspicious pictures of " + name)
	pictures := e.Suspicious(math.MaxInt)
	d.tableOrNone(suspiciousGrid(e, pictures[:min(listed, len(pictures))]))
	d.remainder(len(pictures))
	if explain && len(pictures) > 0 {
		d.note(wrap("They are wrong in more than half of the runs that evaluate them. In practice, where accuracy is high, these often are label errors: look at them first.")...)
	}
}

func (d *document) tableOrNone(g grid) {
	if len(g.rows) == 0 {
		d.text.WriteString("None.\n")
		return
	}
	d.table(g)
}

func (d *document) remainder(n int) {
	if n > listed {
		d.note(fmt.Sprintf("The first %d of %d.", listed, n))
	}
}

func classGrid(e *Evaluation, classes []ClassStats) grid {
	g := grid{
		align: tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight},
		header: []string{
			"Class", "Pictures", "Accuracy", confidencePercent(e.Confidence) + " % interval", "Precision", "Recall", "F1",
		},
	}
	for _, c := range classes {
		g.rows = append(g.rows, []string{
			c.Label, fmt.Sprint(c.NumPictures), fixed(c.Accuracy, 3), brackets(c.Low, c.High, 3),
			fixed(c.Precision, 3), fixed(c.Recall, 3), fixed(c.F1, 3),
		})
	}
	return g
}

func confusedGrid(e *Evaluation, pairs []Confused) grid {
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignLeft, tw.AlignRight, tw.AlignRight},
		header: []string{"Class", "Taken for", "Pictures\nper run", "Share of\nthe class"},
	}
	for _, p := range pairs {
		g.rows = append(g.rows, []string{
			e.Labels[p.Target], e.Labels[p.Prediction],
			strings.TrimSuffix(fixed(p.Count, 2), ".00"), percent(p.Share),
		})
	}
	return g
}

func suspiciousGrid(e *Evaluation, pictures []Outcome) grid {
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignLeft, tw.AlignLeft, tw.AlignRight},
		header: []string{"Picture", "Label", "Taken for", "Wrong in\nruns"},
	}
	for _, p := range pictures {
		g.rows = append(g.rows, []string{
			p.File, e.Labels[p.Target], e.Labels[p.Prediction],
			fmt.Sprintf("%d of %d", p.Wrong, p.Evaluated),
		})
	}
	return g
}
