package classifier

import (
	"cmp"
	"context"
	"slices"

	"vs/torch"
)

// LeftOut scores each example by a classifier that was fitted to all the others. It may be used from
// several goroutines at a time.
type LeftOut struct {
	examples *Examples
	lda      LDA
	rests    map[*scatter]*rest
	tried    []*trial
	place    map[int]int // of an example's row in the losses of the trials
}

// LeaveOneOut prepares to score examples without themselves. Every class needs two. The scores are
// those of fitting anew without each one, up to rounding, at the cost of little more than one fit.
//
// Parameters that are not given are chosen for each example by the losses of the others: its own does
// not count.
func (l LDA) LeaveOneOut(ctx context.Context, device torch.Device, x *Examples) (*LeftOut, error) {
	if err := x.check(2); err != nil {
		return nil, err
	}
	tried, err := l.trials(ctx, device, x)
	if err != nil {
		return nil, err
	}
	out := &LeftOut{examples: x, lda: l, tried: tried, rests: map[*scatter]*rest{}, place: map[int]int{}}
	for i, row := range heldOut(x) {
		out.place[row] = i
	}
	for _, t := range tried {
		if out.rests[t.scatter] == nil {
			if out.rests[t.scatter], err = newRest(t.scatter); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Scores calls f for some of the examples, each with the scores of all classes, [C], which f may
// change.
func (l *LeftOut) Scores(rows []int, f func(row int, scores []float64)) error {
	by := make(map[*scatter][]int)
	best := make(map[int]*trial)
	for _, row := range rows {
		t := l.best(row)
		best[row] = t
		by[t.scatter] = append(by[t.scatter], row)
	}
	for s, some := range by {
		examples := l.examples.transformed(s.power, some)
		rotated, err := multiply(s.device, examples, false, s.vectors, false)
		if err != nil {
			return err
		}
		for i, row := range some {
			f(row, l.scores(best[row], l.examples.Class[row], examples.row(i), rotated.row(i)))
		}
	}
	return nil
}

// best is the trial with the smallest loss of examples other than this one.
func (l *LeftOut) best(row int) *trial {
	i, took := l.place[row]
	others := func(t *trial) float64 {
		if !took {
			return t.total
		}
		return t.total - t.losses[i]
	}
	return slices.MinFunc(l.tried, func(a, b *trial) int { return cmp.Compare(others(a), others(b)) })
}

// scores computes what a fit without the example x gives. Unlike where parameters are chosen, the
// level that the covariance is shrunk to is without the example, so each has eigenvalues of its own.
func (l *LeftOut) scores(t *trial, own int, x, z []float64) []float64 {
	s := t.scatter
	n, others := float64(s.counts[own]), float64(s.examples-1)
	var squares float64
	for j, v := range x {
		d := v - s.means.row(own)[j]
		squares += d * d
	}
	trace := s.trace*float64(s.examples) - squares*n/(n-1)
	if trace < s.trace*float64(s.examples)*rankTolerance {
		trace = 0
	}
	values, rest := shrink(s.values, t.shrinkage, float64(s.examples)/others, trace/others/float64(len(x)))
	part := (1 - t.shrinkage) / others
	if trace == 0 {
		part = 0
	}
	u := downdate{own: own, count: n, part: part, ownMeans: make([]float64, len(s.counts)), meanMean: make([]float64, len(s.counts))}
	products := make([]float64, len(s.counts))
	zs, os := make([]float64, len(z)), make([]float64, len(z)) // divided by the eigenvalues
	for j, v := range values {
		zs[j] = z[j] / v
		os[j] = s.rotated.row(own)[j] / v
	}
	u.self = dot(z, zs)
	for c := range products {
		mean := s.rotated.row(c)
		products[c], u.ownMeans[c] = dot(mean, zs), dot(mean, os)
		var sum float64
		for j, v := range mean {
			sum += v * v / values[j]
		}
		u.meanMean[c] = sum
	}
	if !s.whole {
		means := l.rests[s].means
		u.self += (dot(x, x) - dot(z, z)) / rest
		for c := range products {
			products[c] += (dot(x, s.means.row(c)) - dot(z, s.rotated.row(c))) / rest
			u.ownMeans[c] += means.row(own)[c] / rest
			u.meanMean[c] += means.row(c)[c] / rest
		}
	}
	u.scores(products, l.lda.priorsWithout(s.counts, own))
	return products
}
