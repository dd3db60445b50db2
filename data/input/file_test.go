package input

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// writeFiles writes one file for each content.
func writeFiles(t *testing.T, contents ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, content := range contents {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func TestReadUsesItsBufferAgain(t *testing.T) {
	paths := writeFiles(t, "long enough to hold the next", "short", "long enough to hold the next")
	var r Reader
	var first *byte
	for i, path := range paths {
		got, err := r.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := os.ReadFile(path); !bytes.Equal(got, want) {
			t.Errorf("file %d is %q, want %q", i, got, want)
		}
		if first == nil {
			first = &got[0]
		}
		if first != &got[0] {
			t.Errorf("file %d lies in another buffer", i)
		}
	}
}

func TestReadKeepsNoHugeBuffer(t *testing.T) {
	paths := writeFiles(t, strings.Repeat("x", keptBuffer+1), "small")
	var r Reader
	if got, err := r.Read(paths[0]); err != nil || len(got) != keptBuffer+1 {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	if _, err := r.Read(paths[1]); err != nil || cap(r.buffer) > keptBuffer {
		t.Errorf("the buffer has %d bytes after a small file; error %v", cap(r.buffer), err)
	}
}

func TestReadErrors(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, size int64) {
		t.Helper()
		file, err := os.Create(path(name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := file.Truncate(size); err != nil { // holds no blocks
			t.Skipf("no file of %d bytes here: %v", size, err)
		}
	}
	write("empty.jpg", 0)
	write("huge.jpg", maxFileSize+1)
	if err := os.Mkdir(path("folder.jpg"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop.jpg", path("loop.jpg")); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, word string }{
		{"missing.jpg", "no such file"},
		{"empty.jpg", "the file is empty"},
		{"huge.jpg", "2147483649 bytes, more than the 2147483648"},
		{"folder.jpg", "it is a folder"},
		{"loop.jpg", "too many"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var r Reader
			_, err := r.Read(path(test.name))
			wantPathError(t, err, path(test.name), test.word)
		})
	}
}

func wantPathError(t *testing.T, err error, path, word string) {
	t.Helper()
	var pathErr *fs.PathError
	if !errors.As(err, &pathErr) || pathErr.Path != path || !strings.Contains(err.Error(), word) {
		t.Errorf("got %v, want an error of %s with %q", err, path, word)
	}
}

// The size is what the file had when it was opened.
func TestReadOfAFileThatChanges(t *testing.T) {
	for _, content := range []string{"", "abc", "abcde"} {
		var r Reader
		_, err := r.fill(strings.NewReader(content), "a.jpg", 4)
		wantPathError(t, err, "a.jpg", "changed while it was read")
	}
	var r Reader
	if got, err := r.fill(iotest.OneByteReader(strings.NewReader("abcd")), "a.jpg", 4); err != nil || string(got) != "abcd" {
		t.Errorf("got %q, %v", got, err)
	}
	broken := errors.New("input/output error")
	if _, err := r.fill(iotest.ErrReader(broken), "a.jpg", 4); err != broken {
		t.Errorf("got %v, want %v", err, broken)
	}
}
