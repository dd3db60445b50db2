package draw

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// small is a data set of six pictures; its last one is city/001.jpg.
func small() []file { return fileList(2)[:6] }

// written is a folder with the small data set of seed 1.
func written(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new", "pictures")
	if err := write(context.Background(), dir, small(), 1); err != nil {
		t.Fatal(err)
	}
	return dir
}

func paths(t *testing.T, dir string) []string {
	t.Helper()
	found, err := list(dir)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWriteAllMakesEachPicture(t *testing.T) {
	if testing.Short() {
		t.Skip("draws the whole data set")
	}
	dir := filepath.Join(t.TempDir(), "new", "pictures")
	if err := WriteAll(context.Background(), dir, 1); err != nil {
		t.Fatal(err)
	}
	found := paths(t, dir)
	if want := len(Classes()) * PerClass; len(found) != want {
		t.Fatalf("%d files, want %d", len(found), want)
	}
	if found[0] != "bricks/000.jpg" || found[len(found)-1] != "wood/029.jpg" {
		t.Errorf("files go from %s to %s", found[0], found[len(found)-1])
	}
	want, err := JPEG("leaves", 12, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "leaves", "012.jpg")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("leaves/012.jpg is not JPEG(leaves, 12, 1) (error %v)", err)
	}
	if beside := paths(t, filepath.Dir(dir)); len(beside) != len(found) {
		t.Errorf("something was left beside the folder: %v", beside)
	}
}

func TestDrawingDoesNotDependOnWorkers(t *testing.T) {
	draw := func(workers int) []file {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		files := small()
		if err := drawFiles(context.Background(), files, 3); err != nil {
			t.Fatal(err)
		}
		return files
	}
	if !slices.EqualFunc(draw(1), draw(5), func(a, b file) bool { return bytes.Equal(a.jpeg, b.jpeg) }) {
		t.Error("1 worker and 5 draw different pictures")
	}
}

func TestAFolderWithFilesIsLeftAlone(t *testing.T) {
	put := func(t *testing.T, path, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(t *testing.T, path string) {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name   string
		change func(t *testing.T, dir string)
		want   string // in the error; empty: none
	}{
		{"the same pictures are left alone", func(*testing.T, string) {}, ""},
		{"a changed picture is named", func(t *testing.T, dir string) { put(t, filepath.Join(dir, "checkers", "001.jpg"), "x") }, "checkers/001.jpg differs"},
		{"a missing picture is refused", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "city", "001.jpg")) }, "holds other files"},
		{"one file more is refused", func(t *testing.T, dir string) { put(t, filepath.Join(dir, "notes.txt"), "x") }, "holds other files"},
		{"an empty folder more is refused", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "cats"), 0o777); err != nil {
				t.Fatal(err)
			}
		}, "holds other files"},
		{"a file of another kind is refused", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "city", "001.jpg"))
			put(t, filepath.Join(dir, "city", "001.png"), "x")
		}, "holds other files"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := written(t)
			tt.change(t, dir)
			before := paths(t, dir)
			err := write(context.Background(), dir, small(), 1)
			if tt.want == "" && err != nil {
				t.Errorf("got error %v, want none", err)
			}
			if tt.want != "" && (!errors.Is(err, ErrOccupied) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got error %v, want ErrOccupied with %q", err, tt.want)
			}
			if after := paths(t, dir); !slices.Equal(before, after) {
				t.Errorf("the folder has changed from %d files to %d", len(before), len(after))
			}
		})
	}
}

func TestAnotherSeedIsRefused(t *testing.T) {
	err := write(context.Background(), written(t), small(), 2)
	if !errors.Is(err, ErrOccupied) || !strings.Contains(err.Error(), "bricks/000.jpg differs") {
		t.Errorf("got error %v, want ErrOccupied with the first picture", err)
	}
}

func TestAFileInPlaceOfTheFolderIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pictures")
	if err := os.WriteFile(path, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := WriteAll(context.Background(), path, 1); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got error %v, want one with the path", err)
	}
}

func TestEmptyFolderIsFilled(t *testing.T) {
	real := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(real, link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	files := small()[:1]
	files[0].jpeg = []byte("x")
	if err := place(real, files); err != nil {
		t.Fatal(err)
	}
	if got := paths(t, link); !slices.Equal(got, []string{"bricks/000.jpg"}) {
		t.Errorf("the folder holds %v", got)
	}
}

func TestInterruptionLeavesNothing(t *testing.T) {
	root := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := WriteAll(ctx, filepath.Join(root, "pictures"), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	if left := paths(t, root); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "pictures")
	// The second file needs a folder where the first one is.
	files := []file{{path: "a", jpeg: []byte("x")}, {path: "a/b", jpeg: []byte("x")}}
	if err := place(dir, files); err == nil || !strings.Contains(err.Error(), "write pictures to "+dir) {
		t.Errorf("got error %v, want one with the folder", err)
	}
	if left := paths(t, root); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
