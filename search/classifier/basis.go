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
	b := &basis{whole: x.Size() > lift.size}
	if known := x.sumsUnder(lift); known != nil {
		products, err := x.centred(device, matrix{lift.size, lift.size, known.Products.Float()}, offsets)
		if err != nil {
			return nil, err
		}
		b.whole = true
		return b, b.decompose(products)
	}
	decompose := b.fromFeatures
	if !b.whole {
		decompose = b.fromExamples
	}
	err := decompose(device, lift.size, func(f func(block matrix) error) error {
		return x.blocks(device, lift, func(class []int, block matrix) error {
			if offsets.rows > 0 {
				for i, c := range class {
					offset := offsets.row(c)
					for j := range block.row(i) {
						block.row(i)[j] -= offset[j]
					}
				}
			}
			return f(block)
		})
	})
	return b, err
}

// centred takes the means of the classes, [C, F], if there are any, out of the products of all
// examples: Σn·μμᵀ, in the order of the classes.
func (x *Examples) centred(device torch.Device, products, means matrix) (matrix, error) {
	for first := 0; first < means.rows; first += rowsAtOnce {
		scaled := newMatrix(min(rowsAtOnce, means.rows-first), means.columns)
		for i := range scaled.rows {
			root := math.Sqrt(float64(x.Counts[first+i] * x.each()))
			for j, v := range means.row(first + i) {
				scaled.row(i)[j] = root * v
			}
		}
		outer, err := gram(device, scaled)
		if err != nil {
			return matrix{}, err
		}
		for i, v := range outer.values {
			products.values[i] -= v
		}
	}
	return products, nil
}

// decompose finds the eigenvectors of a matrix of products of features, [F, F].
func (b *basis) decompose(products matrix) (err error) {
	b.values, b.vectors, err = eigen(products)
	for i, v := range b.values {
		b.values[i] = max(0, v)
	}
	return err
}

// blocks calls a function for the examples, a block at a time.
type blocks func(f func(block matrix) error) error

// fromFeatures decomposes the matrix of products of features, [F, F].
func (b *basis) fromFeatures(device torch.Device, size int, each blocks) error {
	products := newMatrix(size, size)
	err := each(func(block matrix) error {
		p, err := gram(device, block)
		for i, v := range p.values {
			products.values[i] += v
		}
		return err
	})
	if err != nil {
		return err
	}
	return b.decompose(products)
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
