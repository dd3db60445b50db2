package classifier

import "context"

// without is exact: the scores are those of fitting again without each picture, up to rounding.
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

// scoresWithout computes what a fit without the i-th picture gives. Unlike where the shrinkage is
// chosen, the level that the covariance is shrunk to is without the picture too, so each has
// eigenvalues of its own.
func (d *discriminant) scoresWithout(shrinkage float64, own int, examples, queries *rotation, i int) []float64 {
	s, each := d.scatter, d.x.each()
	all, left := float64(s.examples), float64(s.examples-each)
	// The examples take their differences from the mean with them, and move it.
	trace := s.trace * all
	moved := make([]float64, len(s.means.row(own)))
	for a := range each {
		for j, v := range examples.features.row(i*each + a) {
			d := v - s.means.row(own)[j]
			trace -= d * d
			moved[j] += d
		}
	}
	trace = (trace - dot(moved, moved)/float64(s.counts[own]-each)) / left
	part := (1 - shrinkage) / left
	if trace < s.trace*rankTolerance { // no other example differs from the mean of its class
		trace, part = 0, 0
	}
	values, rest := shrink(s.values, shrinkage, all/left, trace/float64(len(moved)))
	inverse := inverses(values)

	classes := len(s.counts)
	g := newGroup(each)
	g.own, g.count, g.part = own, s.counts[own], part
	g.among(examples, queries, i, inverse)
	g.xm = newMatrix(each, classes)
	query, mean := make([]float64, len(values)), make([]float64, len(values))
	multiplyInto(query, queries.along.row(i), inverse)
	multiplyInto(mean, s.rotated.row(own), inverse)
	for c := range classes {
		other := s.rotated.row(c)
		var squares float64
		for j, v := range other {
			squares += v * v * inverse[j]
		}
		g.qm = append(g.qm, dot(other, query))
		g.om = append(g.om, dot(other, mean))
		g.mm = append(g.mm, squares)
		for a := range each {
			g.xm.row(a)[c] = dot(other, g.scaled.row(a))
		}
	}
	if !s.whole {
		g.addRest(d.restOf(examples, queries, i), rest)
		addDivided(g.qm, queries.restMeans.row(i), rest)
		addDivided(g.om, d.rest.row(own), rest)
		for c := range classes {
			g.mm[c] += d.rest.row(c)[c] / rest
		}
		for a := range each {
			addDivided(g.xm.row(a), examples.restMeans.row(i*each+a), rest)
		}
	}
	scores := make([]float64, classes)
	g.scores(scores, d.priors, d.prior(s.counts[own]-each))
	return scores
}
