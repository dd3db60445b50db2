package database

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// execSQL changes a database behind our back.
func execSQL(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		want string
	}{
		{"no file", func(t *testing.T, path string) {}, "vs encode"},
		{"a folder", func(t *testing.T, path string) { mkdir(t, path) }, "it is a folder"},
		{"a text file", func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("text "), 1000)) }, "not a database; name another file"},
		{"an empty file", func(t *testing.T, path string) { write(t, path, nil) }, "it is empty"},
		{"a database of another program", func(t *testing.T, path string) { execSQL(t, path, "CREATE TABLE note (text)") }, "another program"},
		{"a database of a newer vs", func(t *testing.T, path string) {
			makeDatabase(t, path)
			execSQL(t, path, "PRAGMA user_version = 99")
		}, "update vs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			tt.make(t, path)
			before, _ := os.ReadFile(path)
			_, err := OpenReadOnly(context.Background(), path)
			if err == nil {
				t.Fatal("it opens")
			}
			for _, want := range []string{tt.want, path} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			if tt.name != "no file" && tt.name != "an empty file" {
				if db, err := Create(context.Background(), path); err == nil {
					db.Close()
					t.Error("it opens for writing")
				}
			}
			if after, _ := os.ReadFile(path); tt.name != "an empty file" && !bytes.Equal(after, before) {
				t.Error("the file has changed")
			}
		})
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAnotherModelIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	makeDatabase(t, path)
	same := meanModel
	otherFile, otherRecipe := same, same
	otherFile.Hash, otherFile.Name = "fedcba9876543210", "median"
	otherRecipe.Recipe = "none"
	tests := []struct {
		name  string
		model Model
		want  []string // of the error, none if there is none
	}{
		{"the same model", same, nil},
		{"another model file", otherFile, []string{path, "mean", "median", "0123456789ab", "fedcba987654"}},
		{"another transform", otherRecipe, []string{path, "none", same.Recipe}},
	}
	db, err := Create(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, err := range []error{db.Bind(context.Background(), tt.model), db.Check(context.Background(), tt.model)} {
				if (err != nil) != (tt.want != nil) || errors.Is(err, ErrMismatch) != (tt.want != nil) {
					t.Fatalf("error %v", err)
				}
				for _, want := range tt.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("error %q lacks %q", err, want)
					}
				}
			}
		})
	}
}

func TestADatabaseIsOneFileAtRest(t *testing.T) {
	dir := t.TempDir()
	makeDatabase(t, filepath.Join(dir, "a.db"))
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v (%v), want a.db alone", entries, err)
	}
}

func TestNamesThatAreSpecialInURLs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "100%? #1&mode=memory.db")
	makeDatabase(t, path)
	db, err := OpenReadOnly(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if n := len(mustLoad(t, db).Names); n != 9 {
		t.Errorf("%d pictures, want 9", n)
	}
}

func TestDamageIsFound(t *testing.T) {
	tests := []struct{ name, statement, want string }{
		{"an embedding with a flipped bit", "UPDATE picture SET embedding = zeroblob(12) WHERE id = 1", "checksum"},
		{"an embedding cut short", "UPDATE picture SET embedding = zeroblob(8) WHERE id = 1", "8 bytes, not 12"},
		{"a hash cut short", "UPDATE picture SET hash = x'00' WHERE id = 1", "hash"},
		{"a sum with a flipped bit", "UPDATE class SET sum = zeroblob(24) WHERE id = 1", "checksum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			makeDatabase(t, path)
			execSQL(t, path, tt.statement)
			db, err := OpenReadOnly(context.Background(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			_, loadErr := db.Load(context.Background())
			_, classesErr := db.Classes(context.Background())
			_, hashErr := db.contents(context.Background())
			err = errors.Join(loadErr, classesErr, hashErr)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "restore the file from a copy") {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestASecondWriterWaitsForTheFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	first, second := openBound(t, path), openBound(t, path)
	done := make(chan error, 2)
	for _, db := range []*DB{first, second} {
		go func() { done <- storeAll(context.Background(), db, shades(12, false)) }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(mustLoad(t, first).Names); n != 36 {
		t.Errorf("%d pictures, want 36", n)
	}
	checkSums(t, first)
}

// mount mounts a file system of a megabyte for the test, which only root may do.
func mount(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return dir
}

func TestAFullDiskLosesNothingCommitted(t *testing.T) {
	dir := mount(t)
	path := filepath.Join(dir, "a.db")
	db := openBound(t, path)
	fill(t, db, 3)
	write(t, filepath.Join(dir, "small"), make([]byte, 4096))
	// Fill the rest: the last block that does not fit is cut.
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 2<<20), 0o644); err == nil {
		t.Fatal("2 MiB fit into 1")
	}
	err := storeAll(context.Background(), db, shades(5000, false))
	if err == nil || !strings.Contains(err.Error(), "full") || !strings.Contains(err.Error(), "free some space") {
		t.Fatalf("error %v, want one about a full disk", err)
	}
	checkSums(t, db)
	if n := len(mustLoad(t, db).Names); n < 9 {
		t.Errorf("%d pictures left of 9", n)
	}
	for _, name := range []string{"ballast", "small"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	fill(t, db, 4)
	checkSums(t, db)
}

func TestAReadOnlyFolder(t *testing.T) {
	dir := mount(t)
	path := filepath.Join(dir, "a.db")
	makeDatabase(t, path)
	if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
		t.Skipf("it cannot be mounted for reading only: %v: %s", err, out)
	}
	db, err := OpenReadOnly(context.Background(), path)
	if err != nil {
		t.Fatalf("a database cannot be read from a read-only folder: %v", err)
	}
	defer db.Close()
	if n := len(mustLoad(t, db).Names); n != 9 {
		t.Errorf("%d pictures, want 9", n)
	}
	for _, name := range []string{"a.db", "new.db"} {
		db, err := Create(context.Background(), filepath.Join(dir, name))
		if err == nil {
			err = db.migrateAndEnableWAL(context.Background())
			db.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "check the permissions") {
			t.Errorf("%s: error %v, want one about permissions", name, err)
		}
	}
}
