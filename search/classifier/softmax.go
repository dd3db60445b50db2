package classifier

import (
	"context"
	"fmt"
	"slices"

	"vs/torch"
)

// softmaxRegression makes the classes of the examples most likely, less an L2 penalty: it minimises
// Σ −log p(class | x) + λ/2·‖W‖², where p is the softmax of xᵀW + b and b is free. That is logistic
// regression of several classes with C = 1/λ. Its parameter is λ. It has no sums: a class that
// comes or goes means fitting again.
//
// It is minimised along the eigenvectors of the covariance of all examples, where the weights of
// different directions hardly depend on each other. The best weights lie within what the examples
// span, less their mean: what the weights give for the mean is a matter of the bias.
type softmaxRegression struct {
	*basis   // of Σ(f(x) − mean)(f(x) − mean)ᵀ
	device   torch.Device
	features *features
	x        *Examples
	mean     []float64 // [F] of the features
	z        matrix    // [N, R] the features of the examples, less the mean, along the eigenvectors
	starts   map[int]solution
}

// To choose the penalty, examples are divided into folds. Each is left out in turn, until that
// makes so many.
const (
	folds       = 3
	enoughTried = 1000
)

// mostRefits bounds the examples that leaving each one out fits again.
const mostRefits = 2000

// The largest component of the gradient, per example, at which a fit ends: one to be used, and one
// to choose the penalty by.
const (
	finalTolerance = 1e-6
	foldTolerance  = 3e-4
)

func newSoftmax(device torch.Device, x *Examples, lift *features) (*softmaxRegression, error) {
	r := &softmaxRegression{device: device, features: lift, x: x, mean: make([]float64, lift.size), starts: make(map[int]solution)}
	sums, err := x.sums(device, lift)
	if err != nil {
		return nil, err
	}
	for c := range sums.rows {
		for j, v := range sums.row(c) {
			r.mean[j] += v / float64(x.Size())
		}
	}
	for c := range sums.rows {
		copy(sums.row(c), r.mean)
	}
	if r.basis, err = newBasis(x, device, lift, sums); err != nil {
		return nil, err
	}
	r.z, err = r.along(x.Embeddings, x.Rows)
	return r, err
}

func (r *softmaxRegression) lift() *features { return r.features }

// candidates begin with the strongest penalty, from whose solution the next one is near.
func (r *softmaxRegression) candidates() []float64 {
	return []float64{3, 1, 0.3, 0.1, 0.03}
}

// along returns the features of some embeddings, less the mean, along the eigenvectors, [n, R].
func (r *softmaxRegression) along(embeddings []float32, rows []int) (matrix, error) {
	block, err := r.features.of(r.device, embeddings, rows)
	if err != nil {
		return matrix{}, err
	}
	for i := range block.rows {
		for j, v := range r.mean {
			block.row(i)[j] -= v
		}
	}
	return multiply(r.device, block, false, r.vectors, false)
}

// leftOut fits to all folds but one and scores that.
func (r *softmaxRegression) leftOut(ctx context.Context, penalty float64) (scores matrix, rows []int, err error) {
	fold := r.folds()
	scores.columns = r.x.Classes
	for f := 0; f < folds && len(rows) < enoughTried; f++ {
		var fit, held []int // places in the examples
		for i := range r.x.Rows {
			switch fold[i] {
			case f:
				held = append(held, i)
			default:
				fit = append(fit, i)
			}
		}
		if len(held) == 0 {
			continue
		}
		s, err := r.minimize(ctx, penalty, fit, r.starts[f], foldTolerance)
		if err != nil {
			return matrix{}, nil, err
		}
		r.starts[f] = s
		var some []int
		for _, i := range held {
			some = append(some, r.x.Rows[i])
		}
		z, err := r.along(r.x.queries(), some)
		if err != nil {
			return matrix{}, nil, err
		}
		for i := range some {
			scores.values = append(scores.values, s.scores(z.row(i))...)
		}
		rows = append(rows, some...)
	}
	scores.rows = len(rows)
	return scores, rows, nil
}

// folds deals the examples of each class in turn, [N]. One that is listed again stays with its
// like, and one that is alone in its class is always fitted to.
func (r *softmaxRegression) folds() []int {
	different := make([]int, r.x.Classes)
	of := make(map[int]int)
	for _, row := range r.x.Rows {
		if _, ok := of[row]; !ok {
			of[row] = different[r.x.Class[row]] % folds
			different[r.x.Class[row]]++
		}
	}
	fold := make([]int, len(r.x.Rows))
	for i, row := range r.x.Rows {
		fold[i] = of[row]
		if different[r.x.Class[row]] == 1 {
			fold[i] = -1
		}
	}
	return fold
}

func (r *softmaxRegression) solve(ctx context.Context, penalty float64) (weights matrix, bias []float64, err error) {
	all := make([]int, len(r.x.Rows))
	for i := range all {
		all[i] = i
	}
	s, err := r.minimize(ctx, penalty, all, r.starts[0], finalTolerance)
	if err != nil {
		return matrix{}, nil, err
	}
	weights, err = multiply(r.device, s.weights, false, r.vectors, true)
	for c := range weights.rows {
		s.bias[c] -= dot(weights.row(c), r.mean)
	}
	return weights, s.bias, err
}

// without fits again without each example.
func (r *softmaxRegression) without(ctx context.Context, penalty float64, rows []int, f func(row int, scores []float64)) error {
	if n := len(r.x.Rows); n > mostRefits {
		return fmt.Errorf("logistic is fitted again without each of %d pictures, and at most %d are worth the time; use --protocol kfold", n, mostRefits)
	}
	z, err := r.along(r.x.queries(), rows)
	if err != nil {
		return err
	}
	start := r.starts[0]
	for i, row := range rows {
		var others []int
		for place, other := range r.x.Rows {
			if other != row {
				others = append(others, place)
			}
		}
		if start, err = r.minimize(ctx, penalty, others, start, finalTolerance); err != nil {
			return err
		}
		f(row, start.scores(z.row(i)))
	}
	return nil
}

// solution is a fit.
type solution struct {
	weights matrix    // [C, R]
	bias    []float64 // [C]
}

func (s solution) scores(z []float64) []float64 {
	scores := slices.Clone(s.bias)
	for c := range scores {
		scores[c] += dot(z, s.weights.row(c))
	}
	return scores
}
