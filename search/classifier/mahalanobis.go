package classifier

import (
	"context"
	"math"
	"slices"

	"vs/torch"
)

// Mahalanobis measures how far embeddings are from all classes: by the squared Mahalanobis distance
// (x−μ)ᵀΣ⁻¹(x−μ) of their features, with the shrunk covariance of the linear discriminant (Lee et
// al., A simple unified framework for detecting out-of-distribution samples, NeurIPS 2018).
type Mahalanobis struct {
	classes    *distances
	background *distances
}

// Mahalanobis prepares to measure distances from the classes of examples. The power and the
// shrinkage are those that the linear discriminant has or chooses.
func (s Spec) Mahalanobis(ctx context.Context, device torch.Device, x *Examples) (*Mahalanobis, error) {
	if err := x.check(1); err != nil {
		return nil, err
	}
	best, err := s.best(ctx, device, x)
	if err != nil {
		return nil, err
	}
	fitted := best.family.(*discriminant)
	one := *x
	one.Classes, one.Class = 1, make([]int, len(x.Class))
	all, err := newScatter(&one, device, fitted.features)
	if err != nil {
		return nil, err
	}
	return &Mahalanobis{newDistances(fitted.scatter, best.parameter), newDistances(all, best.parameter)}, nil
}

// Of returns for each of some embeddings, [N, D], the distance from the nearest class, and from the
// background: the mean of all examples under the covariance of all. Their difference is the
// relative distance (Ren et al., A simple fix to Mahalanobis distance for improving near-OOD
// detection, 2021).
func (m *Mahalanobis) Of(embeddings []float32, rows []int) (nearest, background []float64, err error) {
	for some := range slices.Chunk(rows, rowsAtOnce) {
		near, err := m.classes.of(embeddings, some)
		if err != nil {
			return nil, nil, err
		}
		far, err := m.background.of(embeddings, some)
		if err != nil {
			return nil, nil, err
		}
		nearest, background = append(nearest, near...), append(background, far...)
	}
	return nearest, background, nil
}

// distances are those from the means of a scatter.
type distances struct {
	*scatter
	values  []float64 // [R] of the shrunk covariance
	rest    float64   // see scatter.shrunk
	weights matrix    // [C, R] the means along the eigenvectors, divided by the values
	squares []float64 // [C] μᵀΣ⁻¹μ
}

func newDistances(s *scatter, shrinkage float64) *distances {
	d := &distances{scatter: s}
	d.values, d.rest = s.shrunk(shrinkage)
	d.weights = s.divided(d.values)
	for c := range s.means.rows {
		square := dot(s.rotated.row(c), d.weights.row(c))
		if !s.whole {
			mean := s.means.row(c)
			square += (dot(mean, mean) - dot(s.rotated.row(c), s.rotated.row(c))) / d.rest
		}
		d.squares = append(d.squares, square)
	}
	return d
}

// of returns the distance from the nearest mean, xᵀΣ⁻¹x − 2·xᵀΣ⁻¹μ + μᵀΣ⁻¹μ, for each of some
// embeddings.
func (d *distances) of(embeddings []float32, rows []int) ([]float64, error) {
	r, err := d.rotate(embeddings, rows)
	if err != nil {
		return nil, err
	}
	products, err := multiply(d.device, r.along, false, d.weights, true)
	if err != nil {
		return nil, err
	}
	addDivided(products.values, r.restMeans.values, d.rest)
	out := make([]float64, len(rows))
	for i := range out {
		var square float64
		along := r.along.row(i)
		for j, v := range along {
			square += v * v / d.values[j]
		}
		if x := r.features.row(i); !d.whole {
			square += (dot(x, x) - dot(along, along)) / d.rest
		}
		out[i] = math.Inf(1)
		for c, m := range d.squares {
			out[i] = min(out[i], square-2*products.row(i)[c]+m)
		}
		out[i] = max(0, out[i]) // rounding
	}
	return out, nil
}
