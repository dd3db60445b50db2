package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data"
)

func TestPruneDropsWhatTheFolderLacks(t *testing.T) {
	remove := func(t *testing.T, path string) {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name    string
		change  func(t *testing.T, dir string)
		absent  int
		removed []string
	}{
		{"nothing has gone", func(t *testing.T, dir string) {}, 0, nil},
		{"a picture has gone", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "red", "001.png")) }, 1, []string{"red/001.png"}},
		{"a class has gone", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "blue")) }, 3, []string{"blue/000.png", "blue/001.png", "blue/002.png"}},
		{"a picture has another name", func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, "red", "001.png"), filepath.Join(dir, "green", "a.png")); err != nil {
				t.Fatal(err)
			}
		}, 1, []string{"red/001.png"}},
		{"a picture is there but cannot be read", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "red", "001.png")
			remove(t, path)
			if err := os.Symlink("nowhere", path); err != nil {
				t.Fatal(err)
			}
		}, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := makeFolder(t, 3)
			m := &meanEmbedder{}
			db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
			mustIngest(t, db, dir, m, Options{})
			tt.change(t, dir)
			if done := mustIngest(t, db, dir, m, Options{MaxBadShare: 1}); done.Absent != tt.absent || done.Removed != 0 {
				t.Errorf("without Prune: %d absent, %d removed, want %d, 0", done.Absent, done.Removed, tt.absent)
			}
			before := mustLoad(t, db).Files()
			done := mustIngest(t, db, dir, m, Options{MaxBadShare: 1, Prune: true})
			if done.Absent != tt.absent || done.Removed != tt.absent {
				t.Errorf("with Prune: %d absent, %d removed, want %d", done.Absent, done.Removed, tt.absent)
			}
			after := mustLoad(t, db).Files()
			gone := slices.DeleteFunc(before, func(file string) bool { return slices.Contains(after, file) })
			if !slices.Equal(gone, tt.removed) {
				t.Errorf("removed %v, want %v", gone, tt.removed)
			}
			checkSound(t, db)
			// What is left is what a new database of the folder would hold, sums to the bit.
			if len(done.Bad) == 0 {
				fresh := openBound(t, filepath.Join(t.TempDir(), "b.db"), m)
				mustIngest(t, fresh, dir, m, Options{})
				if got, want := mustLoad(t, db), mustLoad(t, fresh); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%v, a new database has %v", got, want)
				}
				checkSound(t, db)
			}
		})
	}
}

func TestAnEmptyListingPrunesNothing(t *testing.T) {
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, makeFolder(t, 3), m, Options{})
	done, err := Run(context.Background(), db, &data.Folder{Dir: "gone"}, m, Options{BatchSize: 4, Prune: true})
	if err == nil || !strings.Contains(err.Error(), "gone: it lists no pictures") || done.Removed != 0 {
		t.Errorf("%d removed, error %v, want one about the listing", done.Removed, err)
	}
	if n := len(mustLoad(t, db).Names); n != 9 {
		t.Errorf("%d pictures left of 9", n)
	}
}

func TestNothingIsPrunedUnlessAllElseSucceeded(t *testing.T) {
	dir := makeFolder(t, 3)
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, dir, m, Options{})
	if err := os.Remove(filepath.Join(dir, "red", "000.png")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "blue", "new.png"), []byte("text"))
	done, err := Run(context.Background(), db, openFolder(t, dir), m, Options{BatchSize: 4, Prune: true})
	if !errors.Is(err, data.ErrBadPictures) || done.Removed != 0 {
		t.Errorf("%d removed, error %v, want none and ErrBadPictures", done.Removed, err)
	}
	broken := errors.New("the model broke")
	m.fail = func(int64) error { return broken }
	writePicture(t, filepath.Join(dir, "blue", "new.png"), shade("blue", 30))
	if _, err = Run(context.Background(), db, openFolder(t, dir), m, Options{BatchSize: 4, Prune: true}); !errors.Is(err, broken) {
		t.Errorf("error %v, want the embedder's", err)
	}
	if files := mustLoad(t, db).Files(); !slices.Contains(files, "red/000.png") {
		t.Errorf("red/000.png was removed: %v", files)
	}
}
