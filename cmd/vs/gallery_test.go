package main

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/report"
)

// sheetSize is the size of a sheet in pixels.
func sheetSize(t *testing.T, path string) (width, height int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m.Bounds().Dx(), m.Bounds().Dy()
}

// confusable makes pictures of classes some of which are taken for each other, and a database of
// them.
func confusable(t *testing.T) (pictures, db string) {
	t.Helper()
	pictures = makePictures(t, 10, "ash", "birch", "cedar", "elm", "fir", "yew")
	for i := range 5 { // pictures with a wrong label
		name := fmt.Sprintf("%03d.jpg", i)
		content, err := os.ReadFile(filepath.Join(pictures, "ash", name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(pictures, "birch", "ash"+name), content)
	}
	db = filepath.Join(t.TempDir(), "trees.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db)
	return pictures, db
}

func TestGallery(t *testing.T) {
	pictures, db := confusable(t)
	out := filepath.Join(t.TempDir(), "new", "sheets")
	random, mistakes := filepath.Join(out, "random.png"), filepath.Join(out, "mistakes.png")
	o := mustVS(t, "gallery", "--db", db, "--data", pictures, "--out", out)
	wantParts(t, o.stdout, random+": 6 random pictures of the first run, seed 17", mistakes+": ", "wrong in at least one of 20 runs")
	w, h := sheetSize(t, random)
	if _, more := sheetSize(t, mistakes); w < 900 || h < 600 || more > h {
		t.Errorf("sheet of %dx%d, mistakes %d high", w, h, more)
	}
	first, err := os.ReadFile(random)
	if err != nil {
		t.Fatal(err)
	}

	again := filepath.Join(t.TempDir(), "again")
	mustVS(t, "gallery", "--db", db, "--data", pictures, "--out", again, "--workers", "3", "--quiet")
	second, err := os.ReadFile(filepath.Join(again, "random.png"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, second) {
		t.Error("the same seed draws another sheet")
	}

	mustVS(t, "gallery", "--db", db, "--data", pictures, "--out", out, "--rows", "1", "--cols", "5")
	if wide, low := sheetSize(t, random); wide <= w || low >= h {
		t.Errorf("1 row of 5 has %dx%d pixels, 2 rows of 3 have %dx%d", wide, low, w, h)
	}
}

func TestGalleryOfSeveralModels(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures, db := encoded(t)
	out := t.TempDir()
	mustVS(t, "gallery", "--db", db, "--db", db, "--data", pictures, "--out", out)
	mustVS(t, "gallery", "--model", channelMeans, "--model", "builtin", "--data", pictures, "--out", out)
	for _, name := range []string{"channel_means.random.png", "channel_means_trees.db.random.png", "channel_means_trees.db_2.random.png", "builtin_filterbank.random.png"} {
		sheetSize(t, filepath.Join(out, name))
	}
}

func TestGalleryWithoutMistakes(t *testing.T) {
	pictures, db := encoded(t)
	out := t.TempDir()
	args := []string{"gallery", "--db", db, "--data", pictures, "--out", out, "--runs", "1"}
	o := mustVS(t, args...)
	mistakes := filepath.Join(out, "mistakes.png")
	if !strings.Contains(o.stdout, mistakes+": not written, no picture is wrong in the run") {
		t.Fatalf("these classes were to be told apart:\n%s", o.stdout)
	}
	writeFile(t, mistakes, []byte("of somebody else"))
	if o := vs(t, args...); o.code != exitFailed || !strings.Contains(o.stderr, "--force") {
		t.Errorf("somebody else's file: exit code %d, %q", o.code, o.stderr)
	}
	sheet, err := os.ReadFile(filepath.Join(out, "random.png"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, mistakes, sheet) // of an earlier evaluation
	o = mustVS(t, args...)
	wantParts(t, o.stdout, mistakes+": removed, no picture is wrong in the run")
	if _, err := os.Stat(mistakes); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", mistakes, err)
	}
}

func TestGalleryOfPicturesThatAreGone(t *testing.T) {
	pictures, db := encoded(t)
	out := t.TempDir()
	if err := os.RemoveAll(filepath.Join(pictures, "ash")); err != nil {
		t.Fatal(err)
	}
	args := []string{"gallery", "--db", db, "--data", pictures, "--out", out, "--rows", "4"}
	o := vs(t, args...)
	if o.code != exitBadPictures {
		t.Errorf("exit code %d, want %d", o.code, exitBadPictures)
	}
	wantParts(t, o.stderr, "bad picture: ash/", "no such file or directory", "pictures on the sheets cannot be used")
	sheetSize(t, filepath.Join(out, "random.png"))
	mustVS(t, append(args, "--max-bad-share", "1")...)
}

func TestGalleryUsage(t *testing.T) {
	pictures, db := encoded(t)
	out := t.TempDir()
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"without --out", []string{"--db", db, "--data", pictures}, exitUsage, "--out is missing"},
		{"without the pictures of a database", []string{"--db", db, "--out", out}, exitUsage, "--data is missing"},
		{"nothing to evaluate", []string{"--data", pictures, "--out", out}, exitUsage, "--db"},
		{"no rows", []string{"--db", db, "--data", pictures, "--out", out, "--rows", "0"}, exitUsage, "--rows 0"},
		{"too many columns", []string{"--db", db, "--data", pictures, "--out", out, "--cols", "21"}, exitUsage, "--cols 21"},
		{"pictures that are not there", []string{"--db", db, "--data", filepath.Join(out, "no"), "--out", out}, exitFailed, "no such file"},
		{"a file in the place of the sheets", []string{"--db", db, "--data", pictures, "--out", db}, exitUsage, "it is a file; name a folder"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := vs(t, append([]string{"gallery"}, test.args...)...)
			if o.code != test.code || !strings.Contains(o.stderr, test.want) || strings.Count(o.stderr, "\n") != 1 {
				t.Errorf("exit code %d, %q; want %d, %q", o.code, o.stderr, test.code, test.want)
			}
		})
	}
}

func TestSheetPrefixes(t *testing.T) {
	several := []*report.Evaluation{{Setup: report.Setup{Model: "a/b"}}, {Setup: report.Setup{Model: "a/b", Method: "median, cosine"}}}
	if got, want := sheetPrefixes(several), []string{"a_b.", "a_b_median_cosine."}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if one := sheetPrefixes(several[:1]); !slices.Equal(one, []string{""}) {
		t.Errorf("%q, want no prefix for one model", one)
	}
}
