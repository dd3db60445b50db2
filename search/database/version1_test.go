package database

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"vs/data/transform"
)

// testdata/version1.db was written by the last program of version 1: the pictures that shades(3,
// false) describes.
func TestADatabaseOfVersion1(t *testing.T) {
	ctx := context.Background()
	content, err := os.ReadFile("testdata/version1.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.db")
	write(t, path, content)
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	readOnly, err := OpenReadOnly(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := readOnly.Info(ctx); err != nil || info.Schema != 1 || info.Augmentation != (transform.Augmentation{}) || info.Pictures != 9 {
		t.Errorf("%+v, %v", info, err)
	}
	checkSound(t, readOnly)
	read := mustLoad(t, readOnly)
	readClasses, err := askClasses(ctx, readOnly)
	if err = errors.Join(err, readOnly.Close(), os.Chmod(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	for name, refuse := range map[string]func(db *DB) error{
		"another model": func(db *DB) error { return db.Bind(ctx, Model{Name: "another"}) },
		"an augmentation": func(db *DB) error {
			return db.BindAugmented(ctx, meanModel, threeInstances)
		},
		"a class that is not there": func(db *DB) error { _, err := db.Remove(ctx, []string{"nothing"}); return err },
	} {
		db, err := Create(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		if err := refuse(db); err == nil {
			t.Errorf("%s is not refused", name)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content) {
		t.Errorf("to read, or to be refused, has changed the file (%v)", err)
	}
	const columns = "SELECT group_concat(id || name || count || hex(sum) || pictures || updated || crc) FROM class UNION ALL " +
		"SELECT group_concat(id || class_id || name || hex(hash) || size || hex(embedding) || crc) FROM picture UNION ALL " +
		"SELECT name || hash || %s || embedding_dim || num_params || metadata || classes || crc FROM model"
	said := func(db *sql.DB, recipe string) (all []string) {
		t.Helper()
		err := each(ctx, db, func(rows *sql.Rows) error {
			var row string
			err := rows.Scan(&row)
			all = append(all, row)
			return err
		}, fmt.Sprintf(columns, recipe))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	old, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	want := said(old, "transform")
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}

	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.migrateAndEnableWAL(ctx); err != nil {
		t.Fatal(err)
	}
	if got := said(db.sql, "recipe"); !slices.Equal(got, want) {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
	if info, err := db.Info(ctx); err != nil || info.Schema != 7 || info.Augmentation != (transform.Augmentation{}) || info.Pictures != 9 {
		t.Errorf("%+v, %v", info, err)
	}
	checkSound(t, db)
	checkSums(t, db)
	if set := mustLoad(t, db); set.Training != nil {
		t.Error("it has training vectors")
	}

	fresh := openBound(t, filepath.Join(t.TempDir(), "b.db"))
	fill(t, fresh, 3)
	a, b := mustLoad(t, db), mustLoad(t, fresh)
	if !slices.Equal(a.Vectors, b.Vectors) || !slices.Equal(a.Files(), b.Files()) {
		t.Error("it is not what this program makes of the same pictures")
	}
	gotClasses, errA := askClasses(ctx, db)
	wantClasses, errB := askClasses(ctx, fresh)
	if !reflect.DeepEqual(read, mustLoad(t, db)) || readClasses != wantClasses {
		t.Error("reading the old file gives something else")
	}
	if gotClasses != wantClasses || errA != nil || errB != nil {
		t.Errorf("answers %s (%v), want %s (%v)", gotClasses, errA, wantClasses, errB)
	}
	fill(t, db, 5)
	checkSound(t, db)
}
