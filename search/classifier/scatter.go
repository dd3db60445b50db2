package classifier

import (
	"slices"

	"vs/torch"
)

// scatter is the covariance that the classes share: what examples differ from the mean of their
// class, by its eigenvectors.
type scatter struct {
	*basis   // of the covariance
	device   torch.Device
	features *features
	examples int     // N
	counts   []int   // [C] examples
	means    matrix  // [C, F] of the features
	rotated  matrix  // [C, R] the means along the eigenvectors
	trace    float64 // sum of all eigenvalues
}

func newScatter(x *Examples, device torch.Device, lift *features) (*scatter, error) {
	s := &scatter{device: device, features: lift, examples: x.Size(), counts: slices.Clone(x.counts())}
	var err error
	if s.means, err = x.sums(device, lift); err != nil {
		return nil, err
	}
	for c := range s.counts {
		s.counts[c] *= x.each()
		n := s.counts[c]
		for j := range s.means.row(c) {
			s.means.row(c)[j] /= float64(n)
		}
	}
	if s.basis, err = newBasis(x, device, lift, s.means); err != nil {
		return nil, err
	}
	for i := range s.values {
		s.values[i] /= float64(s.examples)
		s.trace += s.values[i]
	}
	if s.trace <= rankTolerance { // features have length one: this is rounding
		clear(s.values)
		s.trace = 0
	}
	s.rotated, err = multiply(device, s.means, false, s.vectors, false)
	return s, err
}

// singular reports whether the covariance has no inverse without shrinkage.
func (s *scatter) singular() bool {
	return s.trace > 0 && (!s.whole || s.values[0] <= s.values[len(s.values)-1]*rankTolerance)
}

// shrunk returns the eigenvalues of the covariance that is shrunk by λ, [R], and the one that holds
// along everything that the eigenvectors do not span.
func (s *scatter) shrunk(shrinkage float64) (values []float64, rest float64) {
	return shrink(s.values, shrinkage, 1, s.trace/float64(s.means.columns))
}

// shrink returns (1−λ)·scale·value + λ·level for each eigenvalue, and for those that are zero.
// Where no example differs from the mean of its class every direction counts alike.
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

// solve returns the means times the inverse of the shrunk covariance, [C, F].
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
