package classifier

import (
	"context"
	"fmt"
	"slices"

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
	scatter *scatter
	lda     LDA
	class   []int  // [B]
	rotated matrix // [B, R] the examples along the eigenvectors
	squares matrix // [B, R] of them
	rest    *rest
	restX   matrix    // [B, C] what is left of the products of examples and means
	restXX  []float64 // [B] and of the examples with themselves
}

func (l LDA) newHoldout(s *scatter, x *Examples, rows []int) (*holdout, error) {
	h := &holdout{scatter: s, lda: l}
	for _, row := range rows {
		h.class = append(h.class, x.Class[row])
	}
	examples := x.transformed(s.power, rows)
	var err error
	if h.rotated, err = multiply(s.device, examples, false, s.vectors, false); err != nil {
		return nil, err
	}
	h.squares = newMatrix(h.rotated.rows, h.rotated.columns)
	for i, v := range h.rotated.values {
		h.squares.values[i] = v * v
	}
	if h.rest, err = newRest(s); err != nil || s.whole {
		return h, err
	}
	if h.restX, err = unspanned(s.device, examples, h.rotated, s.means, s.rotated); err != nil {
		return nil, err
	}
	for i := range examples.rows {
		e, r := examples.row(i), h.rotated.row(i)
		h.restXX = append(h.restXX, dot(e, e)-dot(r, r))
	}
	return h, nil
}

// scores returns the scores of all classes, [B, C], for each example without itself.
func (h *holdout) scores(shrinkage float64) (matrix, error) {
	s := h.scatter
	values, rest := s.shrunk(shrinkage)
	divided := s.divided(values)
	xm, err := multiply(s.device, h.rotated, false, divided, true) // xᵀΣ⁻¹μ, [B, C]
	if err != nil {
		return matrix{}, err
	}
	mm, err := multiply(s.device, s.rotated, false, divided, true) // μᵀΣ⁻¹μ, [C, C]
	if err != nil {
		return matrix{}, err
	}
	inverse := newMatrix(1, len(values))
	for j, v := range values {
		inverse.values[j] = 1 / v
	}
	xx, err := multiply(s.device, h.squares, false, inverse, true) // xᵀΣ⁻¹x, [B, 1]
	if err != nil {
		return matrix{}, err
	}
	if !s.whole {
		addDivided(xm.values, h.restX.values, rest)
		addDivided(mm.values, h.rest.means.values, rest)
		addDivided(xx.values, h.restXX, rest)
	}
	diagonal := make([]float64, mm.rows)
	for c := range diagonal {
		diagonal[c] = mm.row(c)[c]
	}
	for i, own := range h.class {
		d := downdate{
			own: own, count: float64(s.counts[own]), part: (1 - shrinkage) / float64(s.examples),
			self: xx.values[i], ownMeans: mm.row(own), meanMean: diagonal,
		}
		d.scores(xm.row(i), h.lda.priorsWithout(s.counts, own))
	}
	return xm, nil
}

// addDivided adds values, divided by something, to sums.
func addDivided(sums, values []float64, by float64) {
	for i, v := range values {
		sums[i] += v / by
	}
}

// rest is what the eigenvectors do not span of the products of the means. Where they span all it is
// empty.
type rest struct {
	means matrix // [C, C]
}

func newRest(s *scatter) (*rest, error) {
	if s.whole {
		return &rest{}, nil
	}
	means, err := unspanned(s.device, s.means, s.rotated, s.means, s.rotated)
	return &rest{means}, err
}

// unspanned returns the products of the rows of a and b, less those of the same rows along the
// eigenvectors.
func unspanned(device torch.Device, a, rotatedA, b, rotatedB matrix) (matrix, error) {
	all, err := multiply(device, a, false, b, true)
	if err != nil {
		return matrix{}, err
	}
	spanned, err := multiply(device, rotatedA, false, rotatedB, true)
	for i, v := range spanned.values {
		all.values[i] -= v
	}
	return all, err
}

// downdate takes an example x out of the mean of its class and out of the covariance. With n examples
// in its class that is a change of rank one, Σ' = Σ − part·n/(n−1)·d·dᵀ with d = x − μ, of which the
// formula of Sherman and Morrison gives the inverse.
type downdate struct {
	own      int     // class of the example
	count    float64 // n
	part     float64 // of one example in the covariance
	self     float64 // xᵀΣ⁻¹x
	ownMeans []float64
	meanMean []float64 // [C] μᵀΣ⁻¹μ of each class; ownMeans is its own mean with each other
}

// scores turns the products xᵀΣ⁻¹μ of an example with the means, [C], into its scores without itself.
func (u *downdate) scores(products, priors []float64) {
	dm := slices.Clone(products) // dᵀΣ⁻¹μ of each class
	for c, p := range u.ownMeans {
		dm[c] -= p
	}
	dx := u.self - products[u.own]
	dd := dx - dm[u.own]
	part := u.part * u.count / (u.count - 1)
	// Without shrinkage the covariance may have no inverse once the example is gone.
	factor := part / max(1-part*dd, rankTolerance)
	for c := range products {
		xm, mm, dm := products[c], u.meanMean[c], dm[c]
		if c == u.own { // its mean is μ − d/(n−1)
			h := 1 / (u.count - 1)
			xm, mm, dm = xm-h*dx, mm-2*h*dm+h*h*dd, dm-h*dd
		}
		products[c] = xm + factor*dx*dm - (mm+factor*dm*dm)/2 + priors[c]
	}
}
