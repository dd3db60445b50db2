//go:build unix

package data

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

// Without descriptors no picture can be opened, and none of them is to blame.
func TestRunningOutOfDescriptorsEndsTheRun(t *testing.T) {
	paths := manyFiles(t, 20)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	set := func(current uint64) {
		t.Helper()
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: current, Max: limit.Max}); err != nil {
			t.Fatal(err)
		}
	}
	f := &fake{}
	set(3)
	l := f.load(t, t.Context(), paths, LoaderOptions{Workers: 2})
	var items []Item
	var err error
	for item, end := range l.All() {
		if err = end; err == nil {
			items = append(items, item)
		}
	}
	set(limit.Cur)
	if !errors.Is(err, syscall.EMFILE) || !strings.Contains(err.Error(), paths[0]) || !strings.Contains(err.Error(), "ulimit -n") {
		t.Errorf("error %v, want one about descriptors with a remedy", err)
	}
	if len(items) > 0 {
		t.Errorf("%d pictures were taken for bad ones, such as %+v", len(items), items[0])
	}
}

func TestShortMemoryEndsTheRun(t *testing.T) {
	f := &fake{}
	paths := writeFiles(t, "a", "!", "too large", "b")
	var bad int
	var err error
	for item, end := range f.load(t, t.Context(), paths, LoaderOptions{Workers: 2}).All() {
		if err = end; item.Err != nil {
			bad++
		}
	}
	if bad != 1 || !errors.Is(err, syscall.ENOMEM) || !strings.Contains(err.Error(), paths[2]) || !strings.Contains(err.Error(), "--workers") {
		t.Errorf("%d bad pictures, error %v, want 1 and an error about memory", bad, err)
	}
}

func TestAllGoesOnWhereNextStopped(t *testing.T) {
	f := &fake{}
	l := f.load(t, t.Context(), manyFiles(t, 5), LoaderOptions{Workers: 2})
	if item, err := l.Next(); err != nil || item.Index != 0 {
		t.Fatalf("%+v, %v", item, err)
	}
	for range 2 { // left at 2, and begun again
		for item, err := range l.All() {
			if err != nil {
				t.Fatal(err)
			}
			if item.Index == 2 {
				break
			}
		}
	}
	var rest []int
	for item, err := range l.All() {
		if err != nil {
			t.Fatal(err)
		}
		rest = append(rest, item.Index)
	}
	if len(rest) != 0 { // the second loop found no 2 and ran to the end
		t.Errorf("%v are left", rest)
	}
}
