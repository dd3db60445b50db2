package search

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// unsummed is the number of classes whose sum is still to be made.
func unsummed(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.sql.QueryRow("SELECT count(*) FROM class WHERE length(sum) = 0").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Pictures between those of a class leave its sum open until the end, so that a large class is read once, not once a batch.
func TestAnIngestThatIsCutOffMayLeaveASumOpen(t *testing.T) {
	ctx := context.Background()
	dir := makeFolder(t, 3)
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, dir, m, IngestOptions{})
	for i := range 12 {
		writePicture(t, filepath.Join(dir, "blue", fmt.Sprintf("000-%02d.png", i)), shade("blue", 5+i))
	}
	broken := errors.New("the model broke")
	first := m.embedded.Load()
	m.fail = func(n int64) error {
		if n >= first+8 {
			return broken
		}
		return nil
	}
	// One worker embeds a batch after the other, so that one at least is written before the error.
	if _, err := db.Ingest(ctx, openFolder(t, dir), m, IngestOptions{BatchSize: 1}); !errors.Is(err, broken) {
		t.Fatalf("error %v, want the embedder's", err)
	}
	if unsummed(t, db) != 1 {
		t.Fatal("the sum is not open, and this test tests nothing")
	}
	checkSound(t, db)

	// Answers are those of a database that got the same pictures at once.
	set := mustLoad(t, db)
	fresh := openBound(t, filepath.Join(t.TempDir(), "b.db"), m)
	err := fresh.write(ctx, func(w *writer) error {
		for i, class := range set.Classes() {
			p := pictureRow{name: set.Names[i], hash: make([]byte, 32), embedding: set.Embeddings[i*3 : i*3+3]}
			if err := w.put(set.Labels[class], p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got, gotErr := askIndex(ctx, db)
	want, wantErr := askIndex(ctx, fresh)
	if err := errors.Join(gotErr, wantErr); err != nil || got != want {
		t.Errorf("answers %s, want %s (%v)", got, want, err)
	}

	m.fail = nil
	mustIngest(t, db, dir, m, IngestOptions{})
	if unsummed(t, db) != 0 {
		t.Error("the sum is still open")
	}
	checkSums(t, db)
	checkSound(t, db)
}
