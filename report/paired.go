package report

import (
	"fmt"
	"slices"
)

// PairedDifference is by how much one evaluation is better than another on the same pictures. It is far more certain
// than the difference of two means with their own intervals, because a split that is hard for one is hard for both.
type PairedDifference struct {
	Accuracy, TopKAccuracy                     Estimate // differences, between -1 and 1
	ErrorRateReduction, TopKErrorRateReduction float64  // see the function of that name
}

// Compare takes the accuracy of base from that of other, run by run, and estimates the mean of the differences by the
// protocol of both. For leave-one-out the differences are those of the pictures, of which each is -1, 0 or 1. It is an
// error if the two did not evaluate the same pictures in the same runs.
func Compare(base, other *Evaluation) (PairedDifference, error) {
	if differ := differ(base, other); differ != "" {
		return PairedDifference{}, fmt.Errorf("compare models %q and %q: they were evaluated with different %s", base.Model, other.Model, differ)
	}
	d := PairedDifference{
		ErrorRateReduction:     ErrorRateReduction(base.Accuracy.Mean, other.Accuracy.Mean),
		TopKErrorRateReduction: ErrorRateReduction(base.TopKAccuracy.Mean, other.TopKAccuracy.Mean),
	}
	if base.protocol() == LeaveOneOut {
		a, b := &base.Runs[0], &other.Runs[0]
		d.Accuracy = pictureDifference(a.right(), b.right(), base.Confidence)
		if a.InTopK == nil || b.InTopK == nil {
			d.TopKAccuracy = undefinedInterval([]float64{b.TopKAccuracy - a.TopKAccuracy})
		} else {
			d.TopKAccuracy = pictureDifference(a.InTopK, b.InTopK, base.Confidence)
		}
		return d, nil
	}
	accuracy, topK := make([]float64, len(base.Runs)), make([]float64, len(base.Runs))
	for r := range base.Runs {
		accuracy[r] = other.Runs[r].Accuracy - base.Runs[r].Accuracy
		topK[r] = other.Runs[r].TopKAccuracy - base.Runs[r].TopKAccuracy
	}
	d.Accuracy, d.TopKAccuracy = base.overRuns(accuracy).within(-1, 1), base.overRuns(topK).within(-1, 1)
	return d, nil
}

// differ finds what makes two evaluations differ in more than the model and the method.
func differ(a, b *Evaluation) string {
	switch {
	case !slices.Equal(a.Labels, b.Labels):
		return "labels"
	case a.NumImages != b.NumImages:
		return "numbers of pictures"
	case a.protocol() != b.protocol():
		return "protocols"
	case a.Part != b.Part:
		return "parts"
	case a.Seed != b.Seed:
		return "seeds"
	case len(a.Runs) != len(b.Runs):
		return "numbers of runs"
	case a.TopK != b.TopK:
		return "top-k"
	case a.Confidence != b.Confidence:
		return "confidences"
	case a.ShortRun != b.ShortRun:
		return "short-run limits"
	}
	for r := range a.Runs {
		if !slices.Equal(a.Runs[r].Files, b.Runs[r].Files) || !slices.Equal(a.Runs[r].Targets, b.Runs[r].Targets) {
			return "pictures"
		}
	}
	return ""
}

// CheckComparable returns an error for evaluations that should not stand in one table, where they would only look comparable.
func CheckComparable(evals []*Evaluation) error {
	for i, e := range evals {
		if differ := differ(evals[0], e); differ != "" {
			return fmt.Errorf("models %q and %q (row %d) were evaluated with different %s; write them separately",
				evals[0].Model, e.Model, i+1, differ)
		}
	}
	return nil
}

func pictureDifference(base, other []bool, confidence float64) Estimate {
	values := make([]float64, len(base))
	for i := range values {
		switch {
		case other[i] && !base[i]:
			values[i] = 1
		case base[i] && !other[i]:
			values[i] = -1
		}
	}
	return normalEstimate(values, confidence).within(-1, 1)
}

// right tells for each picture whether the answer is.
func (r *RunResult) right() []bool {
	right := make([]bool, len(r.Targets))
	for i, target := range r.Targets {
		right[i] = r.Predictions[i] == target
	}
	return right
}
