package classifier

import (
	"context"
	"slices"

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
	l.rotated, err = multiply(device, sums, false, l.vectors, false)
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
	examples, queries *operand // [B·I, R] and [B, R] along the eigenvectors; the same if pictures have one embedding
	x, q              matrix   // the same on the host
}

func (l *leastSquares) newLeverage(rows []int) (v *leverage, err error) {
	v = &leverage{}
	defer func() {
		if err != nil {
			v.close()
		}
	}()
	along := func(embeddings []float32, rows []int) (matrix, *operand, error) {
		block, err := l.features.of(l.device, embeddings, rows)
		if err == nil {
			block, err = multiply(l.device, block, false, l.vectors, false)
		}
		if err != nil {
			return matrix{}, nil, err
		}
		o, err := newOperand(l.device, block)
		return block, o, err
	}
	v.x, v.examples, err = along(l.x.Embeddings, l.x.of(rows))
	v.q, v.queries = v.x, v.examples
	if err == nil && l.x.Queries != nil {
		v.q, v.queries, err = along(l.x.Queries, rows)
	}
	return v, err
}

func (v *leverage) close() {
	v.examples.close()
	if v.queries != v.examples {
		v.queries.close()
	}
}

// leftOut is exact: without the examples X of a picture, [I, F], of leverages H = XA⁻¹Xᵀ, where A =
// XᵀX + λI of all, the scores of q are qᵀW + qᵀA⁻¹Xᵀ·(I − H)⁻¹·(XW − Y), as the formula of Woodbury
// gives.
func (l *leastSquares) leftOut(ctx context.Context, penalties []float64, f func(penalty float64, scores matrix, rows []int)) error {
	return l.eachWithout(ctx, penalties, l.held, func(penalty float64, scores matrix) { f(penalty, scores, l.held) })
}

// eachWithout calls f for each of some penalties with the scores of examples without themselves.
func (l *leastSquares) eachWithout(ctx context.Context, penalties []float64, rows []int, f func(penalty float64, scores matrix)) error {
	v, err := l.newLeverage(rows)
	if err != nil {
		return err
	}
	defer v.close()
	for _, penalty := range penalties {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		scores, err := l.scoresWithout(v, rows, penalty)
		if err != nil {
			return err
		}
		f(penalty, scores)
	}
	return nil
}

func (l *leastSquares) scoresWithout(v *leverage, rows []int, penalty float64) (matrix, error) {
	sums, values := l.divided(penalty)
	scores, err := v.queries.timesTransposed(sums)
	if err != nil {
		return matrix{}, err
	}
	own := matrix{scores.rows, scores.columns, slices.Clone(scores.values)}
	if v.queries != v.examples {
		if own, err = v.examples.timesTransposed(sums); err != nil {
			return matrix{}, err
		}
	}
	inverse := inverses(values)
	n := l.x.each()
	left := newSymmetric(n)
	scaled := newMatrix(n, v.x.columns)
	qx := make([]float64, n)
	for i, row := range rows {
		for a := range n {
			multiplyInto(scaled.row(a), v.x.row(i*n+a), inverse)
			qx[a] = dot(v.q.row(i), scaled.row(a))
			for b := range a + 1 {
				left.set(a, b, -dot(scaled.row(a), v.x.row(i*n+b)))
			}
			left.add(a, a, 1)
		}
		left.factor()
		left.solve(qx)
		for a, by := range qx {
			fitted := own.row(i*n + a)
			fitted[l.x.Class[row]]--
			for c, residual := range fitted {
				scores.row(i)[c] += by * residual
			}
		}
	}
	return scores, nil
}

func (l *leastSquares) without(ctx context.Context, penalty float64, rows []int, f func(row int, scores []float64)) error {
	return l.eachWithout(ctx, []float64{penalty}, rows, func(_ float64, scores matrix) {
		for i, row := range rows {
			f(row, scores.row(i))
		}
	})
}
