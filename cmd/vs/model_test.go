package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADatabaseFindsItsModel(t *testing.T) {
	pictures := makePictures(t, 3, "ash", "birch")
	dir := t.TempDir()
	t.Setenv(modelPathVariable, "")
	model, db := filepath.Join(dir, "net.pt"), filepath.Join(dir, "trees.db")
	content := readFile(t, channelMeans)
	writeFile(t, model, content)
	t.Chdir(dir)
	mustVS(t, "encode", "--model", "net.pt", "--data", pictures, "--db", db)
	picture := filepath.Join(pictures, "ash", "000.jpg")
	want := mustVS(t, "query", "--db", db, "--model", model, picture).stdout
	found := func(place string) {
		t.Helper()
		o := mustVS(t, "query", "--db", db, picture)
		wantParts(t, o.stderr, "model of "+db+": "+place)
		if o.stdout != want {
			t.Errorf("the answer is\n%s\nwant\n%s", o.stdout, want)
		}
	}
	missing := func(parts ...string) {
		t.Helper()
		o := vs(t, "query", "--quiet", "--db", db, picture)
		if o.code != exitUsage || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("exit code %d: %s", o.code, o.stderr)
		}
		wantParts(t, o.stderr, append(parts, "name it with --model FILE, or its folder in VS_MODEL_PATH")...)
	}
	t.Chdir("/") // the database remembers a path that holds from everywhere
	found(model)
	wantParts(t, mustVS(t, "db", "info", "--db", db).stdout, model)

	elsewhere, another := t.TempDir(), t.TempDir()
	if err := os.Rename(model, filepath.Join(elsewhere, "renamed.pt")); err != nil {
		t.Fatal(err)
	}
	missing(model+" is gone", "channel_means (SHA-256 ")
	writeFile(t, filepath.Join(another, "net.pt"), append(content, 0)) // of the right name only
	t.Setenv(modelPathVariable, another)
	missing("nor is it among the model files in VS_MODEL_PATH (" + another + ")")
	t.Setenv(modelPathVariable, another+"::"+elsewhere+":/nowhere")
	found(filepath.Join(elsewhere, "renamed.pt"))
	writeFile(t, model, []byte("something else"))
	found(filepath.Join(elsewhere, "renamed.pt"))
	t.Setenv(modelPathVariable, "")
	missing(model + " is another file now")

	// What brings pictures brings the new place.
	more := makePictures(t, 2, "cedar")
	t.Setenv(modelPathVariable, elsewhere)
	mustVS(t, "db", "add", "--db", db, "--data", more)
	mustVS(t, "encode", "--db", db, "--data", pictures)
	t.Setenv(modelPathVariable, "")
	wantParts(t, mustVS(t, "query", "--db", db, picture).stderr, filepath.Join(elsewhere, "renamed.pt"))
}

func TestCommandsThatNeedAModel(t *testing.T) {
	pictures := makePictures(t, 2, "ash", "birch")
	db := filepath.Join(t.TempDir(), "a.db")
	o := vs(t, "encode", "--data", pictures, "--db", db)
	if o.code != exitUsage {
		t.Errorf("exit code %d", o.code)
	}
	wantParts(t, o.stderr, "--model is missing, and "+db+" does not exist yet")
	mustVS(t, "encode", "--model", "builtin", "--data", pictures, "--db", db)
	mustVS(t, "query", "--db", db, filepath.Join(pictures, "ash", "000.jpg"))
}
