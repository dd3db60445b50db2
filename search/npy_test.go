package search

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/torch"
)

var cpu = torch.CPU

// The file is what numpy.save writes for numpy.array([[1, 2], [3, 4], [5, 6]], dtype=numpy.float32), byte by byte.
func TestNPYIsWhatNumPyWrites(t *testing.T) {
	want, err := os.ReadFile("testdata/numpy.npy")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := WriteNPY(&got, []float32{1, 2, 3, 4, 5, 6}, 2); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got  %q\nwant %q", got.Bytes(), want)
	}
}

func TestSaveNPY(t *testing.T) {
	set := &Set{Labels: []string{"x", "y"}, Counts: []int{1, 2}, Names: []string{"a.jpg", "a.jpg", "b.jpg"}, Dim: 1, Embeddings: []float32{1, 2, 3}}
	dir := t.TempDir()
	path := filepath.Join(dir, "e.npy")
	if err := SaveNPY(path, set); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadFile(path + ".txt")
	if err != nil || string(names) != "x/a.jpg\ny/a.jpg\ny/b.jpg\n" {
		t.Errorf("names %q, %v", names, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v (%v), want two files", entries, err)
	}
	if err := SaveNPY(filepath.Join(dir, "nowhere", "e.npy"), set); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v, want one with the path", err)
	}
}
