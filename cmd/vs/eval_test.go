package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/report"
)

func TestEvalProtocols(t *testing.T) {
	_, db := encoded(t) // every answer is right
	tests := []struct {
		name  string
		flags []string
		want  []string
	}{
		{"random shares", nil, []string{"3 classes, 30 pictures, 20 runs, seed 17", "Wilson interval of a share among 28 different pictures", "[0.879, 1.000]"}},
		{"folds", []string{"--protocol", "kfold", "--folds", "5"}, []string{"5 folds", "Wilson interval of a share among 30 different pictures, because\nthe folds do not vary"}},
		{"samples with replacement", []string{"--protocol", "bootstrap", "--runs", "40"}, []string{"40 bootstrap", "did\nnot draw", "["}},
		{"each picture against all others", []string{"--protocol", "leave-one-out"}, []string{"leaving one out", "Wilson"}},
		{"another method", []string{"--neighbours", "3"}, []string{"3 neighbours, cosine"}},
		{"a threshold", []string{"--threshold", "1"}, []string{"(below 1)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"eval", "--quiet", "--db", db}, tt.flags...)
			o := mustVS(t, args...)
			wantParts(t, o.stdout, tt.want...)
			if again := mustVS(t, args...); again.stdout != o.stdout {
				t.Error("the same command line gives another result")
			}
		})
	}
}

func TestEvalRefusesFlagsWithoutMeaning(t *testing.T) {
	_, db := encoded(t)
	tests := []struct {
		flags []string
		want  string
	}{
		{[]string{"--protocol", "kfold", "--runs", "3"}, "--runs has no meaning with --protocol kfold"},
		{[]string{"--folds", "3"}, "--folds has no meaning with --protocol holdout"},
		{[]string{"--protocol", "leave-one-out", "--valid-share", "0.3"}, "--valid-share has no meaning with --protocol leave-one-out"},
		{[]string{"--protocol", "bootstrap", "--part", "train"}, "--part has no meaning with --protocol bootstrap"},
		{[]string{"--protocol", "guess"}, `--protocol "guess": use one of`},
		{[]string{"--protocol", "kfold", "--folds", "1"}, "--folds 1: use at least 2"},
		{[]string{"--threshold", "2"}, "--threshold 2: use 0 to 1"},
		{[]string{"--sweep", "--pool", "median"}, "--sweep tries all methods"},
		{[]string{"--sweep", "--plots", "x"}, "--plots draws one method"},
		{[]string{"--pool", "median", "--neighbours", "2"}, "leave out one of them"},
		{[]string{"--short-run", "0"}, "--short-run 0: use at least 1"},
		{[]string{"--label-share", "0"}, "--label-share 0: use a value above 0"},
		{[]string{"--split", "s.json", "--seed", "3"}, "leave out --protocol and --seed"},
		{[]string{"--split", "s.json", "--labels", "ash"}, "leave out --labels"},
		{[]string{"--split", "s.json", "--runs", "3"}, "--runs has no meaning with --split"},
		{[]string{"--split", ""}, "--split is empty"},
		{[]string{"--runs", "1000000000"}, "--runs 1000000000: use 1 to"},
		{[]string{"--augment", "2"}, "--augment is for --model"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.flags, " "), func(t *testing.T) {
			o := vs(t, append([]string{"eval", "--db", db}, tt.flags...)...)
			if o.code != exitUsage {
				t.Errorf("exit code %d, want %d", o.code, exitUsage)
			}
			wantParts(t, o.stderr, tt.want)
		})
	}
}

func TestEvalSweepComparesMethodsOnTheSameSplits(t *testing.T) {
	_, db := encoded(t)
	o := mustVS(t, "eval", "--quiet", "--db", db, "--runs", "5", "--sweep")
	wantParts(t, o.stdout, "mean, cosine", "normalized-mean, cosine", "median, cosine", "medoid, cosine", "2 prototypes, cosine",
		"8 prototypes, cosine", "1 neighbour, cosine", "20 neighbours, cosine", "mean, dot", "mean, l2", "Paired differences from mean, cosine")
	// With six pictures left for training no class has eight prototypes.
	o = mustVS(t, "eval", "--quiet", "--db", db, "--valid-share", "0.4", "--runs", "5", "--sweep")
	if strings.Contains(o.stdout, "8 prototypes") {
		t.Errorf("8 prototypes of 6 pictures:\n%s", o.stdout)
	}
}

// A split file is the first run of the same seed, for databases and for models alike.
func TestEvalOfASplitFile(t *testing.T) {
	pictures, db := encoded(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	file := filepath.Join(t.TempDir(), "split.json")
	mustVS(t, "split", "--quiet", "--data", pictures, "--seed", "3", "--test-share", "0.1", "--out", file)
	for _, part := range []string{"valid", "test"} {
		first := mustVS(t, "eval", "--quiet", "--db", db, "--seed", "3", "--test-share", "0.1", "--runs", "1", "--part", part, "--format", "json")
		for _, source := range [][]string{{"--db", db}, {"--model", channelMeans, "--data", pictures}} {
			o := mustVS(t, append([]string{"eval", "--quiet", "--split", file, "--part", part, "--format", "json"}, source...)...)
			if o.stdout != first.stdout {
				t.Errorf("%s part of the split file with %s: got\n%swant\n%s", part, source[0], o.stdout, first.stdout)
			}
		}
	}

	if err := os.Remove(filepath.Join(pictures, "ash", "004.jpg")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(pictures, "birch", "002.jpg"), readFile(t, filepath.Join(pictures, "cedar", "001.jpg")))
	o := vs(t, "eval", "--quiet", "--split", file, "--model", channelMeans, "--data", pictures)
	if o.code != exitFailed {
		t.Errorf("exit code %d, want %d", o.code, exitFailed)
	}
	wantParts(t, o.stderr, file, "ash/004.jpg", "birch/002.jpg")
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestEvalComparesModelsRunByRun(t *testing.T) {
	pictures, db := encoded(t)
	other := filepath.Join(t.TempDir(), "builtin.db")
	mustVS(t, "encode", "--quiet", "--model", "builtin", "--data", pictures, "--db", other)
	o := mustVS(t, "eval", "--quiet", "--db", db, "--db", other)
	wantParts(t, o.stdout, "Paired differences", "error-rate reduction")
	evaluations, err := report.ReadJSON(strings.NewReader(mustVS(t, "eval", "--quiet", "--db", db, "--db", other, "--format", "json").stdout))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := report.Compare(evaluations[0], evaluations[1]); err != nil {
		t.Error(err)
	}
}

// Sources of the same model are told apart.
func TestEvalNamesSourcesOfTheSameModel(t *testing.T) {
	pictures, db := encoded(t)
	augmented := filepath.Join(t.TempDir(), "a,b.db") // a comma separates no paths
	mustVS(t, "encode", "--quiet", "--model", channelMeans, "--data", pictures, "--augment", "2", "--db", augmented)
	o := mustVS(t, "eval", "--quiet", "--db", db, "--db", augmented)
	wantParts(t, o.stdout, "channel_means (2 augmented instances)")
	o = mustVS(t, "eval", "--quiet", "--db", db, "--db", db)
	wantParts(t, o.stdout, "channel_means (trees.db)")
}

func TestEvalPlots(t *testing.T) {
	_, db := encoded(t)
	dir := filepath.Join(t.TempDir(), "plots")
	mustVS(t, "eval", "--quiet", "--db", db, "--runs", "3", "--plots", dir)
	for _, name := range []string{"cumulative_accuracy", "accuracy_per_run"} {
		if png := readFile(t, filepath.Join(dir, name+".png")); !bytes.HasPrefix(png, []byte("\x89PNG")) {
			t.Errorf("%s.png is no PNG", name)
		}
		wantParts(t, string(readFile(t, filepath.Join(dir, name+".svg"))), "<svg")
	}
}
