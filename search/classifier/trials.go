package classifier

import (
	"cmp"
	"context"
	"slices"

	"vs/search/calibration"
	"vs/torch"
)

// trial is a family and a value of its parameter, and what examples say of them when they are left
// out.
type trial struct {
	family      family
	parameter   float64
	temperature float64
	losses      map[int]float64 // negative log-likelihood of each example that was left out
	confidences []float64       // of the answers to them, ascending
	total       float64         // of the losses
	count       int             // of them; an example that is listed twice counts twice
}

// loss is the mean negative log-likelihood, 0 if no example could be left out.
func (t *trial) loss() float64 { return t.total / float64(max(1, t.count)) }

// trials tries all powers and parameters that there are to choose from.
func (s Spec) trials(ctx context.Context, device torch.Device, x *Examples) ([]*trial, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if _, given := s.Power.Value(); !given && s.Kind == Logistic {
		// Least squares tells powers apart as well, in far less time.
		best, err := Spec{Kind: Ridge}.best(ctx, device, x)
		if err != nil {
			return nil, err
		}
		s.Power = Given(best.family.lift().power)
	}
	held := heldOut(x)
	parameter := s.Penalty
	if s.Kind == LDA {
		parameter = s.Shrinkage
	}
	var tried []*trial
	for _, power := range s.Power.or(powers) {
		f, err := s.newFamily(device, x, newFeatures(power, x.Dim, s.Projections, s.Seed), held)
		if err != nil {
			return nil, err
		}
		err = f.leftOut(ctx, parameter.or(f.candidates()), func(value float64, scores matrix, rows []int) {
			tried = append(tried, newTrial(f, value, scores, rows, x.Class))
		})
		if err != nil {
			return nil, err
		}
	}
	return tried, nil
}

// best is the trial with the smallest loss.
func (s Spec) best(ctx context.Context, device torch.Device, x *Examples) (*trial, error) {
	tried, err := s.trials(ctx, device, x)
	if err != nil {
		return nil, err
	}
	return slices.MinFunc(tried, func(a, b *trial) int { return cmp.Compare(a.loss(), b.loss()) }), nil
}

func newTrial(f family, parameter float64, scores matrix, rows, classes []int) *trial {
	class := make([]int, len(rows))
	for i, row := range rows {
		class[i] = classes[row]
	}
	t := &trial{
		family: f, parameter: parameter, temperature: calibration.Temperature(scores.values, class),
		losses: make(map[int]float64), count: len(rows),
	}
	for i, row := range rows {
		j := calibration.Judge(scores.row(i), class[i], t.temperature)
		t.losses[row] = j.Loss
		t.total += j.Loss
		t.confidences = append(t.confidences, j.Confidence)
	}
	slices.Sort(t.confidences)
	return t
}

// Of many examples, so many are left out, one at a time, to choose parameters: at most maxHeldOut,
// and of many classes fewer, down to minHeldOut, as long as they have more than maxScores scores.
const (
	maxHeldOut = 2048
	minHeldOut = 512
	maxScores  = 1 << 18
)

// heldOut lists the examples whose classes have another one; of many, some.
func heldOut(x *Examples) []int {
	counts := x.counts()
	var rows []int
	for _, row := range x.Rows {
		if counts[x.Class[row]] > 1 {
			rows = append(rows, row)
		}
	}
	return calibration.EvenlySpaced(rows, mostHeldOut(x.Classes))
}

// HeldOut lists which of the pictures, counted class by class, are left out to choose parameters by
// where classes have that many pictures each.
func HeldOut(counts []int) []int { return calibration.HeldOut(counts, mostHeldOut(len(counts))) }

// mostHeldOut is how many examples of that many classes are left out.
func mostHeldOut(classes int) int {
	return min(max(maxScores/max(1, classes), minHeldOut), maxHeldOut)
}
