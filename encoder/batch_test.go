package encoder

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"vs/torch"
)

// device is a fake with memory for that many pictures at a time. An embedding is the picture's only
// element.
type device struct {
	memory  int
	mu      sync.Mutex
	batches []string // pictures and size of each that fitted
}

func (d *device) forward(size int, pictures [][]uint8, out []float32) error {
	if size > d.memory {
		return fmt.Errorf("forward: %w: tried to allocate", torch.ErrOutOfMemory)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.batches = append(d.batches, fmt.Sprintf("%d/%d", len(pictures), size))
	for i, p := range pictures {
		out[i] = float32(p[0])
	}
	return nil
}

func numbered(n int) [][]uint8 {
	pictures := make([][]uint8, n)
	for i := range pictures {
		pictures[i] = []uint8{uint8(i)}
	}
	return pictures
}

func TestBatchesAreHalvedUntilTheyFit(t *testing.T) {
	tests := []struct {
		name           string
		size, memory   int
		pictures       int
		batches        []string
		halved         []int
		wantErr        string
		wantEmbeddings int
	}{
		{"nothing to do", 8, 8, 0, nil, nil, "", 0},
		{"a whole batch", 8, 8, 8, []string{"8/8"}, nil, "", 8},
		{"the last batch is padded", 8, 8, 19, []string{"8/8", "8/8", "3/8"}, nil, "", 19},
		{"half of it fits", 8, 4, 11, []string{"4/4", "4/4", "3/4"}, []int{4}, "", 11},
		{"sizes that are not even", 13, 3, 7, []string{"3/3", "3/3", "1/3"}, []int{6, 3}, "", 7},
		{"one at a time", 8, 1, 2, []string{"1/1", "1/1"}, []int{4, 2, 1}, "", 2},
		{"not even one", 4, 0, 2, nil, []int{2, 1}, "not even one picture fits: forward: out of memory", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var halved []int
			b := &batchSize{size: tt.size, halved: func(size int) { halved = append(halved, size) }}
			d := &device{memory: tt.memory}
			pictures := numbered(tt.pictures)
			out := make([]float32, len(pictures))
			err := b.inBatches(pictures, out, 1, d.forward)
			if (err != nil) != (tt.wantErr != "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Fatalf("error %v, want %q", err, tt.wantErr)
			}
			if !slices.Equal(d.batches, tt.batches) || !slices.Equal(halved, tt.halved) {
				t.Errorf("batches %v, halved to %v; want %v, %v", d.batches, halved, tt.batches, tt.halved)
			}
			for i := range tt.wantEmbeddings {
				if out[i] != float32(i) {
					t.Fatalf("embeddings %v", out)
				}
			}
		})
	}
}

func TestWorkersThatMeetTheSameShortageHalveOnce(t *testing.T) {
	var halved []int
	b := &batchSize{size: 16, halved: func(size int) { halved = append(halved, size) }}
	d := &device{memory: 8}
	both := sync.WaitGroup{}
	both.Add(2)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			pictures := numbered(40)
			out := make([]float32, 40)
			first := true
			err := b.inBatches(pictures, out, 1, func(size int, pictures [][]uint8, out []float32) error {
				err := d.forward(size, pictures, out)
				if first { // neither halves before both have failed
					first = false
					both.Done()
					both.Wait()
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			for i := range out {
				if out[i] != float32(i) {
					t.Errorf("embeddings %v", out)
					return
				}
			}
		})
	}
	group.Wait()
	if !slices.Equal(halved, []int{8}) {
		t.Errorf("halved to %v, want once, to 8", halved)
	}
}

// What one worker lacks may be what another's batch holds: not a reason to give up, nor to go down
// to single pictures.
func TestAWorkerWithoutMemoryWaitsForTheOthers(t *testing.T) {
	var halved []int
	b := &batchSize{size: 8, halved: func(size int) { halved = append(halved, size) }}
	d := &device{memory: 8}
	var held sync.WaitGroup // until the other worker has failed
	held.Add(1)
	inside := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := b.inBatches(numbered(8), make([]float32, 8), 1, func(size int, pictures [][]uint8, out []float32) error {
			close(inside)
			held.Wait()
			return d.forward(size, pictures, out)
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-inside
	first := true
	err := b.inBatches(numbered(8), make([]float32, 8), 1, func(size int, pictures [][]uint8, out []float32) error {
		if first {
			first = false
			held.Done()
			return fmt.Errorf("forward: %w: the other worker has it", torch.ErrOutOfMemory)
		}
		return d.forward(size, pictures, out)
	})
	group.Wait()
	if want := []string{"8/8", "4/4", "4/4"}; err != nil || !slices.Equal(d.batches, want) || !slices.Equal(halved, []int{4}) {
		t.Errorf("error %v, batches %v, halved to %v; want %v, halved once", err, d.batches, halved, want)
	}
}

func TestWhoIsToldOfASmallerBatchMayAskForIt(t *testing.T) {
	var b *batchSize
	var told []int
	b = &batchSize{size: 8, halved: func(size int) { told = append(told, size, b.get()) }}
	if err := b.inBatches(numbered(3), make([]float32, 3), 1, (&device{memory: 2}).forward); err != nil {
		t.Fatal(err)
	}
	if want := []int{4, 4, 2, 2}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

func TestOtherErrorsAreNotTriedAgain(t *testing.T) {
	b := &batchSize{size: 4}
	broken := errors.New("broken")
	calls := 0
	err := b.inBatches(numbered(8), make([]float32, 8), 1, func(int, [][]uint8, []float32) error {
		calls++
		return broken
	})
	if !errors.Is(err, broken) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

// Two workers with batches of four, the last of them padded: what CUDA does, on the device of the
// tests.
func TestPaddedBatchesGiveTheEmbeddingsOfSinglePictures(t *testing.T) {
	e := loadFor(t, "testdata/channel_means.pt", 2)
	list := pictures(e, 10)
	want, err := e.Embed(context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	e.batch.size = 4
	for _, n := range []int{10, 4, 1} {
		got, err := e.Embed(context.Background(), list[:n])
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if math.Abs(float64(got[i]-want[i])) > 1e-6 {
				t.Fatalf("%d pictures: element %d is %v, alone %v", n, i, got[i], want[i])
			}
		}
	}
}

func TestExerciseCountsPictures(t *testing.T) {
	e := loadFor(t, "testdata/channel_means.pt", 2)
	e.batch.size = 4
	if n, err := e.ForwardOnly(context.Background(), 3); err != nil || n != 12 {
		t.Errorf("%d pictures in 3 batches of 4, %v", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.ForwardOnly(ctx, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestAPictureOfAnotherSizeIsRefused(t *testing.T) {
	e := loadFor(t, "testdata/channel_means.pt", 1)
	_, err := e.Embed(context.Background(), [][]uint8{make([]uint8, 5)})
	if err == nil || !strings.Contains(err.Error(), "5 elements, the model takes 3 × 32 × 32") {
		t.Errorf("error %v", err)
	}
}
