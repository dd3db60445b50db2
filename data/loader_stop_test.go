package data

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLoaderStopsEarly(t *testing.T) {
	paths := manyFiles(t, 100)
	for _, workers := range []int{1, 2, 7} {
		for _, take := range []int{0, 1, 50} {
			t.Run(fmt.Sprintf("closed: %d workers, %d taken", workers, take), func(t *testing.T) {
				before := runtime.NumGoroutine()
				f := &fake{}
				l := f.load(t, t.Context(), paths, LoaderOptions{Workers: workers, Ahead: 8})
				for range take {
					l.Next()
				}
				for range 2 {
					if err := l.Close(); err != nil {
						t.Error(err)
					}
				}
				if n := f.open.Load(); n != 0 {
					t.Errorf("%d decoders are open after Close", n)
				}
				if _, err := l.Next(); err == nil || !strings.Contains(err.Error(), "closed") {
					t.Errorf("Next after Close gives %v", err)
				}
				noMoreGoroutines(t, before)
			})
			t.Run(fmt.Sprintf("cancelled: %d workers, %d taken", workers, take), func(t *testing.T) {
				before := runtime.NumGoroutine()
				f := &fake{}
				ctx, cancel := context.WithCancel(t.Context())
				l := f.load(t, ctx, paths, LoaderOptions{Workers: workers, Ahead: 8})
				for range take {
					l.Next()
				}
				cancel()
				if _, err := l.Next(); !errors.Is(err, context.Canceled) {
					t.Errorf("Next after the end of the context gives %v", err)
				}
				noMoreGoroutines(t, before) // before Close: the context alone stops the workers
			})
		}
	}
}

// noMoreGoroutines waits until there are no more goroutines than before; those that have let go
// need a moment to vanish.
func noMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	for range 2000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func TestLoaderCloseWakesNext(t *testing.T) {
	started, finish := make(chan bool, 1), make(chan bool)
	f := &fake{slow: func([]byte) { started <- true; <-finish }}
	l := f.load(t, t.Context(), manyFiles(t, 1), LoaderOptions{})
	var wait sync.WaitGroup
	var err error
	wait.Go(func() { _, err = l.Next() })
	<-started
	l.cancel() // the first half of Close, which waits for the worker
	wait.Wait()
	close(finish)
	if err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("Next gives %v", err)
	}
}
