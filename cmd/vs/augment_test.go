package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"vs/search/database"
)

const twoInstances = "instances=2 resize=1.05 flip=0.5 brightness=0.4 contrast=0.4 saturation=0.4"

func loaded(t *testing.T, path string) *database.Embeddings {
	t.Helper()
	db, err := database.OpenReadOnly(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	set, err := db.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestAnAugmentedDatabaseStaysSo(t *testing.T) {
	pictures := makePictures(t, 4, "ash", "birch")
	db := filepath.Join(t.TempDir(), "trees.db")
	base := []string{"encode", "--model", channelMeans, "--data", pictures, "--db", db}
	wantParts(t, flat(mustVS(t, append(base, "--augment", "2")...).stdout), "new: 8", "augmentation: "+twoInstances)
	wantParts(t, flat(mustVS(t, "db", "info", "--db", db).stdout), "augmentation: "+twoInstances)

	steps := []struct {
		name  string
		flags []string
		code  int
		want  []string // of the summary, or of the error
	}{
		{"the same again", []string{"--augment", "2"}, exitDone, []string{"new: 0", "reused: 8"}},
		{"without a word about it", nil, exitDone, []string{"new: 0", "reused: 8", "augmentation: " + twoInstances}},
		{"more instances", []string{"--augment", "3"}, exitMismatch, []string{twoInstances, "instances=3 resize=1.05"}},
		{"another brightness", []string{"--augment", "2", "--augment-brightness", "0.2"}, exitMismatch, []string{twoInstances, "brightness=0.2"}},
		{"none", []string{"--augment", "0"}, exitMismatch, []string{twoInstances, "not none"}},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			o := vs(t, append(base, s.flags...)...)
			if o.code != s.code {
				t.Fatalf("exit code %d, want %d: %s", o.code, s.code, o.stderr)
			}
			text := o.stdout
			if s.code != exitDone {
				text = o.stderr
			}
			wantParts(t, flat(text), s.want...)
		})
	}

	more := makePictures(t, 3, "ash", "birch", "cedar")
	add := []string{"db", "add", "--db", db, "--model", channelMeans, "--data", more}
	if o := vs(t, append(add, "--augment", "5")...); o.code != exitMismatch {
		t.Errorf("db add with another augmentation: exit code %d: %s", o.code, o.stderr)
	}
	wantParts(t, flat(mustVS(t, add...).stdout), "new: 3", "augmentation: "+twoInstances)
	mustVS(t, "db", "verify", "--db", db)
	mustVS(t, "query", "--model", channelMeans, "--db", db, "--top-k", "1", filepath.Join(pictures, "ash", "000.jpg"))
	set := loaded(t, db)
	if len(set.Training) != len(set.Vectors) || reflect.DeepEqual(set.Training, set.Vectors) {
		t.Errorf("%d elements of training vectors, %d of embeddings", len(set.Training), len(set.Vectors))
	}

	table := filepath.Join(t.TempDir(), "trees.zip")
	mustVS(t, "db", "export", "--db", db, table)
	if o := vs(t, "db", "import", "--db", db, table); o.code != exitMismatch {
		t.Errorf("db import: exit code %d: %s", o.code, o.stderr)
	}
}

func TestADatabaseWithoutAugmentationStaysSo(t *testing.T) {
	pictures, db := encoded(t)
	o := vs(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db, "--augment", "2")
	if o.code != exitMismatch {
		t.Errorf("exit code %d, want %d", o.code, exitMismatch)
	}
	wantParts(t, o.stderr, "is none", twoInstances)
}

func TestAugmentedRowsDoNotDependOnWorkers(t *testing.T) {
	pictures := makePictures(t, 7, "ash", "birch", "cedar")
	var want *database.Embeddings
	for _, flags := range [][]string{{"--workers", "1"}, {"--workers", "4"}, {"--workers", "4", "--batch-size", "7"}} {
		db := filepath.Join(t.TempDir(), "trees.db")
		mustVS(t, append([]string{"encode", "--model", "builtin", "--data", pictures, "--db", db, "--augment", "3"}, flags...)...)
		set := loaded(t, db)
		if want == nil {
			want = set
		}
		if !reflect.DeepEqual(set, want) {
			t.Errorf("%v gives another database", flags)
		}
	}
}

func TestAKilledEncodeWithAugmentationGoesOn(t *testing.T) {
	pictures := makePictures(t, 40, "ash", "birch", "cedar")
	args := func(db string) []string {
		return []string{"encode", "--model", "builtin", "--data", pictures, "--db", db, "--workers", "1", "--batch-size", "3"}
	}
	whole, db := filepath.Join(t.TempDir(), "whole.db"), filepath.Join(t.TempDir(), "killed.db")
	mustVS(t, append(args(whole), "--augment", "2")...)
	cmd := exec.Command(os.Args[0], append(args(db), "--augment", "2")...)
	cmd.Env = append(os.Environ(), "VS_TEST_AS_PROGRAM=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for written(db) < 3 && cmd.Process.Signal(syscall.Signal(0)) == nil {
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if kept := written(db); kept < 3 || kept >= 120 {
		t.Fatalf("%d pictures kept, want at least 3 and not all 120", kept)
	}
	mustVS(t, args(db)...) // without a word about it
	mustVS(t, "db", "verify", "--db", db)
	if !reflect.DeepEqual(loaded(t, db), loaded(t, whole)) {
		t.Error("it differs from a database that was made without a stop")
	}
}

func TestEvalWithAugmentation(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	pictures := makePictures(t, 6, "ash", "birch", "cedar")
	db := filepath.Join(t.TempDir(), "trees.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db, "--augment", "4")
	eval := []string{"eval", "--runs", "5", "--format", "csv"}
	fromModel := append(eval, "--model", channelMeans, "--data", pictures)
	ofDB := mustVS(t, append(eval, "--db", db)...).stdout
	plain := mustVS(t, fromModel...)
	augmented := mustVS(t, append(fromModel, "--augment", "4")...)
	again := mustVS(t, append(fromModel, "--augment", "4")...)
	if augmented.stdout != ofDB || again.stdout != ofDB {
		t.Errorf("from the pictures:\n%s\nagain:\n%s\nfrom the database:\n%s", augmented.stdout, again.stdout, ofDB)
	}
	wantParts(t, augmented.stderr, "18 new, 0 reused")
	wantParts(t, again.stderr, "0 new, 18 reused")
	if again := mustVS(t, fromModel...); again.stdout != plain.stdout || !strings.Contains(again.stderr, "0 new, 18 reused") {
		t.Errorf("without augmentation: %s\n%s\nwant\n%s", again.stderr, again.stdout, plain.stdout)
	}
	if files, err := os.ReadDir(filepath.Join(cache, "vs")); err != nil || len(files) != 2 {
		t.Errorf("the cache has %v (%v), want a file for each augmentation", files, err)
	}
}

func TestAugmentFlagsThatAreRefused(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures := makePictures(t, 1, "ash", "birch")
	encode := []string{"encode", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db")}
	fromDB := []string{"eval", "--db", "a.db"}
	fromModel := []string{"eval", "--model", channelMeans, "--data", pictures}
	tests := []struct {
		name    string
		command []string
		flags   []string
		want    string
	}{
		{"a negative number", encode, []string{"--augment", "-1"}, "-1 instances"},
		{"too many instances", encode, []string{"--augment", "1000"}, "1000 instances: want 1 to 100"},
		{"a resize that leaves a border", encode, []string{"--augment", "1", "--augment-resize", "0.5"}, "resize 0.5"},
		{"a probability above 1", encode, []string{"--augment", "1", "--augment-flip", "2"}, "flip 2"},
		{"a brightness that is not a number", encode, []string{"--augment", "1", "--augment-brightness", "NaN"}, "brightness NaN"},
		{"a contrast below 0", encode, []string{"--augment", "1", "--augment-contrast", "-0.1"}, "contrast -0.1"},
		{"a saturation above 1", fromModel, []string{"--augment", "1", "--augment-saturation", "1.1"}, "saturation 1.1"},
		{"how, but not how many", encode, []string{"--augment-flip", "0.1"}, "--augment-flip: there are no instances"},
		{"how, and none", fromModel, []string{"--augment", "0", "--augment-resize", "1.1"}, "--augment-resize: there are no instances"},
		{"a database with --augment", fromDB, []string{"--augment", "2"}, "--augment is for --model"},
		{"a database with no augmentation", fromDB, []string{"--augment", "0"}, "--augment is for --model"},
		{"a database with --augment-flip", fromDB, []string{"--augment-flip", "0"}, "--augment-flip is for --model"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vs(t, append(tt.command, tt.flags...)...)
			if o.code != exitUsage || !strings.Contains(o.stderr, tt.want) {
				t.Errorf("exit code %d, %q; want %d, %q", o.code, o.stderr, exitUsage, tt.want)
			}
		})
	}
}
