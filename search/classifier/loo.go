package classifier

import (
	"cmp"
	"context"
	"slices"

	"vs/torch"
)

// LeftOut scores each example by a classifier that was fitted to all the others. It may be used
// from several goroutines at a time.
type LeftOut struct {
	tried []*trial
}

// LeaveOneOut prepares to score examples without themselves. Every class needs two.
//
// Parameters that are not given are chosen for each example by the losses of the others: its own
// does not count.
func (s Spec) LeaveOneOut(ctx context.Context, device torch.Device, x *Examples) (*LeftOut, error) {
	if err := x.check(2); err != nil {
		return nil, err
	}
	tried, err := s.trials(ctx, device, x)
	if err != nil {
		return nil, err
	}
	return &LeftOut{tried}, nil
}

// Scores calls f for some of the examples, each with the scores of all classes, [C], which f may
// change, and their temperature. The temperature is that of all examples that are left out; one of
// many hardly moves it.
func (l *LeftOut) Scores(ctx context.Context, rows []int, f func(row int, scores []float64, temperature float64)) error {
	by := make(map[*trial][]int)
	for _, row := range rows {
		best := l.best(row)
		by[best] = append(by[best], row)
	}
	for _, t := range l.tried {
		if len(by[t]) == 0 {
			continue
		}
		err := t.family.without(ctx, t.parameter, by[t], func(row int, scores []float64) { f(row, scores, t.temperature) })
		if err != nil {
			return err
		}
	}
	return nil
}

// best is the trial with the smallest loss of examples other than this one.
func (l *LeftOut) best(row int) *trial {
	others := func(t *trial) float64 { return t.total - t.losses[row] }
	return slices.MinFunc(l.tried, func(a, b *trial) int { return cmp.Compare(others(a), others(b)) })
}
