package classifier

import (
	"context"
	"fmt"

	"vs/torch"
)

// trial is a power and a shrinkage, and what examples say of them when they are left out.
type trial struct {
	scatter     *scatter
	shrinkage   float64
	temperature float64
	losses      []float64 // negative log-likelihood of each example that was left out
	total       float64   // of the losses
}

// loss is the mean negative log-likelihood, 0 if no example could be left out.
func (t *trial) loss() float64 { return t.total / float64(max(1, len(t.losses))) }

// trials tries all powers and shrinkages that there are to choose from.
func (l LDA) trials(ctx context.Context, device torch.Device, x *Examples) ([]*trial, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	rows := heldOut(x)
	var tried []*trial
	for _, power := range l.Power.or(powers) {
		s, err := newScatter(x, device, power)
		if err != nil {
			return nil, err
		}
		if value, ok := l.Shrinkage.Value(); ok && value == 0 && s.singular() {
			return nil, fmt.Errorf("shrinkage 0: the covariance of %d pictures in %d classes has no inverse in %d dimensions; use auto, or more than 0",
				s.examples, len(s.counts), x.Dim)
		}
		h, err := l.newHoldout(s, x, rows)
		if err != nil {
			return nil, err
		}
		for _, shrinkage := range l.Shrinkage.or(shrinkages) {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			scores, err := h.scores(shrinkage)
			if err != nil {
				return nil, err
			}
			t := &trial{scatter: s, shrinkage: shrinkage, temperature: calibrate(scores, h.class)}
			t.losses = losses(scores, h.class, t.temperature)
			for _, v := range t.losses {
				t.total += v
			}
			tried = append(tried, t)
		}
	}
	return tried, nil
}

// maxHeldOut bounds the examples that are left out, one at a time, to choose parameters.
const maxHeldOut = 4096

// heldOut lists the examples whose classes have another one; of many, some at equal distances.
func heldOut(x *Examples) []int {
	counts := x.counts()
	var rows []int
	for _, row := range x.Rows {
		if counts[x.Class[row]] > 1 {
			rows = append(rows, row)
		}
	}
	if n := len(rows); n > maxHeldOut {
		for i := range maxHeldOut {
			rows[i] = rows[i*n/maxHeldOut]
		}
		rows = rows[:maxHeldOut]
	}
	return rows
}

// holdout scores examples as if each had not been there when the classifier was fitted: the mean of
// its class and the covariance are without it. Only the level that the covariance is shrunk to stays
// that of all examples, so that one set of eigenvalues serves all.
type holdout struct {
	lda      LDA
	scatter  *scatter
	class    []int // [B]
	rest     matrix
	examples *rotation
	queries  *rotation // what is asked about; the examples themselves if they have no other embedding
	// Products of queries and examples: [B, R] along the eigenvectors, and [B] of the rest.
	products     matrix
	restProducts []float64
	selves       matrix // the same of examples with themselves
	restSelves   []float64
}

func (l LDA) newHoldout(s *scatter, x *Examples, rows []int) (*holdout, error) {
	h := &holdout{lda: l, scatter: s}
	for _, row := range rows {
		h.class = append(h.class, x.Class[row])
	}
	var err error
	if h.rest, err = s.restOfMeans(); err != nil {
		return nil, err
	}
	if h.examples, err = s.rotate(transformed(x.Embeddings, x.Dim, s.power, rows)); err != nil {
		return nil, err
	}
	h.selves, h.restSelves = h.examples.products(h.examples, s.whole)
	h.queries, h.products, h.restProducts = h.examples, h.selves, h.restSelves
	if x.Queries == nil {
		return h, nil
	}
	if h.queries, err = s.rotate(transformed(x.Queries, x.Dim, s.power, rows)); err != nil {
		return nil, err
	}
	h.products, h.restProducts = h.queries.products(h.examples, s.whole)
	return h, nil
}

// scores returns the scores of all classes, [B, C], for each example without itself.
func (h *holdout) scores(shrinkage float64) (matrix, error) {
	s := h.scatter
	values, rest := s.shrunk(shrinkage)
	divided := s.divided(values)
	qm, err := h.withMeans(h.queries, divided, rest) // qᵀΣ⁻¹μ, [B, C]
	if err != nil {
		return matrix{}, err
	}
	xm := qm // xᵀΣ⁻¹μ
	if h.queries != h.examples {
		if xm, err = h.withMeans(h.examples, divided, rest); err != nil {
			return matrix{}, err
		}
	}
	mm, err := multiply(s.device, s.rotated, false, divided, true) // μᵀΣ⁻¹μ, [C, C]
	if err != nil {
		return matrix{}, err
	}
	addDivided(mm.values, h.rest.values, rest)
	diagonal := make([]float64, mm.rows)
	for c := range diagonal {
		diagonal[c] = mm.row(c)[c]
	}
	out := newMatrix(qm.rows, qm.columns)
	for i, own := range h.class {
		u := downdate{
			own: own, count: float64(s.counts[own]), part: (1 - shrinkage) / float64(s.examples),
			xx: dividedSum(h.selves.row(i), values), qx: dividedSum(h.products.row(i), values),
			qm: qm.row(i), xm: xm.row(i), om: mm.row(own), mm: diagonal,
		}
		if !s.whole {
			u.xx += h.restSelves[i] / rest
			u.qx += h.restProducts[i] / rest
		}
		u.scores(out.row(i), h.lda.priorsWithout(s.counts, own))
	}
	return out, nil
}

// withMeans returns the products of examples with the means, divided by the eigenvalues, [B, C].
func (h *holdout) withMeans(r *rotation, divided matrix, rest float64) (matrix, error) {
	products, err := multiply(h.scatter.device, r.along, false, divided, true)
	addDivided(products.values, r.restMeans.values, rest)
	return products, err
}

// addDivided adds values, if there are any, divided by something, to sums.
func addDivided(sums, values []float64, by float64) {
	for i, v := range values {
		sums[i] += v / by
	}
}

// dividedSum adds up terms, each divided by an eigenvalue.
func dividedSum(terms, values []float64) (sum float64) {
	for j, v := range terms {
		sum += v / values[j]
	}
	return sum
}
