package classifier

import (
	"context"

	"vs/torch"
)

// leastSquares is ridge regression on one-hot targets: the scores of an example x are xᵀW with W =
// (XᵀX + λI)⁻¹XᵀY, where Y has a 1 in the column of each example's class (Hoerl and Kennard, Ridge
// regression, 1970; with random projections McDonnell et al., RanPAC, NeurIPS 2023). Its parameter
// is λ. XᵀX and the sums XᵀY of each class are all that it needs.
type leastSquares struct {
	*basis   // of XᵀX
	device   torch.Device
	features *features
	x        *Examples
	rotated  matrix // [C, R] the sums of the classes along the eigenvectors
	held     []int
	products *leverage
}

// penalties are what λ is chosen from. Features have length one, so N is the largest λ that means
// something.
var penalties = []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30}

func newLeastSquares(device torch.Device, x *Examples, lift *features, held []int) (*leastSquares, error) {
	l := &leastSquares{device: device, features: lift, x: x, held: held}
	sums, err := x.sums(device, lift)
	if err != nil {
		return nil, err
	}
	if l.basis, err = newBasis(x, device, lift, matrix{}); err != nil {
		return nil, err
	}
	if l.rotated, err = multiply(device, sums, false, l.vectors, false); err != nil {
		return nil, err
	}
	l.products, err = l.newLeverage(held)
	return l, err
}

func (l *leastSquares) lift() *features       { return l.features }
func (l *leastSquares) candidates() []float64 { return penalties }

// divided returns the rotated sums, [C, R], divided by the eigenvalues of XᵀX + λI.
func (l *leastSquares) divided(penalty float64) (sums matrix, values []float64) {
	values = make([]float64, len(l.values))
	for j, v := range l.values {
		values[j] = v + penalty
	}
	sums = newMatrix(l.rotated.rows, l.rotated.columns)
	for c := range sums.rows {
		for j, v := range l.rotated.row(c) {
			sums.row(c)[j] = v / values[j]
		}
	}
	return sums, values
}

func (l *leastSquares) solve(_ context.Context, penalty float64) (weights matrix, bias []float64, err error) {
	// The sums are within what the eigenvectors span, and so are the weights.
	sums, _ := l.divided(penalty)
	weights, err = multiply(l.device, sums, false, l.vectors, true)
	return weights, make([]float64, weights.rows), err
}

// leverage is what leaving examples out needs of them, whatever the penalty.
type leverage struct {
	examples, queries matrix // [B, R] along the eigenvectors; the same if pictures have one embedding
	selves, products  matrix // [B, R] of each example with itself and with its query
}

func (l *leastSquares) newLeverage(rows []int) (*leverage, error) {
	along := func(embeddings []float32) (matrix, error) {
		block, err := l.features.of(l.device, embeddings, rows)
		if err != nil {
			return matrix{}, err
		}
		return multiply(l.device, block, false, l.vectors, false)
	}
	v := &leverage{}
	var err error
	if v.examples, err = along(l.x.Embeddings); err != nil {
		return nil, err
	}
	v.queries = v.examples
	if l.x.Queries != nil {
		if v.queries, err = along(l.x.Queries); err != nil {
			return nil, err
		}
	}
	v.selves, v.products = v.examples.times(v.examples), v.examples.times(v.queries)
	return v, nil
}

// leftOut is exact: without an example x of leverage h = xᵀA⁻¹x, A = XᵀX + λI, the scores of q are
// qᵀW + qᵀA⁻¹x·(xᵀW − y)/(1 − h), as the formula of Sherman and Morrison gives.
func (l *leastSquares) leftOut(_ context.Context, penalty float64) (scores matrix, rows []int, err error) {
	scores, err = l.scoresWithout(l.products, l.held, penalty)
	return scores, l.held, err
}

func (l *leastSquares) scoresWithout(v *leverage, rows []int, penalty float64) (matrix, error) {
	sums, values := l.divided(penalty)
	scores, err := multiply(l.device, v.queries, false, sums, true)
	if err != nil {
		return matrix{}, err
	}
	own := scores
	if l.x.Queries != nil {
		if own, err = multiply(l.device, v.examples, false, sums, true); err != nil {
			return matrix{}, err
		}
	}
	for i, row := range rows {
		h, qx := dividedSum(v.selves.row(i), values), dividedSum(v.products.row(i), values)
		fitted := append([]float64(nil), own.row(i)...)
		fitted[l.x.Class[row]]--
		for c, residual := range fitted {
			scores.row(i)[c] += qx * residual / (1 - h)
		}
	}
	return scores, nil
}

func (l *leastSquares) without(_ context.Context, penalty float64, rows []int, f func(row int, scores []float64)) error {
	v, err := l.newLeverage(rows)
	if err != nil {
		return err
	}
	scores, err := l.scoresWithout(v, rows, penalty)
	if err != nil {
		return err
	}
	for i, row := range rows {
		f(row, scores.row(i))
	}
	return nil
}
