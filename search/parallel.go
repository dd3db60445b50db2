package search

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"vs/torch"
)

// parallel calls f with 0 to n−1 on one worker a CPU and returns the error of the lowest number that failed. Each worker gives
// libtorch one thread, so that a product is added up in the same order for any number of workers.
func parallel(ctx context.Context, n int, f func(i int) error) error {
	// A program whose workers wait in C may have more Go processors than CPUs.
	workers := min(runtime.GOMAXPROCS(0), runtime.NumCPU(), n)
	setUp := make([]error, workers)
	errs := make([]error, n)
	var (
		next   atomic.Int64
		failed atomic.Bool
		group  sync.WaitGroup
	)
	for w := range workers {
		group.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			if setUp[w] = torch.SetNumThreads(1); setUp[w] != nil {
				return
			}
			// Numbers are taken in ascending order, so that those below a failed one are all tried.
			for !failed.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = f(i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	group.Wait()
	for _, err := range append(setUp, errs...) {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
