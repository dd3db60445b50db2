package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/data/transform"
	"vs/search/database"
)

func TestDecodersAreRememberedAndCompared(t *testing.T) {
	pictures := makePictures(t, 2, "ash", "oak")
	for _, name := range []string{"heic_rgb.heic", "avif_rgb.avif", "tiff_lzw_cmyk.tif", "bmp_rle8.bmp"} {
		file, err := os.ReadFile(filepath.Join("../../data/transform/testdata/formats", name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(pictures, "ash", name), file)
	}
	db := filepath.Join(t.TempDir(), "a.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db)
	o := mustVS(t, "db", "info", "--db", db)
	for _, l := range transform.Libraries() {
		used := l.Format == "HEIC" || l.Format == "AVIF" || l.Format == "TIFF"
		if line := "decoded by: " + l.Name + " " + l.Version; strings.Contains(strings.Join(strings.Fields(o.stdout), " "), line) != used {
			t.Errorf("%s: used is %v\n%s", line, used, o.stdout)
		}
	}
	if strings.Contains(o.stderr, "this machine has") {
		t.Errorf("remark on libraries that are the same: %s", o.stderr)
	}

	// A picture that came from a machine with another version.
	ctx := context.Background()
	d, err := database.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	session, err := d.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var b database.Batch
	embedding := make([]float32, session.Model().EmbeddingDim)
	embedding[0] = 1
	b.Put(database.Picture{Label: "ash", Name: "other.heic", Hash: [32]byte{1}, Embedding: embedding})
	b.DecodedBy("libheif", "0.0.1")
	if err := session.Write(ctx, &b); err != nil {
		t.Fatal(err)
	}
	if err := session.Finish(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	photo := filepath.Join(pictures, "ash", "heic_rgb.heic")
	for _, args := range [][]string{
		{"db", "info", "--db", db},
		{"query", "--db", db, "--model", channelMeans, photo},
		{"encode", "--db", db, "--model", channelMeans, "--data", pictures},
	} {
		wantParts(t, mustVS(t, args...).stderr, "HEIC of the database was decoded by libheif 0.0.1, this machine has ")
	}
}

func TestDoctorNamesTheLibrariesThatDecodePictures(t *testing.T) {
	o := mustVS(t, "doctor")
	for _, l := range transform.Libraries() {
		wantParts(t, o.stdout, l.Name+":", ", decodes "+l.Format)
	}
}
