package progress_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"vs/data/progress"
)

type display struct {
	mutex sync.Mutex
	shown []string
}

func (d *display) Show(done int) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.shown = append(d.shown, fmt.Sprint(done))
}

func (d *display) End() { d.shown = append(d.shown, "end") }

func TestTask(t *testing.T) {
	var d display
	ctx := progress.With(context.Background(), func(name, units string, total int) progress.Display {
		d.shown = append(d.shown, fmt.Sprintf("%s: %d %s", name, total, units))
		return &d
	})
	task := progress.Begin(ctx, "reading", "pictures", 3)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() { task.Add(1) })
	}
	group.Wait()
	task.End()
	slices.Sort(d.shown[1:4])
	if want := []string{"reading: 3 pictures", "1", "2", "3", "end"}; !slices.Equal(d.shown, want) {
		t.Errorf("shown %q, want %q", d.shown, want)
	}
}

func TestNobodyLooks(t *testing.T) {
	task := progress.Begin(context.Background(), "reading", "pictures", 3)
	task.Add(3)
	task.End()
}
