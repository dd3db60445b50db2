package search

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// renamedFolder makes the pictures of makeFolder in classes of other names.
func renamedFolder(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for class := range colours {
		for i := range n {
			writePicture(t, filepath.Join(dir, "dark "+class, fmt.Sprintf("%03d.png", i)), shade(class, i))
		}
	}
	return dir
}

// changed changes a database and returns all that it answers then.
func changed(path string, change func(db *DB) error) (string, error) {
	ctx := context.Background()
	db, err := OpenExisting(ctx, path)
	if err != nil {
		return "", err
	}
	defer db.Close()
	if err := change(db); err != nil {
		return "", err
	}
	set, err := db.Load(ctx)
	if err != nil {
		return "", err
	}
	index, err := askIndex(ctx, db)
	return fmt.Sprint(set) + index, err
}

// Rows that are made from damaged ones must not be right by their own checksums, and no row may be missed.
func TestDamageIsNotWrittenOn(t *testing.T) {
	ctx := context.Background()
	m := &meanEmbedder{}
	path := filepath.Join(t.TempDir(), "a.db")
	db := openBound(t, path, m)
	mustIngest(t, db, makeFolder(t, 15), m, IngestOptions{})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	folder := openFolder(t, renamedFolder(t, 15))
	tests := []struct {
		name   string
		change func(db *DB) error
	}{
		// The damaged rows themselves are pruned, so that only new ones answer.
		{"pictures that change their classes", func(db *DB) error {
			_, err := db.Ingest(ctx, folder, m, IngestOptions{BatchSize: 8, Prune: true})
			return err
		}},
		{"removed classes", func(db *DB) error { _, err := db.Remove(ctx, []string{"blue", "red"}); return err }},
		{"a renamed class", func(db *DB) error { return db.Rename(ctx, "green", "lime") }},
		{"merged classes", func(db *DB) error { _, err := db.Merge(ctx, []string{"red", "green"}, "red"); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "b.db")
			write(t, path, content)
			want, err := changed(path, tt.change)
			if err != nil {
				t.Fatal(err)
			}
			refused := 0
			for trial := range 120 {
				random := rand.New(rand.NewPCG(18, uint64(trial)))
				damaged := append([]byte(nil), content...)
				at := random.IntN(len(damaged))
				damaged[at] ^= byte(1 + random.IntN(255))
				path := filepath.Join(t.TempDir(), "b.db")
				write(t, path, damaged)
				got, err := changed(path, tt.change)
				if err != nil {
					refused++
				} else if got != want {
					t.Errorf("trial %d, byte %d: other answers than those of a sound database", trial, at)
				}
			}
			// The rest lies in space that no row uses, or in rows that this does not read.
			if refused < 10 {
				t.Errorf("only %d of 120 damaged files were refused", refused)
			}
		})
	}
}

// An index can lead to the wrong row without any row being damaged.
func TestAnIndexThatLeadsToAnotherRow(t *testing.T) {
	m := &meanEmbedder{}
	path := filepath.Join(t.TempDir(), "a.db")
	makeDatabase(t, path)
	const swap = "CREATE TABLE was AS SELECT id, hash FROM picture; " +
		"UPDATE picture SET hash = (SELECT hash FROM was WHERE was.id = 10 - picture.id) WHERE id IN (1, 9); DROP TABLE was; "
	// The index is made of swapped hashes and hidden while they are swapped back.
	execSQL(t, path, swap+"CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'picture_hash'; "+
		"PRAGMA writable_schema = on; DELETE FROM sqlite_schema WHERE name = 'picture_hash'; PRAGMA writable_schema = reset")
	execSQL(t, path, swap+"PRAGMA writable_schema = on; INSERT INTO sqlite_schema SELECT * FROM kept; PRAGMA writable_schema = reset")
	if a := ask(path); a.err["load"] != nil || a.problems != 2 {
		t.Fatalf("%v, %d problems, want the rows of two pictures missing from the index", a.err["load"], a.problems)
	}
	folder := openFolder(t, renamedFolder(t, 3))
	_, err := changed(path, func(db *DB) error {
		_, err := db.Ingest(context.Background(), folder, m, IngestOptions{BatchSize: 8})
		return err
	})
	if !errors.Is(err, errDamaged) {
		t.Errorf("error %v, want one about damage", err)
	}
}
