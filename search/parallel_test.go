package search

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vs/torch"
)

// A setting of libtorch belongs to an OS thread. One that goes back to Go with the setting computes
// for others with it.
func TestThreadsWithASettingEnd(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, err := torch.GetInfo() // sets the thread up by what others last set
	if err = errors.Join(err, torch.SetNumThreads(2)); err != nil {
		t.Fatal(err)
	}
	var mutex sync.Mutex
	threads := map[int]bool{}
	note := func() error {
		info, err := torch.GetInfo()
		if err == nil && info.Threads != 1 {
			err = fmt.Errorf("libtorch computes with %d threads, want 1", info.Threads)
		}
		mutex.Lock()
		defer mutex.Unlock()
		threads[unix.Gettid()] = true
		return err
	}
	err = errors.Join(alone(note), parallel(context.Background(), 100, func(int) error { return note() }))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := torch.GetInfo(); err != nil || info.Threads != 2 {
		t.Errorf("the caller's thread computes with %d threads afterwards (%v), want 2", info.Threads, err)
	}
	for id := range threads {
		gone := func() bool {
			_, err := os.Stat(filepath.Join("/proc/self/task", fmt.Sprint(id)))
			return errors.Is(err, os.ErrNotExist)
		}
		// A thread ends a moment after its goroutine.
		for range 1000 {
			if gone() {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if !gone() {
			t.Errorf("thread %d lives on with its setting", id)
		}
	}
}
