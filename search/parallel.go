package search

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"vs/data/progress"
	"vs/torch"
)

// alone calls f on an OS thread of its own, on which libtorch computes with one thread, so that a
// product is added up in the same order on any machine and whatever was computed before. The thread
// ends with f: unlocked, it would go back to Go with its setting, and other goroutines would
// compute with one thread or with several by chance.
func alone(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked
		err := torch.SetNumThreads(1)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// parallel calls f with 0 to n−1 on one worker per CPU, each [alone], and returns the error of the
// lowest number that failed.
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
			setUp[w] = alone(func() error {
				// Numbers are taken in ascending order, so that those below a failed one are all
				// tried.
				for !failed.Load() && ctx.Err() == nil {
					i := int(next.Add(1)) - 1
					if i >= n {
						break
					}
					if errs[i] = f(i); errs[i] != nil {
						failed.Store(true)
					}
				}
				return nil
			})
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

// shownParallel is [parallel] as a task that is shown; f does one of the units.
func shownParallel(ctx context.Context, name, units string, n int, f func(i int) error) error {
	task := progress.Begin(ctx, name, units, n)
	defer task.End()
	return parallel(ctx, n, func(i int) error {
		defer task.Add(1)
		return f(i)
	})
}
