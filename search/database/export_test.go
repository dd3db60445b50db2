package database

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/search/exchange"
)

// ingested is a database of three pictures of each colour, and its path.
func ingested(t *testing.T) (*DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.db")
	db := openBound(t, path)
	fill(t, db, 3)
	return db, path
}

func mustExport(t *testing.T, db *DB, what exchange.What) *exchange.Table {
	t.Helper()
	table, err := db.Export(context.Background(), what)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Check(); err != nil {
		t.Fatal(err)
	}
	return table
}

func TestExportPictures(t *testing.T) {
	db, _ := ingested(t)
	table, set := mustExport(t, db, exchange.Pictures), mustLoad(t, db)
	if !slices.Equal(table.Files, set.Files()) || !slices.Equal(table.Rows, set.Vectors) || table.Dim != 3 {
		t.Errorf("%+v, want %+v", table, set)
	}
	if model := meanModel; *table.Model != model {
		t.Errorf("model %+v, want %+v", table.Model, model)
	}
	known, err := db.contents(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, hash := range table.Hashes {
		if !known[hash] {
			t.Errorf("the hash of %s is none of the database's", table.Files[i])
		}
	}
	bare := set.Table()
	if bare.Check() != nil || !slices.Equal(bare.Files, table.Files) || !slices.Equal(bare.Labels, table.Labels) || !slices.Equal(bare.Rows, table.Rows) {
		t.Errorf("the set as a table: %+v", bare)
	}
}

func TestExportClasses(t *testing.T) {
	db, _ := ingested(t)
	table, set := mustExport(t, db, exchange.Classes), mustLoad(t, db)
	if !slices.Equal(table.Labels, []string{"blue", "green", "red"}) || !slices.Equal(table.Counts, []int64{3, 3, 3}) {
		t.Fatalf("%+v", table)
	}
	for c := range set.Labels {
		for k := range set.Dim {
			var sum float64
			for i := 3 * c; i < 3*c+3; i++ {
				sum += float64(set.Vectors[i*set.Dim+k])
			}
			if got, want := table.Rows[c*set.Dim+k], float32(sum/3); got != want {
				t.Errorf("element %d of the mean of %s is %v, want %v", k, set.Labels[c], got, want)
			}
		}
	}
}

func TestExportIsRefused(t *testing.T) {
	ctx := context.Background()
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	if _, err := db.Export(ctx, "videos"); err == nil || !strings.Contains(err.Error(), `"videos"`) {
		t.Errorf("an unknown kind: error %v", err)
	}
	empty, err := Create(ctx, filepath.Join(t.TempDir(), "b.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	if _, err := empty.Export(ctx, exchange.Classes); err == nil || !strings.Contains(err.Error(), "fill it with: vs encode") {
		t.Errorf("an empty database: error %v", err)
	}
	fill(t, db, 1)
	if _, err := db.Remove(ctx, []string{"blue", "green", "red"}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Export(ctx, exchange.Pictures); err == nil || !strings.Contains(err.Error(), "no classes") {
		t.Errorf("a database without pictures: error %v", err)
	}
	damages := []struct {
		what            exchange.What
		statement, want string
	}{
		{exchange.Classes, "UPDATE class SET sum = zeroblob(24) WHERE name = 'green'", "class green"},
		{exchange.Classes, "DELETE FROM class WHERE name = 'green'", "checksums of the classes"},
		{exchange.Pictures, "UPDATE picture SET embedding = zeroblob(12) WHERE id = 5", "checksum"},
		{exchange.Pictures, "UPDATE picture SET hash = x'00' WHERE id = 5", "hash has 1 bytes"},
		{exchange.Pictures, "DELETE FROM picture WHERE id = 5", "do not match their checksum"},
	}
	for _, damage := range damages {
		db, path := ingested(t)
		execSQL(t, path, damage.statement)
		if _, err := db.Export(ctx, damage.what); !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), damage.want) {
			t.Errorf("%s: error %v, want one with %q", damage.statement, err, damage.want)
		}
	}
}
