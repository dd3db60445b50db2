package report

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Protocol is a way to divide the pictures of each run into those that represent their classes and
// those evaluated. It decides what the interval of a mean is.
type Protocol string

// The protocols.
const (
	Holdout     Protocol = "holdout"       // random shares, drawn again for each run
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

// checkRuns reports whether the protocol can have that many runs.
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

// estimate is of accuracies, one per run, in which that many different pictures were evaluated.
func (s *Setup) estimate(accuracies []float64, pictures int) Estimate {
	if s.protocol() == LeaveOneOut || constant(accuracies) {
		return wilsonEstimate(accuracies, pictures, s.Confidence)
	}
	return s.overRuns(accuracies).within(0, 1)
}

// IntervalText says in a sentence or two what Low and High of the accuracies mean.
func (e *Evaluation) IntervalText() string {
	a, k := e.Accuracy.Interval, e.TopKAccuracy.Interval
	switch {
	case a == WilsonScore && k == WilsonScore:
		return "The interval is " + e.wilsonText()
	case a == WilsonScore:
		return fmt.Sprintf("The interval of the accuracy is %s %s", e.wilsonText(), e.intervalOverRuns(fmt.Sprintf("That of the top-%d accuracy", e.TopK)))
	case k == WilsonScore:
		return fmt.Sprintf("%s That of the top-%d accuracy is %s", e.intervalOverRuns("The interval"), e.TopK, e.wilsonText())
	}
	return e.intervalOverRuns("The interval")
}

// wilsonText continues "The interval is".
func (e *Evaluation) wilsonText() string {
	share := fmt.Sprintf("the %s %% Wilson interval of a share among ", confidencePercent(e.Confidence))
	n := e.differentPictures()
	switch {
	case e.protocol() == LeaveOneOut && n == len(e.Runs[0].Files):
		return share + count(n, "picture", "pictures") + "."
	case e.protocol() == LeaveOneOut:
		return share + count(n, "different picture", "different pictures") + "."
	}
	return share + count(n, "different picture", "different pictures") +
		", because the " + e.runsWord() + " do not vary, which says nothing of pictures that were never seen."
}

// intervalOverRuns says what the interval is where runs vary.
func (e *Evaluation) intervalOverRuns(subject string) string {
	level := confidencePercent(e.Confidence)
	switch runs := len(e.Runs); {
	case runs == 1:
		return "A single run, so no confidence interval. More runs would give one."
	case e.protocol() == Bootstrap:
		return fmt.Sprintf("%s holds the middle %s %% of the accuracies of %d bootstrap runs.", subject, level, runs)
	case e.hasCorrection():
		return fmt.Sprintf("%s is the %s %% Student-t interval of the mean over %s, corrected for the overlap of their splits "+
			"(Nadeau and Bengio, 2003).", subject, level, e.countRuns())
	default:
		return fmt.Sprintf("%s is the %s %% Student-t interval of the mean over %s. The splits overlap, so it is too narrow.",
			subject, level, e.countRuns())
	}
}

// hasCorrection reports whether estimates over runs that vary have an interval corrected for
// overlap.
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
