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

// pool runs calls into libtorch on a fixed number of OS threads, each with a lane. libtorch keeps
// caches, the number of intra-op threads and the current stream for every OS thread that ever calls
// it, so goroutines that move about would use up memory and settings.
type pool struct {
	size  int
	jobs  chan func(*lane)
	group sync.WaitGroup
	done  chan struct{} // closed by close
	stop  sync.Once
	busy  atomic.Int64 // nanoseconds, summed over the workers
}

func newPool(lanes []*lane) (*pool, error) {
	p := &pool{size: len(lanes), jobs: make(chan func(*lane)), done: make(chan struct{})}
	ready := make(chan error, len(lanes))
	for _, s := range lanes {
		p.group.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with the worker
			defer s.close()
			err := s.open()
			ready <- err
			if err != nil {
				return
			}
			for {
				select {
				case job := <-p.jobs:
					start := time.Now()
					job(s)
					p.busy.Add(int64(time.Since(start)))
				case <-p.done:
					return
				}
			}
		})
	}
	var errs []error
	for range lanes {
		errs = append(errs, <-ready)
	}
	if err := errors.Join(errs...); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// run calls f(0) … f(n−1) on the workers, waits for those that were started and returns the error
// of the lowest i that failed. After a failure, close or the end of ctx it starts no more; of the
// latter two it returns torch.ErrClosed and ctx's error.
func (p *pool) run(ctx context.Context, n int, f func(s *lane, i int) error) error {
	var (
		group  sync.WaitGroup
		errs   = make([]error, n)
		failed = make(chan struct{})
		once   sync.Once
	)
	start := func(i int) (ok bool, err error) {
		group.Add(1)
		job := func(s *lane) {
			defer group.Done()
			if errs[i] = f(s, i); errs[i] != nil {
				once.Do(func() { close(failed) })
			}
		}
		select {
		case p.jobs <- job:
			return true, nil
		case <-failed:
		case <-p.done:
			err = torch.ErrClosed
		case <-ctx.Done():
			err = ctx.Err()
		}
		group.Done()
		return false, err
	}
	var stopped error
	for i, ok := 0, true; i < n && ok; i++ {
		ok, stopped = start(i)
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if stopped != nil {
		return stopped
	}
	return ctx.Err()
}

func (p *pool) close() {
	p.stop.Do(func() { close(p.done) })
	p.group.Wait()
}
