package database

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"vs/data"
	"vs/search/moments"
)

// darkShades are the pictures of shades in classes of other names.
func darkShades(n int) []Picture {
	pictures := shades(n, false)
	for i := range pictures {
		pictures[i].Label = "dark " + pictures[i].Label
	}
	return pictures
}

// replaceAll stores pictures and drops all others.
func replaceAll(ctx context.Context, db *DB, pictures []Picture) error {
	if err := storeAll(ctx, db, pictures); err != nil {
		return err
	}
	folder := &data.Folder{}
	for _, p := range pictures {
		if n := len(folder.Labels); n == 0 || folder.Labels[n-1] != p.Label {
			folder.Labels = append(folder.Labels, p.Label)
		}
		folder.Pictures = append(folder.Pictures, data.Picture{Label: len(folder.Labels) - 1, Name: p.Name})
	}
	_, err := db.Prune(ctx, folder)
	return err
}

// changed changes a database and returns all that it answers then.
func changed(path string, change func(db *DB) error) (string, error) {
	ctx := context.Background()
	db, err := Open(ctx, path)
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
	index, err := askClasses(ctx, db)
	if err != nil {
		return "", err
	}
	sums, err := db.LoadSums(ctx, moments.Plain, everyOther)
	return fmt.Sprint(set) + index + sumsText(sums), err
}

// Rows that are made from damaged ones must not be right by their own checksums, and no row may be
// missed.
func TestDamageIsNotWrittenOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.db")
	db := openBound(t, path)
	fill(t, db, 15)
	mustCount(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(db *DB) error
	}{
		// The damaged rows themselves are pruned, so that only new ones answer.
		{"pictures that change their classes", func(db *DB) error { return replaceAll(ctx, db, darkShades(15)) }},
		{"removed classes", func(db *DB) error { _, err := db.Remove(ctx, []string{"blue", "red"}); return err }},
		{"a renamed class", func(db *DB) error { return db.Rename(ctx, "green", "lime") }},
		{"merged classes", func(db *DB) error { _, err := db.Merge(ctx, []string{"red", "green"}, "red"); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "b.db")
			write(t, path, content)
			want, err := changed(path, tt.change)
			if err != nil {
				t.Fatal(err)
			}
			refused := 0
			for trial := range 150 {
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
				t.Errorf("only %d of 150 damaged files were refused", refused)
			}
		})
	}
}

// An index can lead to the wrong row without any row being damaged.
func TestAnIndexThatLeadsToAnotherRow(t *testing.T) {
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
	_, err := changed(path, func(db *DB) error { return storeAll(context.Background(), db, darkShades(3)) })
	if !errors.Is(err, errDamaged) {
		t.Errorf("error %v, want one about damage", err)
	}
}
