package database

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyFinds(t *testing.T) {
	// Where a row's checksum is that of the damaged row, as if a faulty program had written it, the
	// other checks must find it.
	tests := []struct{ name, statement, want string }{
		{"nothing in a sound database", "", ""},
		{"an embedding with other values", "UPDATE picture SET embedding = zeroblob(12) WHERE id = 1", "picture 000.png: damaged: its checksum"},
		{"an embedding cut short", "UPDATE picture SET embedding = zeroblob(8) WHERE id = 1", "8 bytes, not 12"},
		{"a hash cut short", "UPDATE picture SET hash = x'00' WHERE id = 1", "hash has 1 bytes"},
		{"another hash", "UPDATE picture SET hash = zeroblob(32) WHERE id = 1", "its checksum is wrong"},
		{"another name", "UPDATE picture SET name = 'x' WHERE id = 1", "picture x: damaged: its checksum"},
		{"another size", "UPDATE picture SET size = size + 1 WHERE id = 1", "its checksum is wrong"},
		{"a picture of another class", "UPDATE picture SET class_id = 2, name = 'x' WHERE id = 1", "its checksum is wrong"},
		{"a picture of no class", "UPDATE picture SET class_id = 99 WHERE id = 1", "class that does not exist"},
		{"a picture that is missing", "DELETE FROM picture WHERE id = 1", "class blue: it has 2 pictures, and 3 were written"},
		{"a class without pictures", "DELETE FROM picture WHERE class_id = 1", "class blue: it has no pictures"},
		{"a class that is missing", "PRAGMA foreign_keys = off; DELETE FROM class WHERE id = 1", "one is missing"},
		{"a sum with other values", "UPDATE class SET sum = zeroblob(24) WHERE id = 1", "class blue: damaged: its checksum"},
		{"another count", "UPDATE class SET count = 2 WHERE id = 1", "class blue: damaged: its checksum"},
		{"a renamed class", "UPDATE class SET name = 'navy' WHERE id = 1", "class navy: damaged: its checksum"},
		{"another date", "UPDATE class SET updated = '' WHERE id = 1", "class blue: damaged: its checksum"},
		{"another model", "UPDATE model SET name = 'median'", "checksum of its model"},
		{"other metadata", "UPDATE model SET metadata = ''", "checksum of its model"},
		{"no model", "DELETE FROM model", "its model is missing"},
		{"a line end in a name", "UPDATE picture SET name = 'a' || char(10) || 'b' WHERE id = 1", "picture a b"},
		{"an index without an entry", "PRAGMA writable_schema = on; UPDATE sqlite_schema SET sql = replace(sql, '(hash)', '(hash) WHERE id > 1') WHERE name = 'picture_hash'; " +
			"PRAGMA writable_schema = reset; REINDEX; PRAGMA writable_schema = on; " +
			"UPDATE sqlite_schema SET sql = replace(sql, ' WHERE id > 1', '') WHERE name = 'picture_hash'", "SQLite: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			makeDatabase(t, path)
			execSQL(t, path, tt.statement)
			checkProblem(t, path, tt.want)
		})
	}
}

// checkProblem verifies a database, whose problems must include one with the text, or be none if
// that is empty.
func checkProblem(t *testing.T, path, want string) {
	t.Helper()
	db, err := OpenReadOnly(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	v, err := db.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(v.Problems, "\n")
	if (want == "") != (all == "") || !strings.Contains(all, want) {
		t.Errorf("problems %q, want one with %q", v.Problems, want)
	}
}

func TestVerifyNamesADatabaseOfNoModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := Create(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Verify(context.Background()); !errors.Is(err, errUnbound) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that says how to fill it", err)
	}
}

var nan = float32(math.NaN())

// A faulty encoder or program could write rows that have right checksums.
func TestVerifyFindsWhatWasWrittenWrong(t *testing.T) {
	ctx := context.Background()
	tests := []struct {
		name   string
		write  func(w *writer) error
		wanted string
	}{
		{"an embedding that is not a number", func(w *writer) error {
			return w.put("blue", pictureRow{name: "x.png", hash: make([]byte, 32), embedding: []float32{1, nan, 3}})
		}, "picture x.png: element 1 of its embedding is NaN"},
		{"a sum in another order", func(w *writer) error {
			c, err := w.change(1)
			c.row.sum[0] += 1e-12
			c.changed = true
			return err
		}, "class blue: its sum is not that of its pictures"},
		{"a wrong sum of checksums", func(w *writer) error {
			c, err := w.change(1)
			c.row.pictures++
			c.changed = true
			return err
		}, "class blue: its pictures do not match their checksum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			makeDatabase(t, path)
			db, err := Open(ctx, path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.write(ctx, tt.write); err != nil {
				t.Fatal(err)
			}
			checkProblem(t, path, tt.wanted)
		})
	}
}
