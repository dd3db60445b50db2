package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// makeRotatedPictures makes two classes of pictures with these orientations in their EXIF data.
func makeRotatedPictures(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, class := range []string{"ash", "oak"} {
		for _, name := range names {
			file, err := os.ReadFile(filepath.Join("../../data/transform/testdata/formats", name))
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, class, class+name), append(file, class...)) // of different contents
		}
	}
	return dir
}

func TestEXIFRotationIsAskedForAndBelongsToTheDatabase(t *testing.T) {
	pictures := makeRotatedPictures(t, "exif_6.jpg", "exif_1.jpg", "exif_2.jpg")
	plain, turned := filepath.Join(t.TempDir(), "plain.db"), filepath.Join(t.TempDir(), "turned.db")
	encode := []string{"encode", "--model", channelMeans, "--data", pictures, "--db"}
	const many = "4 of 6 new pictures are to be turned by their EXIF data"
	wantParts(t, mustVS(t, append(encode, plain)...).stderr, many, "--exif-rotate turns them")
	if o := mustVS(t, append(encode, turned, "--exif-rotate")...); strings.Contains(o.stderr, "to be turned") {
		t.Errorf("remark on pictures that are turned: %s", o.stderr)
	}
	wantParts(t, mustVS(t, "db", "info", "--db", turned).stdout, "; rotated by EXIF")
	if o := mustVS(t, "db", "info", "--db", plain); strings.Contains(o.stdout, "EXIF") {
		t.Errorf("a database without rotation names it: %s", o.stdout)
	}
	photo := filepath.Join(pictures, "ash", "ashexif_6.jpg")
	for _, test := range []struct {
		name string
		code int
		args []string
	}{
		{"other pictures into a database with rotation", 4, append(encode, turned)},
		{"turned pictures into a database without", 4, append(encode, plain, "--exif-rotate")},
		{"a query of a database with rotation", 4, []string{"query", "--db", turned, "--model", channelMeans, photo}},
		{"a turned query", 0, []string{"query", "--db", turned, "--model", channelMeans, "--exif-rotate", photo}},
		{"a database says itself whether it is turned", 2, []string{"eval", "--db", turned, "--exif-rotate"}},
		{"an evaluation of turned pictures", 0, []string{"eval", "--model", channelMeans, "--data", pictures, "--exif-rotate", "--valid-share", "0.4", "--runs", "2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			if o := vs(t, test.args...); o.code != test.code {
				t.Errorf("exit code %d, want %d: %s", o.code, test.code, o.stderr)
			}
		})
	}
}

func TestFewRotatedPicturesAreNoRemark(t *testing.T) {
	pictures := makePictures(t, 30, "ash", "oak")
	file, err := os.ReadFile("../../data/transform/testdata/formats/exif_6.jpg")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(pictures, "ash", "turned.jpg"), file)
	o := mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "x.db"))
	if strings.Contains(o.stderr, "EXIF") {
		t.Errorf("remark on 1 picture of 61: %s", o.stderr)
	}
}
