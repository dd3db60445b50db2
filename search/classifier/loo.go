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
	lda      LDA
	examples *Examples
	tried    []*trial
	place    map[int]int         // of an example's row in the losses of the trials
	rests    map[*scatter]matrix // see restOfMeans
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
	out := &LeftOut{lda: l, examples: x, tried: tried, place: map[int]int{}, rests: map[*scatter]matrix{}}
	for i, row := range heldOut(x) {
		out.place[row] = i
	}
	for _, t := range tried {
		if out.rests[t.scatter], err = t.scatter.restOfMeans(); err != nil {
			return nil, err
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
	x := l.examples
	for s, some := range by {
		examples, err := s.rotate(transformed(x.Embeddings, x.Dim, s.power, some))
		if err != nil {
			return err
		}
		queries := examples
		if x.Queries != nil {
			if queries, err = s.rotate(transformed(x.Queries, x.Dim, s.power, some)); err != nil {
				return err
			}
		}
		for i, row := range some {
			f(row, l.scores(best[row], x.Class[row], examples, queries, i))
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

// scores computes what a fit without example i gives. Unlike where parameters are chosen, the level
// that the covariance is shrunk to is without the example too, so each has eigenvalues of its own.
func (l *LeftOut) scores(t *trial, own int, examples, queries *rotation, i int) []float64 {
	s := t.scatter
	x, z := examples.features.row(i), examples.along.row(i)
	q, y := queries.features.row(i), queries.along.row(i)
	all, n := float64(s.examples), float64(s.counts[own])
	var squares float64
	for j, v := range x {
		d := v - s.means.row(own)[j]
		squares += d * d
	}
	trace := (s.trace*all - squares*n/(n-1)) / (all - 1)
	part := (1 - t.shrinkage) / (all - 1)
	if trace < s.trace*rankTolerance { // no other example differs from the mean of its class
		trace, part = 0, 0
	}
	values, rest := shrink(s.values, t.shrinkage, all/(all-1), trace/float64(len(x)))

	// Along the eigenvectors, divided by their values.
	zs, ys, os := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
	for j, v := range values {
		zs[j], ys[j], os[j] = z[j]/v, y[j]/v, s.rotated.row(own)[j]/v
	}
	classes := len(s.counts)
	u := downdate{own: own, count: n, part: part, xx: dot(z, zs), qx: dot(y, zs)}
	for c := range classes {
		mean := s.rotated.row(c)
		var squares float64
		for j, v := range mean {
			squares += v * v / values[j]
		}
		u.qm = append(u.qm, dot(mean, ys))
		u.xm = append(u.xm, dot(mean, zs))
		u.om = append(u.om, dot(mean, os))
		u.mm = append(u.mm, squares)
	}
	if !s.whole {
		means := l.rests[s]
		u.xx += (dot(x, x) - dot(z, z)) / rest
		u.qx += (dot(q, x) - dot(y, z)) / rest
		for c := range classes {
			u.qm[c] += queries.restMeans.row(i)[c] / rest
			u.xm[c] += examples.restMeans.row(i)[c] / rest
			u.om[c] += means.row(own)[c] / rest
			u.mm[c] += means.row(c)[c] / rest
		}
	}
	scores := make([]float64, classes)
	u.scores(scores, l.lda.priorsWithout(s.counts, own))
	return scores
}
