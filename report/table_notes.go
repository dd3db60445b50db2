package report

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// title says what was evaluated.
func (e *Evaluation) title() string {
	size := count(len(e.Labels), "class", "classes") + ", " + count(e.NumImages, "picture", "pictures")
	switch {
	case e.protocol() == LeaveOneOut:
		return "Accuracy, leaving one out: " + size // no random numbers, so no seed
	case e.protocol() == Bootstrap && e.Part == "valid":
		return fmt.Sprintf("Accuracy out of bag: %s, %s, seed %d", size, e.countRuns(), e.Seed)
	}
	return fmt.Sprintf("Accuracy on part %s: %s, %s, seed %d", Printable(e.Part), size, e.countRuns(), e.Seed)
}

// intervalNote says what the intervals mean.
func (e *Evaluation) intervalNote() []string {
	level := confidencePercent(e.Confidence)
	switch {
	case e.protocol() == LeaveOneOut:
		return wrap(fmt.Sprintf("[ ] is the %s %% Wilson interval of a share among %s. Each is answered from all the others.",
			level, count(len(e.Runs[0].Files), "picture", "pictures")))
	case len(e.Runs) == 1:
		return wrap(e.IntervalText())
	case e.protocol() == Bootstrap:
		text := fmt.Sprintf("[ ] holds the middle %s %% of the accuracies of %s.", level, e.countRuns())
		if e.Part == "valid" {
			text += " A run draws as many pictures as there are, with replacement, and evaluates those that it did not draw." +
				" What it draws has about 63 % of the different pictures; with all of them accuracy is usually somewhat higher."
		}
		if least := leastBootstrapRuns(e.Confidence); len(e.Runs) < least {
			text += fmt.Sprintf(" %d runs are too few for this interval. Use %d or more.", len(e.Runs), least)
		}
		return wrap(text)
	}
	parts := "splits of the runs"
	if e.protocol() == KFold {
		parts = "training parts of the folds"
	}
	lines := []string{
		fmt.Sprintf("± is the half-width of the %s %% Student-t interval of the mean over %s.", level, e.countRuns()),
		fmt.Sprintf("The %s overlap, so it is too narrow.", parts),
	}
	if e.hasCorrection() {
		lines = append(lines, `"Corrected for overlap" allows for that (Nadeau and Bengio, 2003).`)
	} else if e.Part == "train" {
		lines = append(lines, "No correction is known for pictures that were trained on.")
	}
	return lines
}

// leastBootstrapRuns is how many it takes for a run to be outside the interval at each end.
func leastBootstrapRuns(confidence float64) int {
	const rounding = 1e-6
	return int(math.Ceil(min(2/(1-confidence), math.MaxInt32) - rounding))
}

// pairedNote says what the differences mean, the first of models taken from the others.
func (e *Evaluation) pairedNote(models int) []string {
	level := confidencePercent(e.Confidence)
	text, interval := e.pairing("model"), "the interval"
	switch {
	case e.protocol() == LeaveOneOut:
		text += fmt.Sprintf(" ± is the half-width of the %s %% normal interval of their mean.", level)
	case len(e.Runs) == 1:
		return wrap(text + " " + e.IntervalText())
	case e.protocol() == Bootstrap:
		text += fmt.Sprintf(" [ ] holds the middle %s %% of the differences.", level)
	case e.hasCorrection():
		interval = "the corrected interval"
	}
	return wrap(text + verdictNote(interval, models))
}

// sweepNote is pairedNote where the interval has a column of its own.
func (e *Evaluation) sweepNote(methods int) []string {
	text := e.pairing("method")
	switch {
	case e.protocol() == LeaveOneOut:
		text += " The interval is the normal one of their mean."
	case len(e.Runs) == 1:
		return wrap(text + " " + e.IntervalText())
	case e.protocol() == Bootstrap:
		text += " The interval holds the middle of the differences."
	case e.hasCorrection():
		text += " The interval is corrected for overlap."
	default:
		text += " The interval is Student's t."
	}
	return wrap(text + verdictNote("it", methods))
}

// pairing says what is taken from what.
func (e *Evaluation) pairing(what string) string {
	if e.protocol() == LeaveOneOut {
		return "Each " + what + " less the first, picture by picture: 1 where only this one is right, -1 where only the first is, else 0."
	}
	return "Each " + what + " less the first, run by run on the same splits."
}

func verdictNote(interval string, rows int) string {
	text := ` "Better" and "worse" mean that ` + interval + " excludes 0."
	if rows > 2 {
		text += " Each interval stands for its row alone: among many rows one may look better or worse by chance."
	}
	return text
}

// wrap breaks a text into lines of at most 80 letters, but not before a %.
func wrap(text string) []string {
	const glue = "\u00a0"
	var lines []string
	line := ""
	for word := range strings.SplitSeq(strings.ReplaceAll(text, " %", glue+"%"), " ") {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line+" "+word) > 80:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	lines = append(lines, line)
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], glue, " ")
	}
	return lines
}
