package classifier

import "slices"

// maxLeftOut bounds the examples that are left out, one at a time, to choose parameters.
const maxLeftOut = 4096

// leftOut scores examples as if each had not been there when the classifier was fitted: its class's
// mean and the covariance are without it. Only the level that the covariance is shrunk to stays that
// of all examples.
//
// With the rotated example z and mean m, the inverse covariance is diagonal, and leaving x out is a
// change of rank one, S' ∝ S − γ·d·dᵀ with d = x − μ and γ = n/(n−1), of which Sherman and Morrison's
// formula gives the inverse.
type leftOut struct {
	scatter *scatter
	priors  []float64
	class   []int  // [B]
	rotated matrix // [B, R]
	squares matrix // [B, R] of the rotated examples

	// What the eigenvectors do not span, in products of examples and means; nil if they span all.
	exampleMean, meanMean matrix    // [B, C], [C, C]
	exampleSelf           []float64 // [B]
}

// newLeftOut takes the examples whose classes have another one; of many, some at equal distances.
func newLeftOut(s *scatter, x *Examples, priors []float64) (*leftOut, error) {
	l := &leftOut{scatter: s, priors: priors}
	some := *x
	some.Rows = nil
	for _, row := range x.Rows {
		if s.counts[x.Class[row]] > 1 {
			some.Rows = append(some.Rows, row)
		}
	}
	if n := len(some.Rows); n > maxLeftOut {
		for i := range maxLeftOut {
			some.Rows[i] = some.Rows[i*n/maxLeftOut]
		}
		some.Rows = some.Rows[:maxLeftOut]
	}
	err := some.blocks(s.power, func(rows []int, features []float64) error {
		for _, row := range rows {
			l.class = append(l.class, x.Class[row])
		}
		examples := matrix{len(rows), x.Dim, features}
		var err error
		if l.rotated, err = multiply(s.device, examples, false, s.vectors, false); err != nil {
			return err
		}
		l.squares = newMatrix(l.rotated.rows, l.rotated.columns)
		for i, v := range l.rotated.values {
			l.squares.values[i] = v * v
		}
		if s.whole {
			return nil
		}
		return l.setRest(examples)
	})
	return l, err
}

// setRest computes the products of what the eigenvectors do not span.
func (l *leftOut) setRest(examples matrix) error {
	s := l.scatter
	less := func(a, rotatedA, b, rotatedB matrix) (matrix, error) {
		all, err := multiply(s.device, a, false, b, true)
		if err != nil {
			return matrix{}, err
		}
		spanned, err := multiply(s.device, rotatedA, false, rotatedB, true)
		if err != nil {
			return matrix{}, err
		}
		for i, v := range spanned.values {
			all.values[i] -= v
		}
		return all, nil
	}
	var err error
	if l.exampleMean, err = less(examples, l.rotated, s.means, s.rotated); err != nil {
		return err
	}
	if l.meanMean, err = less(s.means, s.rotated, s.means, s.rotated); err != nil {
		return err
	}
	for i := range examples.rows {
		rotated := l.rotated.row(i)
		l.exampleSelf = append(l.exampleSelf, dot(examples.row(i), examples.row(i))-dot(rotated, rotated))
	}
	return nil
}

// scores returns the scores of all classes, [B, C], for each example that is left out.
func (l *leftOut) scores(shrinkage float64) (matrix, error) {
	s := l.scatter
	if len(l.class) == 0 {
		return newMatrix(0, len(s.counts)), nil
	}
	values, rest := s.shrunk(shrinkage)
	divided := s.divided(values)
	xm, err := multiply(s.device, l.rotated, false, divided, true) // xᵀΣ⁻¹μ, [B, C]
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
	xx, err := multiply(s.device, l.squares, false, inverse, true) // xᵀΣ⁻¹x, [B, 1]
	if err != nil {
		return matrix{}, err
	}
	if !s.whole {
		addDivided(xm.values, l.exampleMean.values, rest)
		addDivided(mm.values, l.meanMean.values, rest)
		addDivided(xx.values, l.exampleSelf, rest)
	}
	for i, own := range l.class {
		l.downdate(xm.row(i), xx.values[i], mm, own, shrinkage)
	}
	return xm, nil
}

// addDivided adds values, divided by something, to sums.
func addDivided(sums, values []float64, by float64) {
	for i, v := range values {
		sums[i] += v / by
	}
}

// downdate turns the products of an example with the means, [C], into its scores without itself.
func (l *leftOut) downdate(products []float64, self float64, mm matrix, own int, shrinkage float64) {
	n := float64(l.scatter.counts[own])
	// d = x − μ, of which these are the products with x and with itself.
	dm := slices.Clone(mm.row(own)) // later dᵀΣ⁻¹μ of each class
	for c, p := range products {
		dm[c] = p - dm[c]
	}
	dx := self - products[own]
	dd := dx - dm[own]
	part := (1 - shrinkage) * n / (n - 1) / float64(l.scatter.examples)
	// Without shrinkage the covariance may have no inverse once the example is gone.
	factor := part / max(1-part*dd, rankTolerance)
	for c := range products {
		xm, mm, dm := products[c], mm.row(c)[c], dm[c]
		if c == own { // its mean is μ − d/(n−1)
			h := 1 / (n - 1)
			xm, mm, dm = xm-h*dx, mm-2*h*dm+h*h*dd, dm-h*dd
		}
		products[c] = xm + factor*dx*dm - (mm+factor*dm*dm)/2 + l.priors[c]
	}
}
