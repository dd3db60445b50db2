package classifier

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vs/torch"
)

// discriminant is the linear discriminant with a covariance S that all classes share. A class with
// mean μ scores xᵀΣ⁻¹μ − ½μᵀΣ⁻¹μ, where Σ = (1−λ)·S + λ·tr(S)/F·I (Fisher, The use of multiple
// measurements in taxonomic problems, 1936; Ledoit and Wolf, A well-conditioned estimator for
// large-dimensional covariance matrices, 2004, for the form of Σ). Its parameter is λ.
type discriminant struct {
	*scatter
	spec Spec
	x    *Examples
	rest matrix // see restOfMeans
	held []int  // to choose λ by

	priors []float64 // [C] the logarithm of how likely each class is, up to a constant
}

// shrinkages are what λ is chosen from. Photographs took 0.5 to 0.6, and less the more of them
// there are.
var shrinkages = []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}

func (s Spec) newDiscriminant(device torch.Device, x *Examples, lift *features, held []int) (*discriminant, error) {
	d := &discriminant{spec: s, x: x, held: held}
	var err error
	if d.scatter, err = newScatter(x, device, lift); err != nil {
		return nil, err
	}
	d.priors = make([]float64, len(d.counts))
	for c, n := range d.counts {
		d.priors[c] = d.prior(n)
	}
	if value, ok := s.Shrinkage.Value(); ok && value == 0 && d.singular() {
		return nil, fmt.Errorf("--shrinkage 0: the covariance of %d pictures in %d classes has no inverse in %d dimensions; use auto, or more than 0",
			d.examples, len(d.counts), lift.size)
	}
	d.rest, err = d.restOfMeans()
	return d, err
}

func (d *discriminant) lift() *features       { return d.features }
func (d *discriminant) candidates() []float64 { return shrinkages }

// prior is the logarithm of how likely a class of that many examples is, up to a constant.
func (d *discriminant) prior(count int) float64 {
	if !d.spec.Counts {
		return 0
	}
	return math.Log(float64(count))
}

func (d *discriminant) solve(_ context.Context, shrinkage float64) (weights matrix, bias []float64, err error) {
	if weights, err = d.scatter.solve(shrinkage); err != nil {
		return matrix{}, nil, err
	}
	bias = slices.Clone(d.priors)
	first := make(map[string]int) // by the mean
	for c := range weights.rows {
		// A product may round equal means in different ways, by which none of them may win.
		key := fmt.Sprint(d.means.row(c))
		if same, ok := first[key]; ok {
			copy(weights.row(c), weights.row(same))
		} else {
			first[key] = c
		}
		bias[c] -= dot(weights.row(c), d.means.row(c)) / 2
	}
	return weights, bias, nil
}

// holdout is what leaving pictures out needs of them, whatever the shrinkage.
type holdout struct {
	rows              []int // [B]
	examples, queries held  // [B·I] and [B]; the same if pictures have one embedding
	rest              []groupRest
}

// held is a rotation whose products with the means are asked for many times.
type held struct {
	*rotation
	on *operand // what it has along the eigenvectors
}

func (d *discriminant) newHoldout(rows []int) (*holdout, error) {
	h := &holdout{rows: rows}
	var err error
	if h.examples.rotation, h.queries.rotation, err = d.rotateBoth(rows); err != nil {
		return nil, err
	}
	if !d.whole {
		for i := range rows {
			h.rest = append(h.rest, d.restOf(h.examples.rotation, h.queries.rotation, i))
		}
	}
	if h.examples.on, err = newOperand(d.device, h.examples.along); err != nil {
		return nil, err
	}
	h.queries.on = h.examples.on
	if h.queries.rotation != h.examples.rotation {
		if h.queries.on, err = newOperand(d.device, h.queries.along); err != nil {
			h.examples.on.close()
		}
	}
	return h, err
}

func (h *holdout) close() {
	h.examples.on.close()
	if h.queries != h.examples {
		h.queries.on.close()
	}
}

// rotateBoth rotates some examples and what is asked about instead of them, which is the same where
// a picture has one embedding.
func (d *discriminant) rotateBoth(rows []int) (examples, queries *rotation, err error) {
	examples, err = d.rotate(d.x.Embeddings, d.x.of(rows))
	if err != nil || d.x.Queries == nil {
		return examples, examples, err
	}
	queries, err = d.rotate(d.x.Queries, rows)
	return examples, queries, err
}

// leftOut takes each picture out of the mean of its class and out of the covariance. Only the level
// that the covariance is shrunk to stays that of all examples, so that one set of eigenvalues
// serves all.
func (d *discriminant) leftOut(ctx context.Context, shrinkages []float64, f func(shrinkage float64, scores matrix, rows []int)) error {
	h, err := d.newHoldout(d.held)
	if err != nil {
		return err
	}
	defer h.close()
	for _, shrinkage := range shrinkages {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		scores, err := d.scoresOf(h, shrinkage)
		if err != nil {
			return err
		}
		f(shrinkage, scores, h.rows)
	}
	return nil
}

// scoresOf returns the scores of examples that are left out, [B, C].
func (d *discriminant) scoresOf(h *holdout, shrinkage float64) (scores matrix, err error) {
	values, rest := d.shrunk(shrinkage)
	divided := d.divided(values)
	qm, err := h.queries.withMeans(divided, rest) // qᵀΣ⁻¹μ, [B, C]
	if err != nil {
		return matrix{}, err
	}
	xm := qm // xᵀΣ⁻¹μ
	if h.queries != h.examples {
		if xm, err = h.examples.withMeans(divided, rest); err != nil {
			return matrix{}, err
		}
	}
	mm, err := multiply(d.device, d.rotated, false, divided, true) // μᵀΣ⁻¹μ, [C, C]
	if err != nil {
		return matrix{}, err
	}
	addDivided(mm.values, d.rest.values, rest)
	diagonal := make([]float64, mm.rows)
	for c := range diagonal {
		diagonal[c] = mm.row(c)[c]
	}
	inverse := inverses(values)
	scores = newMatrix(qm.rows, qm.columns)
	n := d.x.each()
	g := newGroup(n)
	g.part, g.mm = (1-shrinkage)/float64(d.examples), diagonal
	for i, row := range h.rows {
		own := d.x.Class[row]
		g.own, g.count, g.om = own, d.counts[own], mm.row(own)
		g.qm, g.xm = qm.row(i), matrix{n, xm.columns, xm.values[i*n*xm.columns:][:n*xm.columns]}
		g.among(h.examples.rotation, h.queries.rotation, i, inverse)
		if !d.whole {
			g.addRest(h.rest[i], rest)
		}
		g.scores(scores.row(i), d.priors, d.prior(d.counts[own]-n))
	}
	return scores, nil
}

// withMeans returns the products of examples with the means, divided by the eigenvalues, [B, C].
func (h held) withMeans(divided matrix, rest float64) (matrix, error) {
	products, err := h.on.timesTransposed(divided)
	addDivided(products.values, h.restMeans.values, rest)
	return products, err
}

// addDivided adds values, if there are any, divided by something, to sums.
func addDivided(sums, values []float64, by float64) {
	for i, v := range values {
		sums[i] += v / by
	}
}
