package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// title says what was evaluated.
func (e *Evaluation) title() string {
	size := count(len(e.Labels), "class", "classes") + ", " + count(e.NumPictures, "picture", "pictures")
	switch {
	case e.protocol() == LeaveOneOut:
		return "Accuracy, leaving one out: " + size // no random numbers, so no seed
	case e.protocol() == Bootstrap && e.Part == "valid":
		return fmt.Sprintf("Accuracy out of bag: %s, %s, seed %d", size, e.countRuns(), e.Seed)
	}
	return fmt.Sprintf("Accuracy on part %s: %s, %s, seed %d", Printable(e.Part), size, e.countRuns(), e.Seed)
}

// intervalNote says what the intervals mean of evaluations that stand in one table.
func intervalNote(evals []*Evaluation) []string {
	e, all := evals[0], estimates(evals)
	if e.protocol() == LeaveOneOut {
		return wrap(fmt.Sprintf("[ ] is %s Each is answered from all the others.", e.wilsonText()))
	}
	var lines []string
	if slices.ContainsFunc(all, func(x Estimate) bool { return x.Interval != WilsonScore }) {
		lines = e.overRunsNote()
	}
	if !hasInterval(all, WilsonScore) {
		return lines
	}
	if len(lines) == 0 {
		return wrap("[ ] is " + e.wilsonText())
	}
	return append(lines, wrap(fmt.Sprintf("The Wilson interval stands where the %s do not vary: it is that of a share among %s.",
		e.runsWord(), count(e.differentPictures(), "different picture", "different pictures")))...)
}

// overRunsNote says what the intervals mean that the protocol has where runs vary.
func (e *Evaluation) overRunsNote() []string {
	level := confidencePercent(e.Confidence)
	switch {
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

// pairedNote says what differences mean, the first of models taken from the others: two estimates
// for each of the others.
func (e *Evaluation) pairedNote(differences []Estimate) []string {
	level := confidencePercent(e.Confidence)
	text, interval := e.pairing("model"), "the interval"
	if e.protocol() != LeaveOneOut && len(e.Runs) == 1 {
		return wrap(text + " " + e.IntervalText())
	}
	switch {
	case hasInterval(differences, Normal):
		text += fmt.Sprintf(" ± is the half-width of the %s %% normal interval of their mean.", level)
	case hasInterval(differences, Percentiles):
		text += fmt.Sprintf(" [ ] holds the middle %s %% of the differences.", level)
	case hasInterval(differences, CorrectedT):
		interval = "the corrected interval"
	}
	if hasInterval(differences, PairedScore) {
		text += " The score interval " + e.pairedScoreNote()
		interval = "the interval to quote"
	}
	return wrap(text + verdictNote(interval, len(differences)/2))
}

// pairedScoreNote continues the name of the interval.
func (e *Evaluation) pairedScoreNote() string {
	among := count(e.differentPictures(), "different picture", "different pictures")
	if e.protocol() == LeaveOneOut {
		return "is Tango's (1998) among " + among + ", where none of them, or all, make the same difference."
	}
	return "is Tango's (1998) among " + among + ", where all " + e.runsWord() + " differ by the same."
}

// sweepNote is pairedNote where the interval has a column of its own: one estimate for each of the
// other methods.
func (e *Evaluation) sweepNote(differences []Estimate) []string {
	text := e.pairing("method")
	if e.protocol() != LeaveOneOut && len(e.Runs) == 1 {
		return wrap(text + " " + e.IntervalText())
	}
	switch {
	case hasInterval(differences, Normal):
		text += " The interval is the normal one of their mean."
	case hasInterval(differences, Percentiles):
		text += " The interval holds the middle of the differences."
	case hasInterval(differences, CorrectedT):
		text += " The interval is corrected for overlap."
	case hasInterval(differences, StudentT):
		text += " The interval is Student's t."
	}
	lines := wrap(text + verdictNote("it", len(differences)))
	if hasInterval(differences, PairedScore) {
		lines = append(lines, wrap("¹ The score interval "+e.pairedScoreNote())...)
	}
	return lines
}

// pairing says what is taken from what.
func (e *Evaluation) pairing(what string) string {
	if e.protocol() == LeaveOneOut {
		return "Each " + what + " less the first, picture by picture: 1 where only this one is right, -1 where only the first is, else 0."
	}
	return "Each " + what + " less the first, run by run on the same splits."
}

// verdictNote is of that many rows.
func verdictNote(interval string, rows int) string {
	text := ` "Better" and "worse" mean that ` + interval + " excludes 0."
	if rows > 1 {
		text += " Each interval holds for its row alone: among many rows one may look better or worse by chance."
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
