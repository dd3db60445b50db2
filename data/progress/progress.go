// Package progress lets long computations say how far they are, and programs show it. What shows it
// travels in the context, so that functions on the way need not know of it.
package progress

import (
	"context"
	"sync/atomic"
)

// Unknown is the total of a task that cannot tell how much there is to do.
const Unknown = -1

// Display shows one task. Its methods are called by any number of goroutines.
type Display interface {
	Show(done int) // what is done may come out of order
	End()
}

type key struct{}

// With returns a context whose tasks are shown by what begin returns for them: units are what the
// total counts, such as "pictures".
func With(ctx context.Context, begin func(name, units string, total int) Display) context.Context {
	return context.WithValue(ctx, key{}, begin)
}

// Task is a computation that is shown, or one that is not.
type Task struct {
	display Display // nil: nobody looks
	done    atomic.Int64
}

// Begin begins a task. Where nobody looks it costs nothing.
func Begin(ctx context.Context, name, units string, total int) *Task {
	t := &Task{}
	if begin, ok := ctx.Value(key{}).(func(name, units string, total int) Display); ok {
		t.display = begin(name, units, total)
	}
	return t
}

// Add says that n more units are done.
func (t *Task) Add(n int) {
	if t.display != nil {
		t.display.Show(int(t.done.Add(int64(n))))
	}
}

// Set says how many units are done.
func (t *Task) Set(done int) {
	if t.display != nil {
		t.done.Store(int64(done))
		t.display.Show(done)
	}
}

// End ends the task, which may be unfinished.
func (t *Task) End() {
	if t.display != nil {
		t.display.End()
	}
}
