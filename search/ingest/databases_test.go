package ingest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vs/data"
	"vs/search/database"
	"vs/search/exchange"
)

func TestAddingAndRemovingAClassLeavesNoTrace(t *testing.T) {
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, makeFolder(t, 5), m, Options{})
	before := mustLoad(t, db)
	dir := t.TempDir()
	writePicture(t, filepath.Join(dir, "grey.png"), shade("red", 30))
	folder, err := data.OpenClass(dir, "grey")
	if err != nil {
		t.Fatal(err)
	}
	done, err := Run(context.Background(), db, folder, m, Options{BatchSize: 4})
	if err != nil || done.New != 1 || done.Absent != 15 {
		t.Fatalf("%+v, %v", done, err)
	}
	if n, err := db.Remove(context.Background(), []string{"grey"}); n != 1 || err != nil {
		t.Fatalf("%d pictures removed: %v", n, err)
	}
	if after := mustLoad(t, db); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("the database differs")
	}
	checkSound(t, db)
}

// A database from a file is one that the folder's pictures are known in.
func TestEncodeGoesOnFromAnImport(t *testing.T) {
	ctx := context.Background()
	m := &meanEmbedder{}
	dir := makeFolder(t, 3)
	first := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, first, dir, m, Options{})
	table, err := first.Export(ctx, exchange.Pictures)
	if err != nil {
		t.Fatal(err)
	}
	second := openBound(t, filepath.Join(t.TempDir(), "b.db"), m)
	if _, err := second.Import(ctx, table, database.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if done := mustIngest(t, second, dir, m, Options{}); done.New != 0 || done.Reused != 9 {
		t.Errorf("%d new, %d reused; want all reused", done.New, done.Reused)
	}
}

// The file was written by the last program of version 1: the pictures of makeFolder(t, 3) under
// meanEmbedder.
func TestADatabaseOfVersion1GoesOn(t *testing.T) {
	content, err := os.ReadFile("../database/testdata/version1.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.db")
	writeFile(t, path, content)
	m := &meanEmbedder{}
	db, fresh := openBound(t, path, m), openBound(t, filepath.Join(t.TempDir(), "b.db"), m)
	mustIngest(t, fresh, makeFolder(t, 3), m, Options{})
	a, b := mustLoad(t, db), mustLoad(t, fresh)
	if !slices.Equal(a.Vectors, b.Vectors) || !slices.Equal(a.Files(), b.Files()) {
		t.Error("it is not what this program makes of the same pictures")
	}
	mustIngest(t, db, makeFolder(t, 5), m, Options{})
	checkSound(t, db)
}
