package encoder

import (
	"context"
	"fmt"
	"math"

	"vs/torch"
)

// unsettledTolerance is by how much, relative and in the L2 norm, two embeddings of one picture may
// differ. On the CPU they are the same to the bit; some of CUDA's kernels add in any order, in
// types of down to 8 bits of precision.
const unsettledTolerance = 0.01

// checkSettled passes the same picture through the model twice and refuses a model that does not
// give the same embedding. Such a model keeps something from pass to pass, or draws random numbers
// in a way that [torch.Module.Freeze] does not find. The passes come one after the other, since
// what they keep may be the same after two at once; if there are two workers each does one, for the
// worker that waits longest is next.
func (e *Encoder) checkSettled(ctx context.Context) error {
	d := e.Dim()
	picture := [][]uint8{e.noise()}
	var embeddings [2][]float32
	for i := range embeddings {
		embeddings[i] = make([]float32, d)
		err := e.pool.run(ctx, 1, func(s *lane, _ int) error {
			return e.batch.inBatches(picture, embeddings[i], d, func(size int, pictures [][]uint8, out []float32) error {
				return s.forward(e.module, size, pictures, out)
			})
		})
		if err != nil {
			return err
		}
	}
	difference, tolerance := relativeDifference(embeddings[0], embeddings[1]), 0.0
	if e.device.Type != torch.CPUType {
		tolerance = unsettledTolerance
	}
	if !(difference <= tolerance) { // it may be no number
		return fmt.Errorf("the model gives the same picture different embeddings (relative difference %.2g); trace it in eval mode, "+
			"from code without random numbers and without state", difference)
	}
	return nil
}

// noise is a picture of all levels, the same in every call.
func (e *Encoder) noise() []uint8 {
	picture := make([]uint8, e.metadata.elements())
	state := uint32(1)
	for i := range picture {
		state = state*1664525 + 1013904223
		picture[i] = uint8(state >> 24)
	}
	return picture
}

// relativeDifference is |a − b| / |a|, 0 for equal ones. Elements that are not numbers in both
// count as equal: Embed refuses them.
func relativeDifference(a, b []float32) float64 {
	var difference, norm float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		if x == y || math.IsNaN(x) && math.IsNaN(y) {
			continue
		}
		difference += (x - y) * (x - y)
	}
	for _, x := range a {
		norm += float64(x) * float64(x)
	}
	if difference == 0 {
		return 0
	}
	return math.Sqrt(difference) / math.Sqrt(norm)
}
