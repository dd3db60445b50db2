package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/search/evaluation"
	"vs/torch"
)

// manifestOf evaluates a database and returns the manifest's path.
func manifestOf(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.json")
	mustVS(t, append([]string{"eval", "--quiet", "--manifest", path}, args...)...)
	return path
}

func TestReplayGivesTheSameResults(t *testing.T) {
	pictures, db := encoded(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	split := filepath.Join(t.TempDir(), "split.json")
	mustVS(t, "split", "--quiet", "--data", pictures, "--out", split)
	tests := []struct {
		name string
		args []string
	}{
		{"a database", []string{"--db", db}},
		{"another seed, protocol and method", []string{"--db", db, "--protocol", "kfold", "--folds", "4", "--seed", "3", "--prototypes", "2"}},
		{"some labels", []string{"--db", db, "--label-share", "0.7", "--short-run", "8"}},
		{"two sources in a sweep", []string{"--db", db, "--db", db, "--runs", "3", "--sweep"}},
		{"a split file", []string{"--db", db, "--split", split}},
		{"unknown classes", []string{"--db", db, "--runs", "4", "--open-set", "0.3", "--classifier", "lda"}},
		{"a model with augmentation", []string{"--model", channelMeans, "--data", pictures, "--augment", "2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := manifestOf(t, tt.args...)
			o := mustVS(t, "eval", "--replay", path)
			wantParts(t, o.stderr, "the results are the same as in "+path)
			if strings.Contains(o.stderr, "differs") {
				t.Errorf("an input differs:\n%s", o.stderr)
			}
		})
	}
}

func TestReplaySeesAnExchangedLibrary(t *testing.T) {
	_, db := encoded(t)
	path := manifestOf(t, "--db", db)
	m, err := evaluation.ReadManifest(path)
	if err != nil {
		t.Fatal(err)
	}
	build, err := torch.Build()
	if err != nil {
		t.Fatal(err)
	}
	if m.Program.Build != build {
		t.Errorf("the manifest has libtorch's build %q, want %q", m.Program.Build, build)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ then, want string }{
		{"0123456789abcdef", "replay: differs: build of libtorch: 0123456789abcdef then, " + build + " now"},
		{"", ""}, // an earlier version's
	} {
		writeFile(t, path, bytes.Replace(text, []byte(build), []byte(tt.then), 1))
		o := mustVS(t, "eval", "--replay", path)
		if tt.want != "" {
			wantParts(t, o.stderr, tt.want)
		} else if strings.Contains(o.stderr, "differs") {
			t.Errorf("an input differs:\n%s", o.stderr)
		}
	}
}

func TestReplayFindsDatabasesElsewhere(t *testing.T) {
	_, db := encoded(t)
	path := manifestOf(t, "--db", db)
	moved := filepath.Join(t.TempDir(), "moved.db")
	if err := os.Rename(db, moved); err != nil {
		t.Fatal(err)
	}
	if o := vs(t, "eval", "--replay", path); o.code != exitFailed {
		t.Errorf("exit code %d without the database, want %d", o.code, exitFailed)
	}
	o := mustVS(t, "eval", "--replay", path, "--db", moved)
	wantParts(t, o.stderr, "the results are the same")
}

func TestReplayNamesWhatDiffers(t *testing.T) {
	pictures, db := encoded(t)
	path := manifestOf(t, "--db", db)

	// Another picture in one class, one less in another: the results may be the same, but it is
	// said.
	writeFile(t, filepath.Join(pictures, "birch", "002.jpg"), readFile(t, filepath.Join(pictures, "cedar", "001.jpg")))
	if err := os.Remove(filepath.Join(pictures, "ash", "004.jpg")); err != nil {
		t.Fatal(err)
	}
	mustVS(t, "encode", "--quiet", "--model", channelMeans, "--data", pictures, "--db", db, "--prune")
	o := vs(t, "eval", "--replay", path)
	if o.code != exitFailed {
		t.Errorf("exit code %d, want %d", o.code, exitFailed)
	}
	wantParts(t, o.stderr, "the results are not the same", `pictures of the classes "ash" (10 then, 9 now), "birch"`)

	other := filepath.Join(t.TempDir(), "other.db")
	mustVS(t, "encode", "--quiet", "--model", "builtin", "--data", pictures, "--db", other)
	o = vs(t, "eval", "--replay", path, "--db", other)
	if o.code != exitFailed {
		t.Errorf("exit code %d with another model, want %d", o.code, exitFailed)
	}
	wantParts(t, o.stderr, "replay: differs: model channel_means: ", "replay: differs: transform of channel_means: ")

	mustVS(t, "db", "remove", "--db", db, "cedar")
	o = vs(t, "eval", "--replay", path)
	if o.code != exitFailed {
		t.Errorf("exit code %d without a class, want %d", o.code, exitFailed)
	}
	wantParts(t, o.stderr, "cedar")
}

func TestReplayNamesAnotherSplitFile(t *testing.T) {
	pictures, db := encoded(t)
	split := filepath.Join(t.TempDir(), "split.json")
	mustVS(t, "split", "--quiet", "--data", pictures, "--out", split)
	path := manifestOf(t, "--db", db, "--split", split)
	mustVS(t, "split", "--quiet", "--data", pictures, "--seed", "18", "--out", split)
	o := vs(t, "eval", "--replay", path)
	wantParts(t, o.stderr, "replay: differs: split file: ")
	if o.code != exitFailed {
		t.Errorf("exit code %d, want %d", o.code, exitFailed)
	}
}

// A database is work; a manifest or a split must not take its place.
func TestOutputDoesNotReplaceOtherFiles(t *testing.T) {
	pictures, db := encoded(t)
	before := readFile(t, db)
	for _, args := range [][]string{
		{"split", "--data", pictures, "--out", db},
		{"eval", "--db", db, "--manifest", "/dev/null"},
	} {
		o := vs(t, args...)
		if o.code != exitFailed {
			t.Errorf("%q: exit code %d, want %d", args, o.code, exitFailed)
		}
		wantParts(t, o.stderr, "name another file")
	}
	if !bytes.Equal(readFile(t, db), before) {
		t.Error("the database has changed")
	}
}

func TestOutputStaysOutOfTheDataFolder(t *testing.T) {
	pictures, db := encoded(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	out := filepath.Join(pictures, "more", "out")
	run := filepath.Join(t.TempDir(), "run.json")
	mustVS(t, "eval", "--model", channelMeans, "--data", pictures, "--manifest", run)
	for _, args := range [][]string{
		{"eval", "--replay", run, "--plots", out},
		{"eval", "--model", channelMeans, "--data", pictures, "--plots", out},
		{"gallery", "--db", db, "--data", pictures, "--out", out},
		{"report", "--db", db, "--data", pictures, "--out", pictures},
	} {
		o := vs(t, args...)
		if o.code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, o.code, exitUsage)
		}
		wantParts(t, o.stderr, "it lies in the folder of the pictures")
	}
	if _, err := os.Stat(filepath.Dir(out)); err == nil {
		t.Error("the folder was made")
	}
}

func TestReplayRefuses(t *testing.T) {
	_, db := encoded(t)
	path := manifestOf(t, "--db", db)
	text := string(readFile(t, path))
	write := func(old, with string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("the manifest lacks %q:\n%s", old, text)
		}
		damaged := filepath.Join(t.TempDir(), "damaged.json")
		writeFile(t, damaged, []byte(strings.Replace(text, old, with, 1)))
		return damaged
	}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"a flag that the manifest has", []string{path, "--seed", "4"}, exitUsage, "--seed: --replay takes it from the manifest"},
		{"more databases", []string{path, "--db", db, "--db", db}, exitUsage, "the manifest has 1 database;"},
		{"a file that is not there", []string{"none.json"}, exitFailed, "none.json"},
		{"another file", []string{channelMeans}, exitFailed, "vs eval --manifest writes such files"},
		{"a newer format", []string{write(`"format": 1`, `"format": 2`)}, exitFailed, "update vs"},
		{"plots of a sweep", []string{manifestOf(t, "--db", db, "--runs", "2", "--sweep"), "--plots", t.TempDir()}, exitUsage, "--plots draws one method"},
		{"no runs", []string{write(`"runs": 20`, `"runs": 0`)}, exitFailed, "--runs 0"},
		{"a wrong share", []string{write(`"valid_share": 0.2`, `"valid_share": 2`)}, exitFailed, "outside [0, 1)"},
		{"results missing", []string{write(`"results": [`, `"x": [`)}, exitFailed, "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vs(t, append([]string{"eval", "--replay"}, tt.args...)...)
			if o.code != tt.code {
				t.Errorf("exit code %d, want %d", o.code, tt.code)
			}
			wantParts(t, o.stderr, tt.want)
		})
	}
}
