package encoder

import (
	"context"

	"vs/torch"
)

// warmUp has each of CUDA's workers pass a black batch through the model while the first pictures are being decoded: kernels
// are loaded, memory is taken, and a batch that does not fit is found. What fails here fails again with pictures.
func (e *Encoder) warmUp() {
	ctx, cancel := context.WithCancel(context.Background())
	e.stopWarmUp = cancel
	e.warm.Go(func() {
		d := e.Dim()
		black := [][]uint8{make([]uint8, e.metadata.elements())}
		_ = e.pool.run(ctx, e.pool.size, func(s *slot, _ int) error {
			return e.batch.split(black, make([]float32, d), d, func(size int, pictures [][]uint8, out []float32) error {
				return s.forward(e.module, size, pictures, out)
			})
		})
	})
}

// prepare does before the first embedding what is worth its time only if there is one.
func (e *Encoder) prepare(ctx context.Context) error {
	e.prepared.Do(func() {
		if e.manyPictures && e.device.Type == torch.CPUType {
			e.prepareErr = e.pool.run(context.WithoutCancel(ctx), 1, func(s *slot, _ int) error { return e.optimize(s) })
		}
	})
	return e.prepareErr
}
