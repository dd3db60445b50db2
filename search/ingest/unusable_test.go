package ingest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/search/database"
)

// faultyEmbedder spoils the embeddings of some pictures.
type faultyEmbedder struct {
	meanEmbedder
	spoil func(embedding []float32)
}

func (f *faultyEmbedder) Embed(ctx context.Context, pictures [][]uint8) ([]float32, error) {
	embeddings, err := f.meanEmbedder.Embed(ctx, pictures)
	for e := range slices.Chunk(embeddings, 3) {
		f.spoil(e)
	}
	return embeddings, err
}

func TestEmbeddingsThatCannotBeCompared(t *testing.T) {
	blue := func(e []float32) bool { return e[2] > e[0] && e[2] > e[1] }
	scale := func(factor float32) func(e []float32) {
		return func(e []float32) {
			for i := range e {
				e[i] *= factor
			}
		}
	}
	tests := []struct {
		name  string
		spoil func(e []float32)
		bad   int
		want  string // of the reason, or of the error where all are bad
	}{
		{"one class of zeros", func(e []float32) {
			if blue(e) {
				clear(e)
			}
		}, 3, "all zero"},
		{"one class that is too long", func(e []float32) {
			if blue(e) {
				scale(1e28)(e)
			}
		}, 3, "use at most 1e+18"},
		{"all zero", func(e []float32) { clear(e) }, 9, "the model mean embeds none of 9 pictures so that they can be compared: the embedding is all zero"},
		{"all too long", scale(1e28), 9, "use at most 1e+18"},
		{"all too short", scale(1e-20), 9, "use at least 1e-12"},
		{"as long as may be", scale(5e17), 0, ""},
		{"as short as may be", scale(1e-11), 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &faultyEmbedder{spoil: tt.spoil}
			path := filepath.Join(t.TempDir(), "a.db")
			db := openBound(t, path, &m.meanEmbedder)
			done, err := Run(context.Background(), db, openFolder(t, makeFolder(t, 3)), m, Options{BatchSize: 4, MaxBadShare: 1})
			if len(done.Bad) != tt.bad || done.New != 9-tt.bad {
				t.Errorf("%d bad, %d new, want %d bad", len(done.Bad), done.New, tt.bad)
			}
			for _, bad := range done.Bad {
				if tt.bad < 9 && (!strings.HasPrefix(bad.File, "blue/") || !strings.Contains(bad.Err.Error(), tt.want)) {
					t.Errorf("bad picture %v", bad)
				}
			}
			if tt.bad < 9 {
				if err != nil {
					t.Error(err)
				}
				checkSound(t, db)
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "mean") {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("a database was made")
			}
		})
	}
}

// A picture that was comparable and is not any more is not a picture of its class.
func TestAPictureThatTurnsIncomparableIsDropped(t *testing.T) {
	dir := makeFolder(t, 2)
	m := &faultyEmbedder{spoil: func([]float32) {}}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), &m.meanEmbedder)
	run := func() (*Summary, error) {
		return Run(context.Background(), db, openFolder(t, dir), m, Options{BatchSize: 4, MaxBadShare: 1})
	}
	if _, err := run(); err != nil {
		t.Fatal(err)
	}
	writePicture(t, filepath.Join(dir, "red", "000.png"), shade("red", 9))
	m.spoil = func(e []float32) { clear(e) }
	done, err := run()
	if err != nil || len(done.Bad) != 1 || done.Reused != 5 {
		t.Errorf("%d bad, %d reused (%v), want 1 and 5", len(done.Bad), done.Reused, err)
	}
	if files := mustLoad(t, db).Files(); len(files) != 5 || slices.Contains(files, "red/000.png") {
		t.Errorf("%v", files)
	}
}

// An encode that fails in the model leaves nothing that refuses the mended model.
func TestAFailingModelBindsNothing(t *testing.T) {
	dir := makeFolder(t, 3)
	path := filepath.Join(t.TempDir(), "a.db")
	broken := &meanEmbedder{fail: func(int64) error { return context.DeadlineExceeded }}
	db := openBound(t, path, broken)
	if _, err := Run(context.Background(), db, openFolder(t, dir), broken, Options{BatchSize: 4}); err == nil {
		t.Fatal("it does not fail")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("a database was made")
	}
	again, err := database.Create(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	mended := &meanEmbedder{}
	model := mended.model()
	model.Hash = "fedcba9876543210"
	if err := again.Bind(context.Background(), model); err != nil {
		t.Fatal(err)
	}
	if done := mustIngest(t, again, dir, mended, Options{}); done.New != 9 {
		t.Errorf("%d new, want 9", done.New)
	}
}

// A folder of bad pictures makes no database.
func TestAFolderOfBadPicturesMakesNoDatabase(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/1.png", "a/2.png", "b/1.png"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), []byte("text"))
	}
	m := &meanEmbedder{}
	for _, o := range []Options{{BatchSize: 1, MaxBadShare: 1}, {BatchSize: 1, MaxBadShare: 1, Prune: true}} {
		path := filepath.Join(t.TempDir(), "a.db")
		db := openBound(t, path, m)
		done, err := Run(context.Background(), db, openFolder(t, dir), m, o)
		if err != nil || len(done.Bad) != 3 {
			t.Errorf("%d bad (%v), want 3", len(done.Bad), err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("a database was made")
		}
	}
}

var _ Embedder = &faultyEmbedder{}
