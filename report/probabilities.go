package report

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/olekukonko/tablewriter/tw"
)

// Judgement is what the probabilities that a method gives to the classes say of one picture.
type Judgement struct {
	Confidence float32 `json:"confidence"` // probability of the prediction
	Loss       float32 `json:"loss"`       // negative logarithm of the probability of the true class, in nats
	Brier      float32 `json:"brier"`      // sum over the classes of (p − y)², where y is 1 for the true class and else 0
}

// Probabilities say how good the probabilities of an evaluation are.
type Probabilities struct {
	LogLoss Estimate // mean negative log-likelihood of the true classes, in nats
	Brier   Estimate // mean Brier score, 0 to 2

	// CalibrationError is the expected calibration error: the mean distance between the accuracy
	// and the mean confidence of the bins, weighted by their answers. It is of all runs together.
	CalibrationError float64

	Bins []ReliabilityBin
}

// ReliabilityBin is the answers of all runs whose confidence lies between two quantiles.
type ReliabilityBin struct {
	Confidence float64 `json:"confidence"` // mean
	Accuracy   float64 `json:"accuracy"`
	Answers    int     `json:"num_answers"`
}

// reliabilityBins is how many bins of equal mass there are.
const reliabilityBins = 15

// probabilities summarises the judgements of all runs, nil where not all have any.
func (e *Evaluation) probabilities() *Probabilities {
	var losses, briers []float64 // of each run
	var all []Judgement
	var right []bool
	for i := range e.Runs {
		run := &e.Runs[i]
		if run.Judgements == nil {
			return nil
		}
		run.LogLoss, run.Brier = 0, 0
		for _, j := range run.Judgements {
			run.LogLoss += float64(j.Loss) / float64(len(run.Judgements))
			run.Brier += float64(j.Brier) / float64(len(run.Judgements))
		}
		losses, briers = append(losses, run.LogLoss), append(briers, run.Brier)
		all, right = append(all, run.Judgements...), append(right, run.right()...)
	}
	p := &Probabilities{LogLoss: e.overRuns(losses), Brier: e.overRuns(briers)}
	if e.protocol() == LeaveOneOut {
		losses, briers = nil, nil // of each picture
		for _, j := range all {
			losses, briers = append(losses, float64(j.Loss)), append(briers, float64(j.Brier))
		}
		p.LogLoss, p.Brier = normalEstimate(losses, e.Confidence), normalEstimate(briers, e.Confidence)
	}
	p.LogLoss, p.Brier = p.LogLoss.within(0, math.Inf(1)), p.Brier.within(0, 2)
	p.Bins = reliability(all, right, reliabilityBins)
	for _, b := range p.Bins {
		p.CalibrationError += math.Abs(b.Accuracy-b.Confidence) * float64(b.Answers) / float64(len(all))
	}
	return p
}

// reliability puts answers into bins of equal mass, whose bounds are quantiles of the confidence:
// an answer belongs to the last bin whose lower bound it exceeds. Of equal confidences some bins
// stay empty; these are left out.
func reliability(judgements []Judgement, right []bool, bins int) []ReliabilityBin {
	confidences := make([]float64, len(judgements))
	for i, j := range judgements {
		confidences[i] = float64(j.Confidence)
	}
	sorted := slices.Sorted(slices.Values(confidences))
	bounds := make([]float64, bins-1)
	for b := range bounds {
		bounds[b] = quantile(sorted, float64(b+1)/float64(bins))
	}
	all := make([]ReliabilityBin, bins)
	for i, confidence := range confidences {
		at, _ := slices.BinarySearch(bounds, confidence) // the first bound that is not below
		all[at].Answers++
		all[at].Confidence += confidence
		if right[i] {
			all[at].Accuracy++
		}
	}
	all = slices.DeleteFunc(all, func(b ReliabilityBin) bool { return b.Answers == 0 })
	for i := range all {
		all[i].Confidence /= float64(all[i].Answers)
		all[i].Accuracy /= float64(all[i].Answers)
	}
	return all
}

// checkJudgements refuses judgements of n pictures that cannot be.
func checkJudgements(judgements []Judgement, n int) error {
	if judgements != nil && len(judgements) != n {
		return fmt.Errorf("%d judgements for %d pictures, must be as many", len(judgements), n)
	}
	for _, j := range judgements {
		if !(j.Confidence >= 0 && j.Confidence <= 1 && j.Loss >= 0 && j.Loss <= math.MaxFloat32 && j.Brier >= 0 && j.Brier <= 2) {
			return errors.New("a confidence is not between 0 and 1, a loss is negative or infinite, or a Brier score is not between 0 and 2")
		}
	}
	return nil
}

// quoted prints the mean with half of the interval to quote, or with its bounds.
func (e Estimate) quoted() string {
	switch e.Interval {
	case CorrectedT:
		e.HalfWidth = e.CorrectedHalfWidth
	case Percentiles:
		return fixed(e.Mean, 3) + " " + e.bounds()
	}
	return e.interval()
}

// probabilities has a row for each evaluation.
func (d *document) probabilities(evals []*Evaluation, name func(e *Evaluation) string) {
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight},
		header: []string{"", "Log loss\n(nats)", "Brier\nscore", "Calibration\nerror"},
	}
	for _, e := range evals {
		if p := e.Probabilities; p != nil {
			g.rows = append(g.rows, []string{name(e), p.LogLoss.quoted(), p.Brier.quoted(), fixed(p.CalibrationError, 3)})
		}
	}
	if len(g.rows) == 0 {
		return
	}
	d.heading("Probabilities")
	d.table(g)
	classes := len(evals[0].Labels)
	text := fmt.Sprintf("The lower the better: %s equally likely have a log loss of %s and a Brier score of %s. "+
		"The expected calibration error is that of %d bins of equal mass.",
		count(classes, "class", "classes"), fixed(math.Log(float64(classes)), 3), fixed(1-1/float64(classes), 3), reliabilityBins)
	if evals[0].hasCorrection() {
		text += " ± is corrected for overlap."
	}
	d.note(wrap(text)...)
}
