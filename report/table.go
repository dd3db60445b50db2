package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter/tw"
)

// WriteTable writes the evaluations side by side, one row a model in the order
// given, then the accuracy of each class of each model, then its weakest
// classes. Evaluations in one table must have the same labels, number of
// pictures, part, seed, runs, top-k, confidence and short-run limit; others
// would only look comparable.
func WriteTable(w io.Writer, evals []*Evaluation, format Format) error {
	if err := checkComparable(evals); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	if len(evals) == 0 {
		return nil
	}
	d := document{format: format}
	d.summary(evals)
	for _, e := range evals {
		d.classes(e)
	}
	if d.err != nil {
		return fmt.Errorf("write table: %w", d.err)
	}
	if _, err := w.Write(d.text.Bytes()); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// checkComparable finds evaluations that differ in more than the model.
func checkComparable(evals []*Evaluation) error {
	for i, e := range evals {
		first := evals[0]
		var differ string
		switch {
		case !slices.Equal(e.Labels, first.Labels):
			differ = "labels"
		case e.NumImages != first.NumImages:
			differ = "numbers of pictures"
		case e.Part != first.Part:
			differ = "parts"
		case e.Seed != first.Seed:
			differ = "seeds"
		case len(e.Runs) != len(first.Runs):
			differ = "numbers of runs"
		case e.TopK != first.TopK:
			differ = "top-k"
		case e.Confidence != first.Confidence:
			differ = "confidences"
		case e.ShortRun != first.ShortRun:
			differ = "short-run limits"
		default:
			continue
		}
		return fmt.Errorf("models %q and %q (row %d) were evaluated with different %s; write them separately",
			first.Model, e.Model, i+1, differ)
	}
	return nil
}

// document collects headings, tables and notes; the first error sticks.
type document struct {
	format Format
	text   bytes.Buffer
	err    error
}

func (d *document) heading(text string) {
	if d.text.Len() > 0 {
		d.text.WriteByte('\n')
	}
	if d.format == Markdown {
		d.text.WriteString("### " + escapeMarkdown(text) + "\n\n")
		return
	}
	d.text.WriteString(text + "\n\n")
}

func (d *document) table(g grid) {
	if d.err == nil {
		d.err = g.render(&d.text, d.format)
	}
}

func (d *document) note(lines ...string) {
	d.text.WriteByte('\n')
	for _, line := range lines {
		d.text.WriteString(line + "\n")
	}
}

func (d *document) summary(evals []*Evaluation) {
	first := evals[0]
	d.heading(fmt.Sprintf("Accuracy on part %s: %s, %s, %s, seed %d", printable(first.Part),
		count(len(first.Labels), "class", "classes"), count(first.NumImages, "picture", "pictures"),
		count(len(first.Runs), "run", "runs"), first.Seed))
	g := grid{
		align: tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight},
		// Broken so that a model name of 38 letters fits a terminal of 80 columns.
		header: []string{"Model", "Encoder\nparameters\n(M)", "Accuracy", fmt.Sprintf("Top-%d\naccuracy", first.TopK)},
	}
	for i, e := range evals {
		g.rows = append(g.rows, []string{
			printable(e.Model), Millions(e.NumParams), e.Accuracy.interval(), e.TopKAccuracy.interval(),
		})
		if len(e.Runs) > 1 {
			g.rows = append(g.rows, []string{"  corrected for overlap", "", e.Accuracy.corrected(), e.TopKAccuracy.corrected()})
		}
		if i > 0 {
			above := evals[i-1]
			g.rows = append(g.rows, []string{
				"  ↳ error-rate reduction", "",
				percent(ErrorRateReduction(above.Accuracy.Mean, e.Accuracy.Mean)),
				percent(ErrorRateReduction(above.TopKAccuracy.Mean, e.TopKAccuracy.Mean)),
			})
		}
	}
	d.table(g)
	d.note(intervalNote(first)...)
	if len(evals) > 1 {
		d.note("↳ compares the errors of a model with those of the model above it.")
	}
	if first.ShortRun > 0 {
		d.note(fmt.Sprintf("Short run, limited to %d: a trial of the set-up. The numbers are no result.", first.ShortRun))
	}
}

// intervalNote says what the intervals mean, in lines of at most 80 columns.
func intervalNote(e *Evaluation) []string {
	runs := len(e.Runs)
	if runs == 1 {
		return []string{"A single run, so no confidence interval. More runs would give one."}
	}
	lines := []string{
		fmt.Sprintf("± is the half-width of the %s %% Student-t interval of the mean over %d runs.",
			strconv.FormatFloat(100*e.Confidence, 'g', 6, 64), runs),
		"The splits of the runs overlap, so it is too narrow.",
	}
	if e.Part == "train" {
		return append(lines, "No correction is known for pictures that were trained on.")
	}
	return append(lines, `"Corrected for overlap" allows for that (Nadeau and Bengio, 2003).`)
}

func (d *document) classes(e *Evaluation) {
	model := printable(e.Model)
	d.heading("Class accuracy of " + model)
	d.table(classGrid(e.Classes()))
	weak := e.LeastAccurate(WeakBelow)
	d.heading(fmt.Sprintf("Least accurate classes of %s (below %v)", model, WeakBelow))
	if len(weak) == 0 {
		d.text.WriteString("None.\n")
		return
	}
	d.table(classGrid(weak))
}

func classGrid(classes []ClassAccuracy) grid {
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight},
		header: []string{"Class", "Pictures evaluated\nper run", "Accuracy"},
	}
	for _, c := range classes {
		pictures := strings.TrimSuffix(fixed(c.Pictures, 1), ".0")
		g.rows = append(g.rows, []string{printable(c.Label), pictures, fixed(c.Accuracy, 3)})
	}
	return g
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
