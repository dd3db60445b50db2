package encoder

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"vs/torch/torchtest"
)

func TestBatchesThatDoNotFitAreHalved(t *testing.T) {
	device := torchtest.FakeCUDA(t)
	load := func(batch int, notify func(string)) *Encoder {
		e, err := Load(Builtin, Options{Device: device, BatchSize: batch, Notify: notify})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Close() })
		return e
	}
	small := load(8, nil)
	list := pictures(small, 40)
	want, err := small.Embed(context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		memory  int // bytes
		halved  bool
		wantErr string
	}{
		{"room for all", 8 << 30, false, ""},
		{"not enough for 32", 50 << 20, true, ""}, // which take 19 MiB, and as many in the layout that the model wants
		{"not even one", 1 << 20, true, "not even one picture fits: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var messages []string
			e := load(32, func(message string) {
				mu.Lock()
				defer mu.Unlock()
				messages = append(messages, message)
			})
			e.warm.Wait() // what it says of the first batch is not of this memory
			t.Setenv("FAKE_CUDA_MEMORY", strconv.Itoa(tt.memory))
			got, err := e.Embed(context.Background(), list)
			if (err != nil) != (tt.wantErr != "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Fatalf("error %v, want %q", err, tt.wantErr)
			}
			if err == nil && cosine(got, want) < 0.999999 {
				t.Errorf("cosine with embeddings of small batches: %v", cosine(got, want))
			}
			// How far depends on what the other worker holds at the time.
			slices.Sort(messages)
			if told := len(messages) > 0; told != tt.halved || len(slices.Compact(messages)) != len(messages) || told != (e.BatchSize() < 32) {
				t.Errorf("told %q; batches of %d", messages, e.BatchSize())
			}
		})
	}
}

func TestAForwardPassDoesNotWaitForTheDevice(t *testing.T) {
	device := torchtest.FakeCUDA(t)
	for _, path := range modelFiles(t) {
		e, err := Load(path, Options{Device: device, BatchSize: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		e.warm.Wait()
		err = e.pool.run(context.Background(), 1, func(s *lane, _ int) error {
			if err := s.fill(2, nil); err != nil {
				return err
			}
			t.Setenv("FAKE_CUDA_MUST_NOT_WAIT", "yes")
			defer t.Setenv("FAKE_CUDA_MUST_NOT_WAIT", "")
			input, err := s.staging.To(device)
			if err != nil {
				return err
			}
			defer input.Close()
			output, err := s.run(e.module, input, 2)
			output.Close()
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
