package report

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"vs/data/progress"
)

// Projection is a map of embeddings onto the two directions in which they vary most.
type Projection struct {
	Points    [][2]float64 // one per picture, around (0, 0)
	Explained [2]float64   // the share of the whole variance along each axis
}

// ClassSimilarity gives the cosine similarity of each class with each other, [C][C], from the
// classes' mean embeddings, [C, D]. Similarity with a class whose mean is zero is not defined and
// NaN.
func ClassSimilarity(means []float32, dim int) ([][]float64, error) {
	if err := checkEmbeddings(means, dim); err != nil {
		return nil, fmt.Errorf("compare class means: %w", err)
	}
	classes := len(means) / dim
	units, similarity := make([][]float64, classes), make([][]float64, classes)
	for a := range classes {
		units[a] = make([]float64, dim)
		similarity[a] = make([]float64, classes)
		if !normalize(units[a], means[a*dim:(a+1)*dim]) {
			floats.AddConst(math.NaN(), units[a])
		}
		for b := range a + 1 {
			cosine := max(-1, min(1, floats.Dot(units[a], units[b]))) // rounding may lead past 1
			similarity[a][b], similarity[b][a] = cosine, cosine
		}
	}
	return similarity, nil
}

// PCA projects L2-normalised embeddings, [N, D], onto their first two principal components. The
// signs of the components, which are arbitrary, are chosen so that the element of the largest
// absolute value is positive, the first if several are as large. An axis along which nothing varies
// has the coordinate 0 for every picture and explains 0.
func PCA(ctx context.Context, embeddings []float32, dim int) (*Projection, error) {
	p, err := pca(ctx, embeddings, dim)
	if err != nil {
		return nil, fmt.Errorf("map embeddings: %w", err)
	}
	return p, nil
}

func pca(ctx context.Context, embeddings []float32, dim int) (*Projection, error) {
	if err := checkEmbeddings(embeddings, dim); err != nil {
		return nil, err
	}
	rows := centredRows{embeddings, dim, make([]float64, dim)}
	task := progress.Begin(ctx, "mapping embeddings", "", progress.Unknown)
	defer task.End()
	n := rows.len()
	row := make([]float64, dim)
	for i := range n {
		normalize(row, rows.row(i))
		floats.AddScaled(rows.mean, 1/float64(n), row)
	}
	var axes [2][]float64 // unit vectors of D elements
	var variances [2]float64
	var total float64
	var err error
	if n < dim {
		axes, variances, total, err = rows.axesFromGram()
	} else {
		axes, variances, total, err = rows.axesFromCovariance(ctx)
	}
	if err != nil {
		return nil, err
	}
	p := &Projection{Points: make([][2]float64, n)}
	for a, axis := range axes {
		if axis == nil {
			continue
		}
		p.Explained[a] = variances[a] / total
		if largest(axis) < 0 {
			floats.Scale(-1, axis)
		}
	}
	for i := range n {
		rows.centred(row, i)
		for a, axis := range axes {
			if axis != nil {
				p.Points[i][a] = floats.Dot(row, axis)
			}
		}
	}
	return p, nil
}

// centredRows are embeddings, normalised and less their mean when they are asked for, so that N × D
// float64 need not be held at a time.
type centredRows struct {
	embeddings []float32 // [N, D]
	dim        int
	mean       []float64 // [D], of the normalised rows
}

func (r *centredRows) len() int { return len(r.embeddings) / r.dim }

func (r *centredRows) row(i int) []float32 { return r.embeddings[i*r.dim : (i+1)*r.dim] }

func (r *centredRows) centred(dst []float64, i int) {
	normalize(dst, r.row(i))
	floats.Sub(dst, r.mean)
}

// block gives rows from up to to, [to − from, D].
func (r *centredRows) block(from, to int) blas64.General {
	b := blas64.General{Rows: to - from, Cols: r.dim, Stride: r.dim, Data: make([]float64, (to-from)*r.dim)}
	for i := from; i < to; i++ {
		r.centred(b.Data[(i-from)*r.dim:(i-from+1)*r.dim], i)
	}
	return b
}

// axesFromCovariance sums up the D × D scatter matrix in blocks of rows.
func (r *centredRows) axesFromCovariance(ctx context.Context) (axes [2][]float64, variances [2]float64, total float64, err error) {
	const size = 512
	scatter := blas64.General{Rows: r.dim, Cols: r.dim, Stride: r.dim, Data: make([]float64, r.dim*r.dim)}
	for from := 0; from < r.len(); from += size {
		if err := ctx.Err(); err != nil {
			return axes, variances, total, err
		}
		b := r.block(from, min(from+size, r.len()))
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, b, b, 1, scatter)
	}
	return leadingVectors(scatter)
}

// axesFromGram takes the N × N products of the rows, which has the same variances as the scatter
// matrix and is smaller where there are fewer rows than columns. With its vector u, the axis is the
// direction of the sum of the rows weighted by u.
func (r *centredRows) axesFromGram() (axes [2][]float64, variances [2]float64, total float64, err error) {
	b := r.block(0, r.len())
	gram := blas64.General{Rows: b.Rows, Cols: b.Rows, Stride: b.Rows, Data: make([]float64, b.Rows*b.Rows)}
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, b, b, 0, gram)
	weights, variances, total, err := leadingVectors(gram)
	for a, u := range weights {
		if u == nil {
			continue
		}
		axes[a] = make([]float64, r.dim)
		blas64.Gemv(blas.Trans, 1, b, blas64.Vector{N: len(u), Inc: 1, Data: u}, 0, blas64.Vector{N: r.dim, Inc: 1, Data: axes[a]})
		floats.Scale(1/floats.Norm(axes[a], 2), axes[a])
	}
	return axes, variances, total, err
}

// leadingVectors gives the eigenvectors of the two largest eigenvalues of a symmetric matrix, nil
// for one that is no more than rounding, and the sum of all eigenvalues.
func leadingVectors(m blas64.General) (vectors [2][]float64, values [2]float64, total float64, err error) {
	n := m.Rows
	symmetric := mat.NewSymDense(n, m.Data)
	total = mat.Trace(symmetric)
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, true) {
		return vectors, values, total, errors.New("their covariance has no eigenvectors that can be found")
	}
	var all mat.Dense
	eigen.VectorsTo(&all)
	ascending := eigen.Values(nil)
	for a := range min(2, n) {
		// Rows are of length 1 or less, so that what rounding leaves of equal ones is about 1e-16
		// an element. The other bound is the error of eigenvalues beside the largest.
		least := max(1e-28*float64(n), 1e-14*float64(n)*ascending[n-1])
		if ascending[n-1-a] > least {
			values[a] = ascending[n-1-a]
			vectors[a] = mat.Col(nil, n-1-a, &all)
		}
	}
	return vectors, values, total, nil
}

// largest gives the element of the largest absolute value, of those equal up to rounding the first.
func largest(v []float64) float64 {
	bound := (1 - 1e-9) * floats.Norm(v, math.Inf(1))
	return v[slices.IndexFunc(v, func(x float64) bool { return math.Abs(x) >= bound })]
}

// normalize sets dst to v divided by its L2 norm. It reports false, and sets 0, where v is zero.
func normalize(dst []float64, v []float32) bool {
	for j, x := range v {
		dst[j] = float64(x)
	}
	norm := floats.Norm(dst, 2)
	if norm == 0 {
		return false
	}
	floats.Scale(1/norm, dst)
	return true
}

func checkEmbeddings(embeddings []float32, dim int) error {
	switch {
	case dim < 1:
		return fmt.Errorf("embeddings of %d elements, must be at least 1", dim)
	case len(embeddings) == 0:
		return errors.New("no embeddings")
	case len(embeddings)%dim != 0:
		return fmt.Errorf("%d numbers are not a whole number of embeddings of %d elements", len(embeddings), dim)
	}
	for i, x := range embeddings {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("embedding %d is not finite", i/dim)
		}
	}
	return nil
}
