package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data"
	"vs/report"
)

// partFiles returns the paths of a part's pictures, in the order of the split.
func partFiles(file *data.SplitFile, part string) []string {
	var files []string
	for _, class := range file.Active {
		for _, p := range class.Pictures {
			if p.Part == part {
				files = append(files, class.Label+"/"+p.Name)
			}
		}
	}
	return files
}

func readSplit(t *testing.T, path string) *data.SplitFile {
	t.Helper()
	file, err := data.ReadSplit(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSplitIsTheFirstRunOfEval(t *testing.T) {
	pictures, db := encoded(t)
	out := filepath.Join(t.TempDir(), "split.json")
	o := mustVS(t, "split", "--data", pictures, "--seed", "3", "--valid-share", "0.3", "--test-share", "0.1", "--out", out)
	wantParts(t, o.stdout, "3 of 3", "pictures:    30", "train:       18", "valid:       9", "test:        3", out)
	file := readSplit(t, out)
	for _, part := range data.Parts {
		o := mustVS(t, "eval", "--db", db, "--seed", "3", "--valid-share", "0.3", "--test-share", "0.1", "--part", part, "--format", "json")
		evaluations, err := report.ReadJSON(strings.NewReader(o.stdout))
		if err != nil {
			t.Fatal(err)
		}
		if want := evaluations[0].Runs[0].Files; !slices.Equal(partFiles(file, part), want) {
			t.Errorf("part %s is %q, want %q", part, partFiles(file, part), want)
		}
	}
}

func TestSplitIsThatOfPython(t *testing.T) {
	golden := os.Getenv("VS_GOLDEN")
	if golden == "" {
		t.Skip("VS_GOLDEN names no reference results")
	}
	for _, seed := range []string{"17", "3"} {
		content, err := os.ReadFile(filepath.Join(golden, "tiny_vit_5m_224.seed"+seed+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var want reference
		if err := json.Unmarshal(content, &want); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(t.TempDir(), "split.json")
		mustVS(t, "split", "--data", filepath.Join(golden, "images"), "--seed", seed, "--out", out)
		for c, class := range readSplit(t, out).Active {
			var valid []string
			for _, p := range class.Pictures {
				if p.Part == "valid" {
					valid = append(valid, p.Name)
				}
			}
			if !slices.Equal(valid, want.PerRun[0].Valid[c]) {
				t.Errorf("seed %s, class %s: %q, want %q", seed, class.Label, valid, want.PerRun[0].Valid[c])
			}
		}
	}
}

func TestSplitDoesNotDependOnTheWorkers(t *testing.T) {
	pictures := makePictures(t, 7, "ash", "birch")
	dir := t.TempDir()
	var first []byte
	for _, workers := range []string{"0", "1", "3"} {
		out := filepath.Join(dir, workers)
		mustVS(t, "split", "--data", pictures, "--out", out, "--workers", workers)
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if !bytes.Equal(text, first) {
			t.Errorf("%s workers write\n%s\nwant\n%s", workers, text, first)
		}
	}
}

func TestSplitOfSomeLabels(t *testing.T) {
	pictures := makePictures(t, 5, "ash", "birch", "cedar", "elm")
	out := filepath.Join(t.TempDir(), "split.json")
	o := mustVS(t, "split", "--data", pictures, "--out", out, "--labels", "elm,ash")
	wantParts(t, o.stdout, "2 of 4")
	file := readSplit(t, out)
	if want := []string{"ash", "birch", "cedar", "elm"}; !slices.Equal(file.Labels, want) {
		t.Errorf("labels %q, want %q", file.Labels, want)
	}
	if want := []string{"ash", "elm"}; !slices.Equal(file.ActiveLabels(), want) {
		t.Errorf("active labels %q, want %q", file.ActiveLabels(), want)
	}
	mustVS(t, "split", "--data", pictures, "--out", out, "--label-share", "0.75", "--quiet")
	if n := len(readSplit(t, out).Active); n != 3 {
		t.Errorf("%d labels are active, want 3", n)
	}
}

func TestSplitCommandLinesThatAreRefused(t *testing.T) {
	pictures := makePictures(t, 5, "ash", "birch")
	out := filepath.Join(t.TempDir(), "split.json")
	unreadable := makePictures(t, 5, "ash", "birch")
	if err := os.Symlink("nowhere", filepath.Join(unreadable, "birch", "zz.jpg")); err != nil {
		t.Fatal(err)
	}
	split := func(data string, args ...string) []string {
		return append([]string{"split", "--data", data, "--out", out}, args...)
	}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no folder", []string{"split", "--out", out}, exitUsage, "--data is missing"},
		{"no file", []string{"split", "--data", pictures}, exitUsage, "--out is missing"},
		{"an argument", split(pictures, "x"), exitUsage, "unexpected argument"},
		{"a share that means nothing", split(pictures, "--valid-share", "1.2"), exitUsage, "validation share 1.2"},
		{"a share of labels that means nothing", split(pictures, "--label-share", "0"), exitUsage, "--label-share 0"},
		{"fewer workers than none", split(pictures, "--workers", "-1"), exitUsage, "--workers -1"},
		{"a part that would be empty", split(pictures, "--test-share", "0.1"), exitFailed, "test part is empty"},
		{"a label that is not there", split(pictures, "--labels", "elm"), exitFailed, "elm"},
		{"a folder that is not there", split(filepath.Join(pictures, "no")), exitFailed, "no"},
		{"a picture that cannot be read", split(unreadable), exitBadPictures, "bad picture: birch/zz.jpg: no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vs(t, tt.args...)
			if o.code != tt.code {
				t.Errorf("exit code %d, want %d", o.code, tt.code)
			}
			wantParts(t, o.stderr, tt.want)
			if _, err := os.Stat(out); err == nil {
				t.Error("a split file was written")
			}
		})
	}
}
