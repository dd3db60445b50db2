package draw

import (
	"math"
	"math/rand/v2"
)

// field is smooth random noise over the plane: values at whole numbers come from a hash, those
// between are interpolated.
type field struct{ seed uint64 }

func newField(r *rand.Rand) field { return field{r.Uint64()} }

// cell is the random value of a grid cell, in 0..1.
func (f field) cell(i, j int) float64 {
	h := f.seed ^ uint64(int64(i))*0x9e3779b97f4a7c15 ^ uint64(int64(j))*0xc2b2ae3d27d4eb4f
	h *= 0xd6e8feb86659fd93
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return float64(h>>40) / (1 << 24)
}

// at is the noise at a point, in 0..1.
func (f field) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	i, j := int(fx), int(fy)
	u, v := x-fx, y-fy
	u, v = u*u*(3-2*u), v*v*(3-2*v)
	top := f.cell(i, j)*(1-u) + f.cell(i+1, j)*u
	low := f.cell(i, j+1)*(1-u) + f.cell(i+1, j+1)*u
	return top*(1-v) + low*v
}

// fbm sums octaves of noise, each twice as fine and half as strong, in 0..1. The grid turns between
// octaves (by 3-4-5 triangles) so that its lines do not show.
func (f field) fbm(x, y float64, octaves int) float64 {
	sum, weight := 0.0, .5
	total := 0.0
	for range octaves {
		sum += weight * f.at(x, y)
		total += weight
		weight /= 2
		x, y = 1.6*x-1.2*y+17.3, 1.2*x+1.6*y-9.1
	}
	return sum / total
}
