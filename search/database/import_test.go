package database

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/search/exchange"
)

// unbound opens an empty database.
func unbound(t *testing.T) *DB {
	t.Helper()
	db, err := Create(context.Background(), filepath.Join(t.TempDir(), "new.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func mustImport(t *testing.T, db *DB, table *exchange.Table, o ImportOptions) Imported {
	t.Helper()
	done, err := db.Import(context.Background(), table, o)
	if err != nil {
		t.Fatal(err)
	}
	checkSums(t, db)
	return *done
}

func TestPicturesComeBackInEveryFormat(t *testing.T) {
	db, _ := ingested(t)
	table := mustExport(t, db, exchange.Pictures)
	model := meanModel
	for _, format := range exchange.Formats {
		t.Run(string(format), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.file")
			if err := exchange.Write(path, format, table); err != nil {
				t.Fatal(err)
			}
			read, err := exchange.Read(path, format)
			if err != nil {
				t.Fatal(err)
			}
			o := ImportOptions{}
			if read.Model == nil {
				o.Model = &model
			}
			again := unbound(t)
			if done := mustImport(t, again, read, o); done != (Imported{New: 9}) {
				t.Errorf("%+v, want 9 new", done)
			}
			back := mustExport(t, again, exchange.Pictures)
			if read.Hashes == nil {
				for i := range back.Hashes {
					if want := sha256.Sum256(encodeFloat32(table.Rows[3*i : 3*i+3])); back.Hashes[i] != want {
						t.Errorf("the hash of %s is not that of its embedding", back.Files[i])
					}
				}
				back.Hashes = table.Hashes
			}
			if !back.Equal(table) {
				t.Errorf("got  %+v\nwant %+v", back, table)
			}
			if done := mustImport(t, again, read, ImportOptions{}); done != (Imported{Unchanged: 9}) {
				t.Errorf("once more: %+v, want 9 unchanged", done)
			}
		})
	}
}

func TestClassesBecomeClassesOfOnePicture(t *testing.T) {
	db, _ := ingested(t)
	table := mustExport(t, db, exchange.Classes)
	again := unbound(t)
	if done := mustImport(t, again, table, ImportOptions{}); done != (Imported{New: 3}) {
		t.Errorf("%+v, want 3 new", done)
	}
	set := mustLoad(t, again)
	if want := []string{"blue/imported.mean", "green/imported.mean", "red/imported.mean"}; !slices.Equal(set.Files(), want) {
		t.Errorf("pictures %v, want %v", set.Files(), want)
	}
	back := mustExport(t, again, exchange.Classes)
	back.Counts = table.Counts
	if !back.Equal(table) {
		t.Errorf("got  %+v\nwant %+v", back, table)
	}
	if done := mustImport(t, again, table, ImportOptions{}); done != (Imported{Unchanged: 3}) {
		t.Errorf("once more: %+v, want 3 unchanged", done)
	}
}

func TestImportMeetsWhatIsThere(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*exchange.Table)
		replace bool
		want    Imported
		err     string // none if there is none
	}{
		{"the same pictures", func(*exchange.Table) {}, false, Imported{Unchanged: 9}, ""},
		{"another order", func(t *exchange.Table) {
			t.Labels[0], t.Labels[8] = t.Labels[8], t.Labels[0]
			t.Files[0], t.Files[8] = t.Files[8], t.Files[0]
			t.Hashes[0], t.Hashes[8] = t.Hashes[8], t.Hashes[0]
			for k := range 3 {
				t.Rows[k], t.Rows[24+k] = t.Rows[24+k], t.Rows[k]
			}
		}, false, Imported{Unchanged: 9}, ""},
		{"a picture under another name", func(t *exchange.Table) { t.Files[0] = "blue/000a.png" }, false, Imported{New: 1, Unchanged: 8}, ""},
		{"a picture of another class", func(t *exchange.Table) { t.Labels[0], t.Files[0] = "azure", "azure/1.png" }, false, Imported{New: 1, Unchanged: 8}, ""},
		{"another embedding", func(t *exchange.Table) { t.Rows[4] = 7 }, false, Imported{}, "blue/001.png: the database has it with other content"},
		{"another hash", func(t *exchange.Table) { t.Hashes[8][0] ^= 1 }, false, Imported{}, "red/002.png: the database has it with other content"},
		{"another embedding that replaces", func(t *exchange.Table) { t.Rows[4] = 7 }, true, Imported{Replaced: 1, Unchanged: 8}, ""},
		{"another hash that replaces", func(t *exchange.Table) { t.Hashes[8][0] ^= 1 }, true, Imported{Replaced: 1, Unchanged: 8}, ""},
		{"means of classes with pictures", func(t *exchange.Table) {
			*t = exchange.Table{What: exchange.Classes, Labels: []string{"new", "red"}, Dim: 3, Rows: []float32{1, 2, 3, 4, 5, 6}}
		}, true, Imported{}, "class red: the database has 3 pictures of it"},
		{"a mean of a new class", func(t *exchange.Table) {
			*t = exchange.Table{What: exchange.Classes, Labels: []string{"new"}, Dim: 3, Rows: []float32{1, 2, 3}}
		}, false, Imported{New: 1}, ""},
		{"an embedding as long as can be", func(t *exchange.Table) { copy(t.Rows[6:], []float32{0, -9.9e17, 0}) }, true, Imported{Replaced: 1, Unchanged: 8}, ""},
		{"an embedding as short as can be", func(t *exchange.Table) { copy(t.Rows[6:], []float32{0, -1.1e-12, 0}) }, true, Imported{Replaced: 1, Unchanged: 8}, ""},
		{"an embedding that is too short", func(t *exchange.Table) { copy(t.Rows[6:], []float32{0, 9e-13, 1e-40}) }, true, Imported{}, "row 3: the embedding has length 9e-13"},
		{"an embedding of zeros", func(t *exchange.Table) { copy(t.Rows[6:], []float32{0, 0, 0}) }, true, Imported{}, "row 3: the embedding is all zero"},
		{"an embedding that is too long", func(t *exchange.Table) { t.Rows[7] = 1e30 }, true, Imported{}, "row 3: the embedding has length 1e+30"},
		{"an embedding that is too long by all its elements", func(t *exchange.Table) { copy(t.Rows[24:], []float32{7e17, 7e17, 7e17}) }, true, Imported{}, "row 9: the embedding has length 1.21e+18"},
		{"a table that is not complete", func(t *exchange.Table) { t.Labels = nil }, false, Imported{}, "no rows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := ingested(t)
			before := mustExport(t, db, exchange.Pictures)
			table := mustExport(t, db, exchange.Pictures)
			tt.change(table)
			done, err := db.Import(context.Background(), table, ImportOptions{Replace: tt.replace})
			checkSums(t, db)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), db.Path()) {
					t.Errorf("error %v, want one with %q and the path", err, tt.err)
				}
				if after := mustExport(t, db, exchange.Pictures); !after.Equal(before) {
					t.Error("a part of the table is in the database")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if *done != tt.want {
				t.Errorf("%+v, want %+v", *done, tt.want)
			}
			after := mustExport(t, db, exchange.Pictures)
			for i, file := range table.Files {
				if j := slices.Index(after.Files, file); j < 0 || !slices.Equal(after.Rows[3*j:3*j+3], table.Rows[3*i:3*i+3]) || after.Hashes[j] != table.Hashes[i] {
					t.Errorf("%s is not in the database as in the table", file)
				}
			}
		})
	}
}

func TestImportKeepsModelsApart(t *testing.T) {
	same := meanModel
	other, otherRecipe := same, same
	other.Hash, other.Name = "fedcba9876543210", "median"
	otherRecipe.Recipe = "none"
	wide := same
	wide.EmbeddingDim = 4
	tests := []struct {
		name         string
		bound        bool
		given, table *Model
		dim          int
		mismatch     bool
		err          string // none if there is none
	}{
		{"a bound database and a table that names no model", true, nil, nil, 3, false, ""},
		{"a bound database and its model", true, &same, &same, 3, false, ""},
		{"a new database and the table's model", false, nil, &same, 3, false, ""},
		{"a new database and a model that is given", false, &same, nil, 3, false, ""},
		{"a new database and no model", false, nil, nil, 3, false, "--model"},
		{"a bound database and a table of another model", true, nil, &other, 3, true, "median"},
		{"a bound database and another transform", true, nil, &otherRecipe, 3, true, "none"},
		{"a bound database and another model that is given", true, &other, nil, 3, true, "median"},
		{"a new database and two models", false, &other, &same, 3, true, "median"},
		{"a bound database and embeddings of another size", true, nil, nil, 4, true, "3 elements, and these have 4"},
		{"a new database and a model of another size", false, &wide, nil, 3, true, "4 elements, and these have 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := unbound(t)
			if tt.bound {
				db = openBound(t, filepath.Join(t.TempDir(), "a.db"))
				fill(t, db, 1)
			}
			table := &exchange.Table{What: exchange.Pictures, Labels: []string{"a"}, Files: []string{"a/1"}, Dim: tt.dim, Rows: []float32{1, 2, 3, 4}[:tt.dim]}
			if tt.table != nil {
				m := *tt.table
				table.Model = &m
			}
			_, err := db.Import(context.Background(), table, ImportOptions{Model: tt.given})
			if tt.err == "" {
				if err != nil {
					t.Fatal(err)
				}
				if have, ok, err := db.Model(context.Background()); err != nil || !ok || have != same {
					t.Errorf("the database belongs to %+v, %v, %v", have, ok, err)
				}
				return
			}
			if err == nil || errors.Is(err, ErrMismatch) != tt.mismatch || !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("error %v, want one with %q", err, tt.err)
			}
			if _, ok, err := db.Model(context.Background()); err != nil || ok != tt.bound {
				t.Errorf("after the error the database is bound: %v, %v", ok, err)
			}
			if _, err := os.Stat(db.Path()); (err == nil) != tt.bound {
				t.Errorf("after the error, of a database that was there (%v): %v", tt.bound, err)
			}
		})
	}
}
