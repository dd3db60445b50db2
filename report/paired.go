package report

import (
	"cmp"
	"fmt"
	"slices"
)

// PairedDifference is by how much one evaluation is better than another on the same pictures. It is
// far more certain than the difference of two means with their own intervals, because a split that
// is hard for one is hard for both.
type PairedDifference struct {
	Accuracy, TopKAccuracy                     Estimate // differences, between -1 and 1
	ErrorRateReduction, TopKErrorRateReduction float64  // see the function of that name
}

// Compare takes the accuracy of base from that of other, run by run, and estimates the mean of the
// differences by the protocol of both. For leave-one-out the differences are those of the pictures,
// of which each is -1, 0 or 1. Where all runs, or pictures, differ by the same, of identical
// predictions by 0, that is not certainty: then the interval says what so many different pictures
// allow. It is an error if the two did not evaluate the same pictures in the same runs.
func Compare(base, other *Evaluation) (PairedDifference, error) {
	if differ := differ(base, other); differ != "" {
		return PairedDifference{}, fmt.Errorf("compare models %q and %q: they were evaluated with different %s", base.Model, other.Model, differ)
	}
	d := PairedDifference{
		ErrorRateReduction:     ErrorRateReduction(base.Accuracy.Mean, other.Accuracy.Mean),
		TopKErrorRateReduction: ErrorRateReduction(base.TopKAccuracy.Mean, other.TopKAccuracy.Mean),
	}
	pictures := base.differentPictures()
	d.Accuracy = compareRuns(base, other, pictures,
		func(r *RunResult) float64 { return r.Accuracy }, (*RunResult).right)
	d.TopKAccuracy = compareRuns(base, other, pictures,
		func(r *RunResult) float64 { return r.TopKAccuracy }, func(r *RunResult) []bool { return r.InTopK })
	return d, nil
}

// compareRuns estimates the difference of one kind of accuracy. right gives the answers that count,
// nil where they are not known; there an interval over pictures is not known either.
func compareRuns(base, other *Evaluation, pictures int, accuracy func(*RunResult) float64, right func(*RunResult) []bool) Estimate {
	differences := make([]float64, len(base.Runs))
	var gained, lost, all float64
	known := true
	for r := range base.Runs {
		a, b := &base.Runs[r], &other.Runs[r]
		differences[r] = accuracy(b) - accuracy(a)
		before, after := right(a), right(b)
		if before == nil || after == nil {
			known = false
			continue
		}
		all += float64(len(before))
		for i := range before {
			switch {
			case after[i] && !before[i]:
				gained++
			case before[i] && !after[i]:
				lost++
			}
		}
	}
	leaveOneOut := base.protocol() == LeaveOneOut
	switch {
	case !leaveOneOut && !constant(differences):
		return base.overRuns(differences).within(-1, 1)
	case !known:
		return undefinedInterval(differences)
	case leaveOneOut && gained+lost > 0 && max(gained, lost) < all:
		values := slices.Concat(slices.Repeat([]float64{1}, int(gained)), slices.Repeat([]float64{-1}, int(lost)))
		values = append(values, make([]float64, int(all)-len(values))...)
		return normalEstimate(values, base.Confidence).within(-1, 1)
	}
	return pairedScoreEstimate(differences, gained/all, lost/all, pictures, base.Confidence)
}

// differ finds what makes two evaluations differ in more than the model and the method.
func differ(a, b *Evaluation) string {
	switch {
	case !slices.Equal(a.Labels, b.Labels):
		return "labels"
	case a.NumPictures != b.NumPictures:
		return "numbers of pictures"
	case a.protocol() != b.protocol():
		return "protocols"
	case cmp.Or(a.Duplicates.Policy, "keep") != cmp.Or(b.Duplicates.Policy, "keep"):
		return "treatments of duplicates"
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

// CheckComparable returns an error for evaluations that should not stand in one table, where they
// would only look comparable.
func CheckComparable(evals []*Evaluation) error {
	for i, e := range evals {
		if differ := differ(evals[0], e); differ != "" {
			return fmt.Errorf("models %q and %q (row %d) were evaluated with different %s; write them separately",
				evals[0].Model, e.Model, i+1, differ)
		}
	}
	return nil
}

// right tells for each picture whether the answer is.
func (r *RunResult) right() []bool {
	right := make([]bool, len(r.Targets))
	for i, target := range r.Targets {
		right[i] = r.Predictions[i] == target
	}
	return right
}
