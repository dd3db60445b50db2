package classifier

import (
	"math"

	"vs/torch"
)

// scatter is the covariance that the classes share, by its eigenvectors: what examples differ from
// the mean of their class. Where there are fewer examples than dimensions it is computed in the
// space of the examples, and the eigenvectors span only what they span.
type scatter struct {
	device   torch.Device
	power    float64
	examples int     // N
	counts   []int   // [C]
	means    matrix  // [C, D] of the transformed examples
	trace    float64 // sum of all eigenvalues

	values  []float64 // [R] eigenvalues
	vectors matrix    // [D, R] eigenvectors, in columns
	rotated matrix    // [C, R] the means along the eigenvectors
	whole   bool      // R = D: the eigenvectors span everything
}

func newScatter(x *Examples, device torch.Device, power float64) (*scatter, error) {
	s := &scatter{device: device, power: power, examples: len(x.Rows), counts: x.counts(), whole: len(x.Rows) > x.Dim}
	if err := s.setMeans(x); err != nil {
		return nil, err
	}
	decompose := s.fromDimensions
	if !s.whole {
		decompose = s.fromExamples
	}
	if err := decompose(x); err != nil {
		return nil, err
	}
	for i, v := range s.values {
		s.values[i] = max(0, v/float64(s.examples))
		s.trace += s.values[i]
	}
	var err error
	s.rotated, err = multiply(device, s.means, false, s.vectors, false)
	return s, err
}

func (s *scatter) setMeans(x *Examples) error {
	s.means = newMatrix(x.Classes, x.Dim)
	err := x.blocks(s.power, func(rows []int, features matrix) error {
		for i, row := range rows {
			mean := s.means.row(x.Class[row])
			for j, v := range features.row(i) {
				mean[j] += v
			}
		}
		return nil
	})
	for c, n := range s.counts {
		for j := range s.means.row(c) {
			s.means.row(c)[j] /= float64(n)
		}
	}
	return err
}

// centred calls f for the examples less the mean of their class, [n, D].
func (s *scatter) centred(x *Examples, f func(block matrix) error) error {
	return x.blocks(s.power, func(rows []int, block matrix) error {
		for i, row := range rows {
			mean := s.means.row(x.Class[row])
			for j := range block.row(i) {
				block.row(i)[j] -= mean[j]
			}
		}
		return f(block)
	})
}

// fromDimensions decomposes the matrix of products of dimensions, [D, D].
func (s *scatter) fromDimensions(x *Examples) error {
	products := newMatrix(x.Dim, x.Dim)
	err := s.centred(x, func(block matrix) error {
		p, err := multiply(s.device, block, true, block, false)
		for i, v := range p.values {
			products.values[i] += v
		}
		return err
	})
	if err != nil {
		return err
	}
	s.values, s.vectors, err = eigen(products)
	return err
}

// fromExamples decomposes the matrix of products of examples, [N, N], of which there are so few
// that they are one block. An eigenvector u of it gives the eigenvector Zᵀu / √value of the other.
func (s *scatter) fromExamples(x *Examples) error {
	var z matrix
	err := s.centred(x, func(block matrix) error {
		z = matrix{z.rows + block.rows, x.Dim, append(z.values, block.values...)}
		return nil
	})
	if err != nil {
		return err
	}
	products, err := multiply(s.device, z, false, z, true)
	if err != nil {
		return err
	}
	values, vectors, err := eigen(products)
	if err != nil {
		return err
	}
	// The rest is rounding: class means take one dimension per class from the examples.
	first := 0
	for first < len(values) && values[first] <= values[len(values)-1]*rankTolerance {
		first++
	}
	s.values = values[first:]
	scaled := newMatrix(z.rows, len(s.values))
	for i := range scaled.rows {
		for j, v := range s.values {
			scaled.row(i)[j] = vectors.row(i)[first+j] / math.Sqrt(v)
		}
	}
	s.vectors, err = multiply(s.device, z, true, scaled, false)
	return err
}

// rankTolerance is the part of the largest eigenvalue below which one is rounding.
const rankTolerance = 1e-12

// singular reports whether the covariance has no inverse without shrinkage.
func (s *scatter) singular() bool {
	return s.trace > 0 && (!s.whole || s.values[0] <= s.values[len(s.values)-1]*rankTolerance)
}

// shrunk returns the eigenvalues of the covariance that is shrunk by λ, [R], and the one that holds
// along everything that the eigenvectors do not span.
func (s *scatter) shrunk(shrinkage float64) (values []float64, rest float64) {
	return shrink(s.values, shrinkage, 1, s.trace/float64(s.means.columns))
}

// shrink returns (1−λ)·scale·value + λ·level for each eigenvalue, and for those that are zero. Where no
// example differs from the mean of its class every direction counts alike.
func shrink(values []float64, shrinkage, scale, level float64) (out []float64, rest float64) {
	if level == 0 {
		level, shrinkage = 1, 1
	}
	rest = shrinkage * level
	out = make([]float64, len(values))
	for i, v := range values {
		out[i] = (1-shrinkage)*scale*v + rest
	}
	return out, rest
}

// divided returns the rotated means, [C, R], each component divided by an eigenvalue.
func (s *scatter) divided(values []float64) matrix {
	out := newMatrix(s.rotated.rows, s.rotated.columns)
	for c := range out.rows {
		for j, v := range s.rotated.row(c) {
			out.row(c)[j] = v / values[j]
		}
	}
	return out
}

// solve returns the means times the inverse of the shrunk covariance, [C, D].
func (s *scatter) solve(shrinkage float64) (matrix, error) {
	values, rest := s.shrunk(shrinkage)
	scaled := s.divided(values)
	if !s.whole {
		for c := range scaled.rows {
			for j, v := range s.rotated.row(c) {
				scaled.row(c)[j] -= v / rest
			}
		}
	}
	weights, err := multiply(s.device, scaled, false, s.vectors, true)
	if err == nil && !s.whole {
		for i, v := range s.means.values {
			weights.values[i] += v / rest
		}
	}
	return weights, err
}
