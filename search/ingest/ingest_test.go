package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vs/data"
	"vs/search/database"
)

func TestIngestEmbedsEachContentOnce(t *testing.T) {
	dir := makeFolder(t, 5)
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)

	steps := []struct {
		name        string
		change      func()
		new, reused int
		pictures    int
	}{
		{"a new folder", func() {}, 15, 0, 15},
		{"the same folder", func() {}, 0, 15, 15},
		{"a new picture behind the others", func() { writePicture(t, filepath.Join(dir, "red", "900.png"), shade("red", 9)) }, 1, 15, 16},
		{"a new picture among the others", func() { writePicture(t, filepath.Join(dir, "red", "002a.png"), shade("red", 12)) }, 1, 16, 17},
		{"an edited picture", func() { writePicture(t, filepath.Join(dir, "blue", "001.png"), shade("blue", 20)) }, 1, 16, 17},
		{"a copy under another name in another class", func() { writePicture(t, filepath.Join(dir, "violet", "000.png"), shade("red", 0)) }, 0, 18, 18},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			s.change()
			before := m.embedded.Load()
			done := mustIngest(t, db, dir, m, Options{})
			if done.New != s.new || done.Reused != s.reused || len(done.Bad) != 0 {
				t.Errorf("%d new, %d reused, bad %v; want %d, %d, none", done.New, done.Reused, done.Bad, s.new, s.reused)
			}
			if n := m.embedded.Load() - before; n != int64(s.new) {
				t.Errorf("%d pictures embedded, want %d", n, s.new)
			}
			if n := len(mustLoad(t, db).Names); n != s.pictures {
				t.Errorf("%d pictures in the database, want %d", n, s.pictures)
			}
			checkSound(t, db)
		})
	}
}

func TestIngestDoesNotDependOnBatchesAndWorkers(t *testing.T) {
	dir := makeFolder(t, 11)
	m := &meanEmbedder{}
	var want *database.Embeddings
	for _, o := range []Options{{BatchSize: 1, Workers: 1}, {BatchSize: 4, Workers: 3}, {BatchSize: 100, Workers: 2}} {
		db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
		var last int
		o.Progress = func(done int) { last = done }
		mustIngest(t, db, dir, m, o)
		if last != 33 {
			t.Errorf("progress ends at %d, want 33", last)
		}
		set := mustLoad(t, db)
		if want == nil {
			want = set
		}
		if !slices.Equal(set.Vectors, want.Vectors) || !slices.Equal(set.Names, want.Names) {
			t.Errorf("%+v gives another database", o)
		}
		checkSound(t, db)
	}
}

func TestBadPicturesAreListedAndCounted(t *testing.T) {
	dir := makeFolder(t, 5)
	bad := filepath.Join(dir, "red", "001.png")
	if err := os.WriteFile(bad, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	folder := openFolder(t, dir)
	done, err := Run(context.Background(), db, folder, m, Options{BatchSize: 4})
	if !errors.Is(err, data.ErrBadPictures) {
		t.Fatalf("error %v, want data.ErrBadPictures", err)
	}
	if done.New != 14 || len(done.Bad) != 1 || done.Bad[0].File != "red/001.png" || done.Bad[0].Err == nil {
		t.Errorf("%+v", done)
	}
	if _, err := Run(context.Background(), db, folder, m, Options{BatchSize: 4, MaxBadShare: 0.1}); err != nil {
		t.Errorf("1 bad of 15 with a share of 0.1 allowed: %v", err)
	}
	set, err := db.LoadFolder(context.Background(), folder)
	if err != nil || len(set.Names) != 14 {
		t.Errorf("%d pictures (%v), want the 14 good ones", len(set.Names), err)
	}
	checkSound(t, db)
}

func TestAPictureThatTurnsBadIsForgotten(t *testing.T) {
	dir := makeFolder(t, 2)
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, dir, m, Options{})
	for i := range 2 {
		if err := os.WriteFile(filepath.Join(dir, "red", fmt.Sprintf("%03d.png", i)), []byte("text"), 0o644); err != nil {
			t.Fatal(err)
		}
		mustIngest(t, db, dir, m, Options{MaxBadShare: 1})
		checkSound(t, db)
	}
	if set := mustLoad(t, db); slices.Contains(set.Labels, "red") || len(set.Names) != 4 {
		t.Errorf("labels %v with %d pictures, want blue and green with 4", set.Labels, len(set.Names))
	}
}

func TestAnErrorLosesAtMostTheBatchesInFlight(t *testing.T) {
	dir := makeFolder(t, 10)
	broken := errors.New("the model broke")
	m := &meanEmbedder{fail: func(n int64) error {
		if n >= 17 {
			return broken
		}
		return nil
	}}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	_, err := Run(context.Background(), db, openFolder(t, dir), m, Options{BatchSize: 4})
	if !errors.Is(err, broken) {
		t.Fatalf("error %v, want the embedder's", err)
	}
	kept := len(mustLoad(t, db).Names)
	if kept%4 != 0 || kept > 16 {
		t.Errorf("%d pictures kept, want whole batches of 4, at most 16", kept)
	}
	checkSound(t, db)
	m.fail = nil
	if done := mustIngest(t, db, dir, m, Options{}); done.New != 30-kept {
		t.Errorf("the next ingest embeds %d, want the other %d", done.New, 30-kept)
	}
	checkSound(t, db)
}

func TestAnInterruptKeepsWhatIsWritten(t *testing.T) {
	dir := makeFolder(t, 10)
	ctx, cancel := context.WithCancel(context.Background())
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	_, err := Run(ctx, db, openFolder(t, dir), m, Options{BatchSize: 4, Progress: func(done int) {
		if done >= 8 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	if n := len(mustLoad(t, db).Names); n < 8 || n == 30 {
		t.Errorf("%d pictures kept, want 8 or a little more", n)
	}
	checkSound(t, db)
}
