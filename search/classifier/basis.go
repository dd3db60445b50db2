package classifier

import (
	"math"

	"vs/torch"
)

// basis is the eigenvectors of the products of the features of examples, less an offset for each
// class. Where there are fewer examples than features they are computed in the space of the
// examples, and span only what these span.
type basis struct {
	values  []float64 // [R] eigenvalues, ascending, at least 0
	vectors matrix    // [F, R] eigenvectors, in columns
	whole   bool      // R = F: the eigenvectors span everything
}

// newBasis decomposes Σ(f(x) − offset)(f(x) − offset)ᵀ. Without offsets, [C, F], these are zero.
func newBasis(x *Examples, device torch.Device, lift *features, offsets matrix) (*basis, error) {
	b := &basis{whole: len(x.Rows) > lift.size}
	decompose := b.fromFeatures
	if !b.whole {
		decompose = b.fromExamples
	}
	err := decompose(device, lift.size, func(f func(block matrix) error) error {
		return x.blocks(device, lift, func(rows []int, block matrix) error {
			if offsets.rows > 0 {
				for i, row := range rows {
					offset := offsets.row(x.Class[row])
					for j := range block.row(i) {
						block.row(i)[j] -= offset[j]
					}
				}
			}
			return f(block)
		})
	})
	for i, v := range b.values {
		b.values[i] = max(0, v)
	}
	return b, err
}

// blocks calls a function for the examples, a block at a time.
type blocks func(f func(block matrix) error) error

// fromFeatures decomposes the matrix of products of features, [F, F].
func (b *basis) fromFeatures(device torch.Device, size int, each blocks) error {
	products := newMatrix(size, size)
	err := each(func(block matrix) error {
		p, err := multiply(device, block, true, block, false)
		for i, v := range p.values {
			products.values[i] += v
		}
		return err
	})
	if err != nil {
		return err
	}
	b.values, b.vectors, err = eigen(products)
	return err
}

// fromExamples decomposes the matrix of products of examples, [N, N], of which there are so few
// that memory holds them. An eigenvector u of it gives the eigenvector Zᵀu / √value of the other.
func (b *basis) fromExamples(device torch.Device, size int, each blocks) error {
	z := matrix{columns: size}
	err := each(func(block matrix) error {
		z.rows += block.rows
		z.values = append(z.values, block.values...)
		return nil
	})
	if err != nil {
		return err
	}
	products, err := multiply(device, z, false, z, true)
	if err != nil {
		return err
	}
	values, vectors, err := eigen(products)
	if err != nil {
		return err
	}
	first := 0 // the rest is rounding
	for first < len(values) && values[first] <= values[len(values)-1]*rankTolerance {
		first++
	}
	b.values = values[first:]
	scaled := newMatrix(z.rows, len(b.values))
	for i := range scaled.rows {
		for j, v := range b.values {
			scaled.row(i)[j] = vectors.row(i)[first+j] / math.Sqrt(v)
		}
	}
	b.vectors, err = multiply(device, z, true, scaled, false)
	return err
}

// rankTolerance is the part of the largest eigenvalue below which one is rounding.
const rankTolerance = 1e-12
