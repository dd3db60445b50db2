package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	pictures, db := encoded(t)
	out := filepath.Join(t.TempDir(), "new", "report")
	o := mustVS(t, "report", "--db", db, "--data", pictures, "--out", out, "--runs", "5")
	wantParts(t, o.stdout, filepath.Join(out, "index.html"), "MB")
	html, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	wantParts(t, string(html), "<h1>Evaluation of "+filepath.Base(pictures)+"</h1>", `"birch"`, "holdout, 5 runs", `"scans":["`)
	if strings.Contains(string(html), `"",""`) {
		t.Error("a picture has no thumbnail")
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, want the page alone: %v", entries, err)
	}
}

func TestReportOfTwoDatabases(t *testing.T) {
	pictures, db := encoded(t)
	out := t.TempDir()
	mustVS(t, "report", "--db", db, "--db", db, "--data", pictures, "--out", out)
	html, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	wantParts(t, string(html), "The best of 2 models", `"difference":{`)
}

func TestReportOfAModelAndProtocols(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures := makePictures(t, 6, "ash", "birch")
	for _, protocol := range []string{"kfold", "bootstrap", "leave-one-out"} {
		out := t.TempDir()
		mustVS(t, "report", "--model", channelMeans, "--data", pictures, "--out", out, "--protocol", protocol)
		html, err := os.ReadFile(filepath.Join(out, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		wantParts(t, string(html), `["protocol","`+protocol)
	}
}

func TestReportShowsWhatIsThereOfBadPictures(t *testing.T) {
	pictures, db := encoded(t)
	writeFile(t, filepath.Join(pictures, "ash", "000.jpg"), []byte("no picture"))
	if err := os.Remove(filepath.Join(pictures, "ash", "001.jpg")); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	o := vs(t, "report", "--db", db, "--data", pictures, "--out", out)
	if o.code != exitBadPictures {
		t.Errorf("exit code %d: %s", o.code, o.stderr)
	}
	wantParts(t, o.stderr, "bad picture: ash/000.jpg: ", "bad picture: ash/001.jpg: no such file", "2 of 30")
	if _, err := os.Stat(filepath.Join(out, "index.html")); err != nil {
		t.Errorf("there is no page: %v", err)
	}
	o = mustVS(t, "report", "--db", db, "--data", pictures, "--out", out, "--max-bad-share", "0.1")
	wantParts(t, o.stderr, "bad picture: ash/000.jpg: ")
}

func TestReportsThatAreRefused(t *testing.T) {
	pictures, db := encoded(t)
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, nil)
	for _, test := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"without a folder to write to", []string{"--db", db, "--data", pictures}, exitUsage, "--out is missing"},
		{"without pictures", []string{"--db", db, "--out", t.TempDir()}, exitUsage, "--data is missing"},
		{"without embeddings", []string{"--data", pictures, "--out", t.TempDir()}, exitUsage, "give --db FILE"},
		{"of pictures that are not there", []string{"--db", db, "--data", "nowhere", "--out", t.TempDir()}, exitFailed, "nowhere"},
		{"into a file", []string{"--db", db, "--data", pictures, "--out", file}, exitUsage, "it is a file; name a folder"},
		{"with a threshold above 1", []string{"--db", db, "--data", pictures, "--out", t.TempDir(), "--threshold", "80"}, exitUsage, "use 0 to 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := vs(t, append([]string{"report"}, test.args...)...)
			if o.code != test.code || !strings.Contains(o.stderr, test.says) {
				t.Errorf("exit code %d, want %d; stderr lacks %q: %s", o.code, test.code, test.says, o.stderr)
			}
		})
	}
}
