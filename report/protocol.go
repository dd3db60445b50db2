package report

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Protocol is a way to divide the pictures of each run into those that stand for their classes and those evaluated. It
// decides what the interval of a mean is.
type Protocol string

// The protocols.
const (
	Holdout     Protocol = "holdout"       // random shares, drawn anew for each run
	KFold       Protocol = "kfold"         // each picture is evaluated in one of the runs
	Bootstrap   Protocol = "bootstrap"     // drawn with replacement; those not drawn are evaluated
	LeaveOneOut Protocol = "leave-one-out" // one run: each picture is evaluated against all others
)

// Protocols are all of them.
var Protocols = []Protocol{Holdout, KFold, Bootstrap, LeaveOneOut}

// protocol is never "".
func (s *Setup) protocol() Protocol {
	if s.Protocol == "" {
		return Holdout
	}
	return s.Protocol
}

// checkRuns tells whether the protocol can have so many runs.
func (s *Setup) checkRuns(runs int) error {
	switch {
	case !slices.Contains(Protocols, s.protocol()):
		return fmt.Errorf("unknown protocol %q", s.Protocol)
	case runs == 0:
		return errors.New("no runs")
	case s.protocol() == LeaveOneOut && runs != 1:
		return fmt.Errorf("%d runs, but leave-one-out has one", runs)
	}
	return nil
}

// overRuns estimates the mean of one value a run, for the protocols that have several.
func (s *Setup) overRuns(values []float64) Estimate {
	if s.protocol() == Bootstrap {
		return percentileEstimate(values, s.Confidence)
	}
	ratio := s.EvalTrainRatio
	if s.Part == "train" {
		ratio = 0
	}
	return NewEstimate(values, s.Confidence, ratio)
}

// estimate is of accuracies, one a run. pictures is how many the first run evaluates.
func (s *Setup) estimate(accuracies []float64, pictures int) Estimate {
	if s.protocol() == LeaveOneOut {
		e := undefinedInterval(accuracies)
		e.Low, e.High = wilson(e.Mean, float64(pictures), s.Confidence)
		return e
	}
	return s.overRuns(accuracies).within(0, 1)
}

// IntervalText says in a sentence what Low and High of the accuracies mean.
func (e *Evaluation) IntervalText() string {
	level := confidencePercent(e.Confidence)
	switch runs := len(e.Runs); {
	case e.protocol() == LeaveOneOut:
		return fmt.Sprintf("The interval is the %s %% Wilson interval of a share among %s.",
			level, count(len(e.Runs[0].Files), "picture", "pictures"))
	case runs == 1:
		return "A single run, so no confidence interval. More runs would give one."
	case e.protocol() == Bootstrap:
		return fmt.Sprintf("The interval holds the middle %s %% of the accuracies of %d bootstrap runs.", level, runs)
	case e.hasCorrection():
		return fmt.Sprintf("The interval is the %s %% Student-t interval of the mean over %s, corrected for the overlap of their splits "+
			"(Nadeau and Bengio, 2003).", level, e.countRuns())
	default:
		return fmt.Sprintf("The interval is the %s %% Student-t interval of the mean over %s. The splits overlap, so it is too narrow.",
			level, e.countRuns())
	}
}

// hasCorrection tells whether the estimates have an interval corrected for overlap.
func (e *Evaluation) hasCorrection() bool {
	return len(e.Runs) > 1 && e.protocol() != Bootstrap && e.Part != "train" && e.EvalTrainRatio > 0
}

// countRuns is "20 runs", in the protocol's word for them.
func (e *Evaluation) countRuns() string {
	switch e.protocol() {
	case KFold:
		return count(len(e.Runs), "fold", "folds")
	case Bootstrap:
		return count(len(e.Runs), "bootstrap run", "bootstrap runs")
	}
	return count(len(e.Runs), "run", "runs")
}

// runsWord is what the protocol calls several runs.
func (e *Evaluation) runsWord() string {
	if e.protocol() == KFold {
		return "folds"
	}
	return "runs"
}

func confidencePercent(confidence float64) string {
	return strconv.FormatFloat(100*confidence, 'g', 6, 64)
}
