package classifier

import "context"

// without is exact: the scores are those of fitting again without each example, up to rounding.
func (d *discriminant) without(ctx context.Context, shrinkage float64, rows []int, f func(row int, scores []float64)) error {
	examples, queries, err := d.rotateBoth(rows)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f(row, d.scoresWithout(shrinkage, d.x.Class[row], examples, queries, i))
	}
	return nil
}

// scoresWithout computes what a fit without example i gives. Unlike where the shrinkage is chosen,
// the level that the covariance is shrunk to is without the example too, so each has eigenvalues of
// its own.
func (d *discriminant) scoresWithout(shrinkage float64, own int, examples, queries *rotation, i int) []float64 {
	s := d.scatter
	x, z := examples.features.row(i), examples.along.row(i)
	q, y := queries.features.row(i), queries.along.row(i)
	all, n := float64(s.examples), float64(s.counts[own])
	var squares float64
	for j, v := range x {
		d := v - s.means.row(own)[j]
		squares += d * d
	}
	trace := (s.trace*all - squares*n/(n-1)) / (all - 1)
	part := (1 - shrinkage) / (all - 1)
	if trace < s.trace*rankTolerance { // no other example differs from the mean of its class
		trace, part = 0, 0
	}
	values, rest := shrink(s.values, shrinkage, all/(all-1), trace/float64(len(x)))

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
		means := d.rest
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
	u.scores(scores, d.priors, d.prior(d.counts[own]-1))
	return scores
}
