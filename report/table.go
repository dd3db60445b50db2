package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// TableOptions say how tables look and what they hold.
type TableOptions struct {
	Format    Layout
	Threshold float64 // classes less accurate than this, between 0 and 1, are listed; 0 leaves the list out
	Brief     bool    // only the models, without their classes and mistakes
}

// WriteTable writes the evaluations side by side, one row a model in the order
// given, then by how much each differs from the first, then for each model the
// accuracy of its classes, its weakest classes, the classes that it confuses
// and the pictures that it gets wrong most. Where a model was evaluated by several
// methods, there is one row a method, by how much each differs from the model's
// first, and no more. What is written together must have been evaluated on the
// same pictures in the same way; else it is an error.
func WriteTable(w io.Writer, evals []*Evaluation, options TableOptions) error {
	if err := writeTable(w, evals, options); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

func writeTable(w io.Writer, evals []*Evaluation, options TableOptions) error {
	if !isShare(options.Threshold) {
		return fmt.Errorf("threshold is %v, must be between 0 and 1", options.Threshold)
	}
	if err := CheckComparable(evals); err != nil {
		return err
	}
	if len(evals) == 0 {
		return nil
	}
	d := document{format: options.Format}
	if isSweep(evals) {
		for _, group := range byModel(evals) {
			d.sweep(group)
			d.probabilities(group, (*Evaluation).shownMethod)
		}
		d.duplicates(evals[0])
	} else {
		d.models(evals, options)
	}
	if n := evals[0].ShortRun; n > 0 {
		d.note(fmt.Sprintf("Trial run, limited to %d pictures per class: do not quote these numbers.", n))
	}
	if d.err != nil {
		return d.err
	}
	_, err := w.Write(d.text.Bytes())
	return err
}

func (d *document) models(evals []*Evaluation, options TableOptions) {
	d.summary(evals)
	for _, text := range HintTexts(evals) {
		d.note(wrap(text)...)
	}
	d.duplicates(evals[0])
	if len(evals) > 1 {
		d.paired(evals)
	}
	d.probabilities(evals, (*Evaluation).fullName)
	d.openSets(evals)
	if options.Brief {
		return
	}
	for i, e := range evals {
		d.details(e, options.Threshold, i == 0)
	}
}

// duplicates says what readers should know of equal pictures.
func (d *document) duplicates(e *Evaluation) {
	if text := e.DuplicatesText(); text != "" {
		d.note(wrap(text)...)
	}
}

func (e *Evaluation) shownMethod() string { return e.methodName() }

func (s *Setup) methodName() string {
	if s.Method == "" {
		return "mean, cosine"
	}
	return s.Method
}

// fullName is the model with its method, if it has another than usual.
func (s *Setup) fullName() string {
	if s.Method == "" {
		return Printable(s.Model)
	}
	return Printable(s.Model) + ", " + Printable(s.Method)
}

// document collects headings, tables and notes; the first error sticks.
type document struct {
	format Layout
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

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
