package ingest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A picture's row is replaced when another file takes its name, though its content may come later
// under another one.
func TestPicturesThatChangeNamesAreNotEmbeddedAgain(t *testing.T) {
	move := func(t *testing.T, dir, from, to string) {
		t.Helper()
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name   string
		change func(t *testing.T, dir string)
		fresh  int // pictures that no row had
	}{
		{"two pictures swap names", func(t *testing.T, dir string) {
			move(t, dir, "red/000.png", "red/x")
			move(t, dir, "red/001.png", "red/000.png")
			move(t, dir, "red/x", "red/001.png")
		}, 0},
		{"a new first picture moves all others on", func(t *testing.T, dir string) {
			move(t, dir, "red/002.png", "red/003.png")
			move(t, dir, "red/001.png", "red/002.png")
			move(t, dir, "red/000.png", "red/001.png")
			writePicture(t, filepath.Join(dir, "red/000.png"), shade("red", 20))
		}, 1},
		{"two classes swap names", func(t *testing.T, dir string) {
			move(t, dir, "red", "x")
			move(t, dir, "blue", "red")
			move(t, dir, "x", "blue")
		}, 0},
		{"a picture moves on and a file of garbage takes its place", func(t *testing.T, dir string) {
			move(t, dir, "blue/000.png", "red/004.png")
			writeFile(t, filepath.Join(dir, "blue/000.png"), []byte("text"))
		}, 0},
		{"a replaced picture comes back twice", func(t *testing.T, dir string) {
			writePicture(t, filepath.Join(dir, "blue/000.png"), shade("blue", 20))
			writePicture(t, filepath.Join(dir, "green/000.png"), shade("blue", 0))
			writePicture(t, filepath.Join(dir, "red/000.png"), shade("blue", 0))
		}, 1},
	}
	for _, tt := range tests {
		for _, batch := range []int{1, 100} {
			t.Run(fmt.Sprintf("%s, %d a batch", tt.name, batch), func(t *testing.T) {
				dir := makeFolder(t, 3)
				m := &meanEmbedder{}
				db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
				mustIngest(t, db, dir, m, Options{})
				tt.change(t, dir)
				o := Options{BatchSize: batch, MaxBadShare: 1, Prune: true}
				if done := mustIngest(t, db, dir, m, o); done.New != tt.fresh || int(m.embedded.Load()) != 9+tt.fresh {
					t.Errorf("%d new, %d embedded in all, want %d, %d", done.New, m.embedded.Load(), tt.fresh, 9+tt.fresh)
				}
				checkSound(t, db)
				fresh := openBound(t, filepath.Join(t.TempDir(), "b.db"), m)
				mustIngest(t, fresh, dir, m, o)
				if got, want := mustLoad(t, db), mustLoad(t, fresh); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%+v, want what a new database has, %+v", got, want)
				}
			})
		}
	}
}
