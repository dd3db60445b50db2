package encoder

import (
	"context"

	"vs/torch"
)

// warmUp has CUDA's workers check the model while the first pictures are being decoded. By the way
// kernels are loaded, memory is taken, and a batch that does not fit is found.
func (e *Encoder) warmUp() {
	ctx, cancel := context.WithCancel(context.Background())
	e.stopWarmUp = cancel
	e.warm.Go(func() { e.warmErr = e.checkSettled(ctx) })
}

// prepare does before the first embedding what is worth its time only if there is one.
func (e *Encoder) prepare(ctx context.Context) error {
	e.prepared.Do(func() { e.prepareErr = e.prepareOnce(context.WithoutCancel(ctx)) })
	return e.prepareErr
}

func (e *Encoder) prepareOnce(ctx context.Context) error {
	if e.device.Type == torch.CUDAType {
		e.warm.Wait()
		if e.warmErr == nil {
			return nil
		}
		// There may be more memory now.
		return e.checkSettled(ctx)
	}
	if err := e.checkSettled(ctx); err != nil || !e.optimizes {
		return err
	}
	return e.pool.run(ctx, 1, func(s *lane, _ int) error { return e.optimize(s) })
}
