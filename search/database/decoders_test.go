package database

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// decode stores a picture that these libraries, each with its version, have decoded.
func decode(t *testing.T, db *DB, name string, libraries ...string) {
	t.Helper()
	ctx := context.Background()
	session, err := db.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	embedding := make([]float32, session.Model().EmbeddingDim)
	embedding[0] = 1
	var b Batch
	b.Put(Picture{Label: "oak", Name: name, Hash: [32]byte{byte(len(name))}, Embedding: embedding})
	for _, l := range libraries {
		library, version, _ := strings.Cut(l, " ")
		b.DecodedBy(library, version)
	}
	if err := session.Write(ctx, &b); err != nil {
		t.Fatal(err)
	}
}

func decoders(t *testing.T, db *DB) (said []string) {
	t.Helper()
	all, err := db.Decoders(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.Since == "" {
			t.Errorf("%s has no time", d.Library)
		}
		said = append(said, d.Library+" "+d.Version)
	}
	return said
}

func TestDatabasesRememberWhatDecodedTheirPictures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := openBound(t, path)
	if got := decoders(t, db); got != nil {
		t.Errorf("a database without pictures was decoded by %q", got)
	}
	decode(t, db, "a.jpg")
	decode(t, db, "bb.heic", "libheif 1.15.1", "libtiff 4.5.0")
	decode(t, db, "ccc.heic", "libheif 1.15.1")
	decode(t, db, "dddd.heic", "libheif 1.19.8")
	want := []string{"libheif 1.15.1", "libheif 1.19.8", "libtiff 4.5.0"}
	if got := decoders(t, db); !slices.Equal(got, want) {
		t.Errorf("decoded by %q, want %q", got, want)
	}
	if info, err := db.Info(context.Background()); err != nil || len(info.Decoders) != 3 {
		t.Errorf("info %+v (%v)", info, err)
	}
	if _, err := db.sql.Exec("UPDATE decoder SET version = '2' WHERE library = 'libtiff'"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Decoders(context.Background()); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a changed row: error %v", err)
	}
}

func TestOlderDatabasesSayNothingOfDecoders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	makeDatabase(t, path)
	db, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{"DROP TABLE decoder", "DROP TABLE moments", "DROP TABLE moment_products", "DROP TABLE moment_class", "DROP TABLE moment_gone", "ALTER TABLE model DROP COLUMN file",
		"ALTER TABLE model DROP COLUMN instances", "ALTER TABLE picture DROP COLUMN instances", "PRAGMA user_version = 3"} {
		if _, err := db.sql.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	if got := decoders(t, db); got != nil {
		t.Errorf("decoded by %q", got)
	}
	decode(t, db, "a.heic", "libheif 1.15.1")
	if got := decoders(t, db); !slices.Equal(got, []string{"libheif 1.15.1"}) {
		t.Errorf("after it was brought up to date: decoded by %q", got)
	}
}
