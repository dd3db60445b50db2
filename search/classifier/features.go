package classifier

import (
	"math/rand/v2"
	"slices"

	"vs/search/moments"
	"vs/torch"
)

// features are what a classifier sees of an embedding: sign(x)·|x|^power, scaled to length one, and
// with projections the positive parts of that many random directions of it, scaled to length one
// again (McDonnell et al., RanPAC: random projections and pre-trained models for continual
// learning, NeurIPS 2023).
type features struct {
	power  float64
	random matrix // [D, M], without columns if there are no projections
	size   int    // F
}

func newFeatures(power float64, dim, projections int, seed uint64) *features {
	if projections == 0 {
		return &features{power: power, size: dim}
	}
	f := &features{power: power, random: newMatrix(dim, projections), size: projections}
	source := rand.New(rand.NewPCG(seed, uint64(projections)))
	for i := range f.random.values {
		f.random.values[i] = source.NormFloat64()
	}
	return f
}

// of returns the features of some embeddings, [n, F].
func (f *features) of(device torch.Device, embeddings []float32, rows []int) (matrix, error) {
	dim := f.size
	if f.random.columns > 0 {
		dim = f.random.rows
	}
	block := newMatrix(len(rows), dim)
	for i, row := range rows {
		moments.Feature(block.row(i), embeddings[row*dim:(row+1)*dim], f.power)
	}
	if f.random.columns == 0 {
		return block, nil
	}
	lifted, err := multiply(device, block, false, f.random, false)
	for i := range lifted.rows {
		rectify(lifted.row(i))
	}
	return lifted, err
}

// rectify keeps the positive components, and scales them to length one.
func rectify(x []float64) {
	for i, v := range x {
		x[i] = max(0, v)
	}
	if slices.Max(x) > 0 {
		moments.ScaleToOne(x)
	}
}
