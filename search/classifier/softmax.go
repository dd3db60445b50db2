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
	start    solution  // of a fold under the last penalty
}

// To choose the penalty, pictures are divided into folds. Each is left out in turn, until that
// makes so many.
const (
	folds       = 3
	enoughTried = 1000
)

// mostRefits bounds the pictures that leaving each one out fits again.
const mostRefits = 2000

// The largest component of the gradient, per example, at which a fit ends: one to be used, and one
// to choose the penalty by.
const (
	finalTolerance = 1e-6
	foldTolerance  = 3e-4
)

func newSoftmax(device torch.Device, x *Examples, lift *features) (*softmaxRegression, error) {
	r := &softmaxRegression{device: device, features: lift, x: x, mean: make([]float64, lift.size)}
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
	r.z, err = r.along(x.Embeddings, x.of(x.Rows))
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
func (r *softmaxRegression) leftOut(ctx context.Context, penalties []float64, f func(penalty float64, scores matrix, rows []int)) error {
	folds, err := r.newFolds()
	if err != nil {
		return err
	}
	for _, penalty := range penalties {
		scores := matrix{columns: r.x.Classes}
		var rows []int
		for _, fold := range folds {
			if fold.last, err = r.minimize(ctx, penalty, fold.fit, fold.last, foldTolerance); err != nil {
				return err
			}
			for i := range fold.z.rows {
				scores.values = append(scores.values, fold.last.scores(fold.z.row(i))...)
			}
			rows = append(rows, fold.rows...)
		}
		scores.rows = len(rows)
		f(penalty, scores, rows)
		if len(folds) > 0 {
			r.start = folds[0].last
		}
	}
	return nil
}

// fold is pictures that are left out together.
type fold struct {
	fit  []int    // places of the other examples
	rows []int    // pictures that are left out
	z    matrix   // [B, R] by which these are asked about, along the eigenvectors
	last solution // of the penalty before
}

// addPlaces adds the places of the examples of the i-th picture.
func (r *softmaxRegression) addPlaces(places []int, i int) []int {
	n := r.x.each()
	for place := range n {
		places = append(places, i*n+place)
	}
	return places
}

// newFolds divides the pictures into folds, as many as are enough.
func (r *softmaxRegression) newFolds() (list []*fold, err error) {
	dealt := r.deal()
	tried := 0
	for n := 0; n < folds && tried < enoughTried; n++ {
		f := &fold{}
		for i, row := range r.x.Rows {
			if dealt[i] == n {
				f.rows = append(f.rows, row)
			} else {
				f.fit = r.addPlaces(f.fit, i)
			}
		}
		if len(f.rows) == 0 {
			continue
		}
		if f.z, err = r.along(r.x.queries(), f.rows); err != nil {
			return nil, err
		}
		tried += len(f.rows)
		list = append(list, f)
	}
	return list, nil
}

// deal deals the pictures of each class to folds in turn, [N]. One that is listed again stays with
// its like, and one that is alone in its class is always fitted to.
func (r *softmaxRegression) deal() []int {
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
	all := make([]int, r.z.rows)
	for i := range all {
		all[i] = i
	}
	s, err := r.minimize(ctx, penalty, all, r.start, finalTolerance)
	if err != nil {
		return matrix{}, nil, err
	}
	weights, err = multiply(r.device, s.weights, false, r.vectors, true)
	for c := range weights.rows {
		s.bias[c] -= dot(weights.row(c), r.mean)
	}
	return weights, s.bias, err
}

// without fits again without each picture.
func (r *softmaxRegression) without(ctx context.Context, penalty float64, rows []int, f func(row int, scores []float64)) error {
	if n := len(r.x.Rows); n > mostRefits {
		return fmt.Errorf("logistic is fitted again without each of %d pictures, and at most %d are worth the time; use --protocol kfold", n, mostRefits)
	}
	z, err := r.along(r.x.queries(), rows)
	if err != nil {
		return err
	}
	start := r.start
	for i, row := range rows {
		var others []int
		for i, other := range r.x.Rows {
			if other != row {
				others = r.addPlaces(others, i)
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
