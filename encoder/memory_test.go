package encoder

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"vs/torch"
)

// residentBytes reads the process's resident memory from /proc.
func residentBytes(t *testing.T) int {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skipf("resident memory cannot be read here: %v", err)
	}
	pages, err := strconv.Atoi(string(bytes.Fields(statm)[1]))
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func TestForwardsLeaveMemoryFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	path := Builtin
	if dir := os.Getenv("VS_MODELS"); dir != "" {
		path = filepath.Join(dir, "tiny_vit_5m_224.pt")
	}
	e := loadFor(t, path, 2)
	list := pictures(e, 10)
	embed := func(times int) {
		for range times {
			if _, err := e.Embed(context.Background(), list); err != nil {
				t.Fatal(err)
			}
		}
	}
	embed(8) // caches fill and the allocator finds its level
	handles, memory := torch.LiveHandles(), residentBytes(t)
	embed(12)
	if after := torch.LiveHandles(); after != handles {
		t.Errorf("%d handles live, %d before", after, handles)
	}
	// One leaked input or activation a forward would be 600 KB each, 72 MB in all.
	if grown := residentBytes(t) - memory; grown > 32<<20 {
		t.Errorf("resident memory grew by %d MiB in 120 forwards", grown>>20)
	}
}
