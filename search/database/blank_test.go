package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/search/exchange"
)

// wantOnly fails unless a folder holds these files and no other.
func wantOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(names)
	if err != nil || !slices.Equal(got, names) {
		t.Errorf("the folder holds %q (%v), want %q", got, err, names)
	}
}

func otherModel() Model {
	m := meanModel
	m.Name, m.Hash = "median", "fedcba9876543210"
	return m
}

func TestTheFirstPictureBinds(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	first := openBound(t, path)
	s, err := first.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var bad Batch
	bad.DropUndecodable(shade("red", 0, false))
	if err := errors.Join(s.Write(ctx, &bad), s.Write(ctx, &Batch{}), s.Finish(ctx)); err != nil {
		t.Fatal(err)
	}
	wantOnly(t, dir)
	if m, ok, err := first.Model(ctx); ok || err != nil {
		t.Errorf("it belongs to %v (%v) before its first picture", m, err)
	}
	if _, err := first.Load(ctx); !errors.Is(err, errUnbound) {
		t.Errorf("error %v, want errUnbound", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}

	// So another model may come.
	second, err := Create(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := second.Bind(ctx, otherModel()); err != nil {
		t.Fatal(err)
	}
	third := openBound(t, path) // another process, whose pictures come too late
	if err := storeAll(ctx, second, shades(1, false)); err != nil {
		t.Fatal(err)
	}
	if m, ok, err := second.Model(ctx); !ok || err != nil || m != otherModel() {
		t.Errorf("it belongs to %v, %v (%v)", m, ok, err)
	}
	if err := storeAll(ctx, third, shades(1, false)); !errors.Is(err, ErrMismatch) {
		t.Errorf("a model that comes second: error %v, want ErrMismatch", err)
	}
	checkSound(t, second)
}

func TestWhatFailsLeavesNoFile(t *testing.T) {
	ctx := context.Background()
	zero := shade("red", 0, false)
	zero.Embedding = make([]float32, 3)
	table := func(rows ...float32) *exchange.Table {
		m := meanModel
		return &exchange.Table{What: exchange.Pictures, Labels: []string{"a"}, Files: []string{"a/1"}, Dim: len(rows), Rows: rows, Model: &m}
	}
	imports := func(table *exchange.Table) func(db *DB) error {
		return func(db *DB) error { _, err := db.Import(ctx, table, ImportOptions{}); return err }
	}
	tests := []struct {
		name string
		fail func(db *DB) error
	}{
		{"a picture that cannot be compared", func(db *DB) error {
			return errors.Join(db.Bind(ctx, meanModel), storeAll(ctx, db, []Picture{zero}))
		}},
		{"a session of no model", func(db *DB) error { return storeAll(ctx, db, shades(1, false)) }},
		{"an import of too many columns", imports(table(1, 2, 3, 4))},
		{"an import of zeros", imports(table(0, 0, 0))},
		{"a transaction that fails halfway", func(db *DB) error {
			return errors.Join(db.Bind(ctx, meanModel), db.write(ctx, func(w *writer) error {
				return errors.Join(w.put("red", (&Picture{Name: "1", Embedding: []float32{1, 2, 3}}).row()), errors.New("broken"))
			}))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, before := range []string{"no file", "an empty file", "a database without a model"} {
				path := filepath.Join(dir, "a.db")
				switch before {
				case "an empty file":
					write(t, path, nil)
				case "a database without a model": // older programs made them
					execSQL(t, path, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = 1; %s", applicationID, schema))
				}
				content, _ := os.ReadFile(path)
				db, err := Create(ctx, path)
				if err != nil {
					t.Fatal(err)
				}
				if err := tt.fail(db); err == nil {
					t.Errorf("%s: it does not fail", before)
				}
				if _, ok, err := db.Model(ctx); ok || err != nil {
					t.Errorf("%s: the database is bound: %v, %v", before, ok, err)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
				if before == "no file" {
					wantOnly(t, dir)
					continue
				}
				wantOnly(t, dir, "a.db")
				if after, err := os.ReadFile(path); err != nil || before == "an empty file" && len(after) != len(content) {
					t.Errorf("%s: the file has %d bytes and had %d (%v)", before, len(after), len(content), err)
				}
			}
		})
	}
}

func TestALinkToNothingIsFollowed(t *testing.T) {
	dir, target := t.TempDir(), t.TempDir()
	link := filepath.Join(dir, "a.db")
	if err := os.Symlink(filepath.Join(target, "b.db"), link); err != nil {
		t.Fatal(err)
	}
	makeDatabase(t, link)
	wantOnly(t, target, "b.db")
}

// What SQLite reads into a name is no part of it: a path is a file.
func TestAPathIsAFile(t *testing.T) {
	ctx := context.Background()
	for _, name := range []string{
		":memory:", "file:x.db", "file::memory:?cache=shared", "x.db?mode=memory", "100%.db", "%41.db", "a#b.db", "a?b&c=d.db", "a b+c.db", "ü.db", "-.db", "~x.db", "a\\b.db", "a:b@c.db",
	} {
		for _, form := range []string{"%s", "./%s", "DIR/%s", "/DIR/%s", "//DIR/%s", "DIR//%s", "link/../%s"} {
			t.Run(fmt.Sprintf(form, name), func(t *testing.T) {
				dir := t.TempDir()
				t.Chdir(dir)
				elsewhere := t.TempDir()
				mkdir(t, filepath.Join(elsewhere, "in"))
				if err := os.Symlink(filepath.Join(elsewhere, "in"), "link"); err != nil {
					t.Fatal(err)
				}
				path := strings.ReplaceAll(fmt.Sprintf(form, name), "DIR", dir)
				makeDatabase(t, path)
				if _, err := os.Stat(path); err != nil {
					t.Fatalf("there is no file: %v", err)
				}
				if strings.HasPrefix(form, "link") {
					wantOnly(t, elsewhere, name, "in")
				}
				db, err := OpenReadOnly(ctx, path)
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				if n := len(mustLoad(t, db).Names); n != 9 {
					t.Errorf("%d pictures, want 9", n)
				}
			})
		}
	}
}
