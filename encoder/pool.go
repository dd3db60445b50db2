package encoder

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"vs/torch"
)

// pool runs calls into libtorch on a fixed number of OS threads. libtorch keeps caches and the number of intra-op
// threads for every OS thread that ever calls it, so goroutines that move about would use up memory and settings.
type pool struct {
	size  int
	jobs  chan func()
	group sync.WaitGroup
	stop  sync.Once
	busy  atomic.Int64 // nanoseconds, summed over the workers
}

func newPool(size int) (*pool, error) {
	p := &pool{size: size, jobs: make(chan func())}
	ready := make(chan error, size)
	for range size {
		p.group.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with the worker
			err := torch.SetNumThreads(1)
			ready <- err
			if err != nil {
				return
			}
			for job := range p.jobs {
				start := time.Now()
				job()
				p.busy.Add(int64(time.Since(start)))
			}
		})
	}
	var errs []error
	for range size {
		errs = append(errs, <-ready)
	}
	if err := errors.Join(errs...); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// run calls f(0) … f(n−1) on the workers, waits for those that were started and returns the error of the lowest i that
// failed. After a failure or the end of ctx it starts no more.
func (p *pool) run(ctx context.Context, n int, f func(i int) error) error {
	var (
		group  sync.WaitGroup
		errs   = make([]error, n)
		failed = make(chan struct{})
		once   sync.Once
	)
start:
	for i := range n {
		job := func() {
			defer group.Done()
			if errs[i] = f(i); errs[i] != nil {
				once.Do(func() { close(failed) })
			}
		}
		group.Add(1)
		select {
		case p.jobs <- job:
		case <-failed:
			group.Done()
			break start
		case <-ctx.Done():
			group.Done()
			break start
		}
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p *pool) close() {
	p.stop.Do(func() { close(p.jobs) })
	p.group.Wait()
}
