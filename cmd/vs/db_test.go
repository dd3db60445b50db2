package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// flat is a text with single spaces, for comparing tables.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestDBInfo(t *testing.T) {
	_, db := encoded(t)
	o := mustVS(t, "db", "info", "--db", db)
	wantParts(t, flat(o.stdout), "model: channel_means", "SHA-256 of the model file:", "transform: resize=32", "embedding size: 6",
		"classes: 3", "pictures: 30", "MB", "augmentation: none", "schema version: 7")
}

func TestDBClasses(t *testing.T) {
	_, db := encoded(t)
	lines := strings.Split(strings.TrimSpace(mustVS(t, "db", "classes", "--db", db).stdout), "\n")
	if len(lines) != 4 || !strings.HasPrefix(flat(lines[1]), "ash 10 20") {
		t.Errorf("%q", lines)
	}
	mustVS(t, "db", "remove", "--db", db, "ash", "cedar")
	if o := mustVS(t, "db", "classes", "--db", db); !strings.HasSuffix(flat(o.stdout), "– –") {
		t.Errorf("%q, want no class near the only one", o.stdout)
	}
}

func TestDBClassesFormats(t *testing.T) {
	_, db := encoded(t)
	mustVS(t, "db", "rename", "--db", db, "cedar", "c|_d,r")
	type nearest struct {
		Label string
		Score float32
	}
	var all struct {
		Schema  int
		Classes []struct {
			Label    string
			Pictures int `json:"num_pictures"`
			Updated  string
			Nearest  *nearest
		}
	}
	list := func(format string) string { return mustVS(t, "db", "classes", "--db", db, "--format", format).stdout }
	if err := json.Unmarshal([]byte(list("json")), &all); err != nil || all.Schema != 2 || len(all.Classes) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	records, err := csv.NewReader(strings.NewReader(list("csv"))).ReadAll()
	if err != nil || len(records) != 4 || strings.Join(records[0], " ") != "label num_pictures updated nearest similarity" {
		t.Fatalf("%q, %v", records, err)
	}
	lines := strings.Split(strings.TrimSpace(list("markdown")), "\n")
	if len(lines) != 5 || lines[1] != "| :--- | ---: | :--- | :--- | ---: |" {
		t.Fatalf("%q", lines)
	}
	for i, class := range all.Classes {
		score := strconv.FormatFloat(float64(class.Nearest.Score), 'g', -1, 32)
		want := []string{class.Label, strconv.Itoa(class.Pictures), class.Updated, class.Nearest.Label, score}
		if class.Pictures != 10 || class.Nearest.Label == class.Label || !slices.Equal(records[i+1], want) {
			t.Errorf("JSON says %q, CSV %q", want, records[i+1])
		}
		if _, err := time.Parse(time.RFC3339, class.Updated); err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(lines[i+2], fmt.Sprintf(" | %.4f |", class.Nearest.Score)) {
			t.Errorf("Markdown line %q, want the similarity %v", lines[i+2], class.Nearest.Score)
		}
	}
	wantParts(t, lines[4], `| c\|\_d,r | 10 | 20`)

	mustVS(t, "db", "remove", "--db", db, "ash", "birch")
	wantParts(t, list("json"), `"nearest":null`)
	if !strings.HasSuffix(list("csv"), ",,\n") || !strings.HasSuffix(list("markdown"), "| – | – |\n") {
		t.Errorf("%q and %q, want no class near the only one", list("csv"), list("markdown"))
	}
	mustVS(t, "db", "remove", "--db", db, "c|_d,r")
	wantParts(t, list("json"), `"classes":[]`)
}

func TestDBAddReplacesAPictureOfTheSameName(t *testing.T) {
	pictures, db := encoded(t)
	dir := t.TempDir()
	content, err := os.ReadFile(filepath.Join(pictures, "cedar", "000.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "003.jpg"), content)
	o := mustVS(t, "db", "add", "--quiet", "--model", channelMeans, "--db", db, "--data", dir, "--label", "ash")
	wantParts(t, flat(o.stdout), "pictures: 1 new: 0 reused: 1")
	if o := mustVS(t, "db", "verify", "--db", db); !strings.HasPrefix(o.stdout, "verified: 3 classes, 30 pictures\n") {
		t.Errorf("%q", o.stdout)
	}
	o = mustVS(t, "query", "--db", db, "--model", channelMeans, "--pictures", "--top-k", "2", "--format", "json", filepath.Join(dir, "003.jpg"))
	wantParts(t, o.stdout, `"label":"ash/003.jpg"`, `"label":"cedar/000.jpg"`)
}

func TestDBAddThenRemoveChangesNoAnswer(t *testing.T) {
	pictures, db := encoded(t)
	picture := filepath.Join(pictures, "birch", "003.jpg")
	ask := func() string {
		return mustVS(t, "eval", "--db", db, "--format", "json").stdout +
			mustVS(t, "query", "--db", db, "--model", channelMeans, "--top-k", "3", "--format", "json", picture).stdout +
			mustVS(t, "query", "--db", db, "--model", channelMeans, "--pictures", "--top-k", "30", "--format", "json", picture).stdout +
			mustVS(t, "db", "classes", "--db", db).stdout
	}
	before := ask()
	more := makePictures(t, 5, "x", "y", "z", "elm", "fir") // elm and fir are other pictures than those there are
	for _, class := range []string{"x", "y", "z"} {
		if err := os.RemoveAll(filepath.Join(more, class)); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		name string
		args []string
		want string
	}{
		{"a folder of classes", []string{"--data", more}, "labels: 2 pictures: 10 new: 10 reused: 0 bad: 0 embedding size"},
		{"a folder of one class, known by its content", []string{"--data", filepath.Join(more, "elm"), "--label", "ulmus"}, "labels: 1 pictures: 5 new: 0 reused: 5"},
	}
	for _, s := range steps {
		o := mustVS(t, append([]string{"db", "add", "--quiet", "--db", db, "--model", channelMeans}, s.args...)...)
		wantParts(t, flat(o.stdout), s.want)
		mustVS(t, "db", "verify", "--db", db)
	}
	if ask() == before {
		t.Error("three new classes change nothing")
	}
	if o := mustVS(t, "db", "remove", "--db", db, "ulmus", "elm", "fir"); o.stdout != "removed: 3 classes, 15 pictures\n" {
		t.Errorf("%q", o.stdout)
	}
	if ask() != before {
		t.Error("the answers differ from those before")
	}
	wantParts(t, mustVS(t, "db", "vacuum", "--db", db).stdout, "vacuumed: ", "before", "after")
	if ask() != before {
		t.Error("the answers after a vacuum differ")
	}
}

func TestDBRenameAndMerge(t *testing.T) {
	_, db := encoded(t)
	if o := mustVS(t, "db", "rename", "--db", db, "ash", "fraxinus"); o.stdout != "renamed: \"ash\" is now \"fraxinus\"\n" {
		t.Errorf("%q", o.stdout)
	}
	if o := mustVS(t, "db", "merge", "--db", db, "--out", "tree", "fraxinus", "cedar"); o.stdout != "merged: 2 classes into \"tree\", 20 pictures\n" {
		t.Errorf("%q", o.stdout)
	}
	if o := mustVS(t, "db", "verify", "--db", db); o.stdout != "verified: 2 classes, 30 pictures\n" {
		t.Errorf("%q", o.stdout)
	}
}

func TestEncodePrune(t *testing.T) {
	pictures, db := encoded(t)
	if err := os.RemoveAll(filepath.Join(pictures, "cedar")); err != nil {
		t.Fatal(err)
	}
	args := []string{"encode", "--quiet", "--model", channelMeans, "--data", pictures, "--db", db}
	wantParts(t, flat(mustVS(t, args...).stdout), "not in the folder: 10; --prune drops them")
	wantParts(t, flat(mustVS(t, append(args, "--prune")...).stdout), "reused: 20 bad: 0 removed: 10")
	if o := mustVS(t, args...); strings.Contains(o.stdout, "not in the folder") {
		t.Errorf("after pruning: %s", o.stdout)
	}
	if o := mustVS(t, "db", "verify", "--db", db); o.stdout != "verified: 2 classes, 20 pictures\n" {
		t.Errorf("%q", o.stdout)
	}
}

func TestDBVerifyListsTheDamage(t *testing.T) {
	_, db := encoded(t)
	content, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(content), "007.jpg")
	content[at+40] ^= 1
	writeFile(t, db, content)
	o := vs(t, "db", "verify", "--db", db)
	if o.code != exitFailed || strings.Count(o.stderr, "\n") != 1 {
		t.Errorf("exit code %d, stderr %q", o.code, o.stderr)
	}
	wantParts(t, o.stdout, "picture 007.jpg: damaged")
	wantParts(t, o.stderr, "restore the file from a copy")
}

func TestDBUsage(t *testing.T) {
	pictures, db := encoded(t)
	missing := filepath.Join(t.TempDir(), "no.db")
	add := []string{"add", "--quiet", "--model", channelMeans, "--data", pictures}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"a command that does not exist", []string{"lst"}, exitUsage, `"db lst"`},
		{"no database", []string{"info"}, exitUsage, "vs db info --help"},
		{"a database that is not there", []string{"info", "--db", missing}, exitFailed, "vs encode"},
		{"adding to a database that is not there", append(slices.Clone(add), "--db", missing), exitFailed, "vs encode"},
		{"adding with another model", []string{"add", "--quiet", "--model", "builtin", "--data", pictures, "--db", db}, exitMismatch, "do not match"},
		{"adding under a label that no folder can have", append(slices.Clone(add), "--db", db, "--label", "a/b"), exitUsage, "a/b"},
		{"a format that does not exist", []string{"classes", "--db", db, "--format", "xml"}, exitUsage, "markdown"},
		{"an option that does not exist", []string{"info", "--dbb", db}, exitUsage, "vs db info --help"},
		{"an argument that is not expected", []string{"verify", "--db", db, "ash"}, exitUsage, `"ash"`},
		{"removing nothing", []string{"remove", "--db", db}, exitUsage, "at least one class"},
		{"removing a class that is not there", []string{"remove", "--db", db, "ashh"}, exitFailed, `did you mean "ash"`},
		{"merging into nothing", []string{"merge", "--db", db, "ash", "birch"}, exitUsage, "--out is missing"},
		{"merging one class", []string{"merge", "--db", db, "--out", "tree", "ash"}, exitUsage, "at least two"},
		{"renaming to nothing", []string{"rename", "--db", db, "ash"}, exitUsage, "its new name"},
		{"renaming to a class that is there", []string{"rename", "--db", db, "ash", "birch"}, exitFailed, "vs db merge"},
		{"renaming two", []string{"rename", "--db", db, "ash", "elm", "birch"}, exitUsage, `"birch"`},
	}
	before, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vs(t, append([]string{"db"}, tt.args...)...)
			if o.code != tt.code || o.stdout != "" {
				t.Errorf("exit code %d, want %d; stdout %q, want nothing", o.code, tt.code, o.stdout)
			}
			if strings.Count(o.stderr, "\n") != 1 || !strings.Contains(o.stderr, tt.want) {
				t.Errorf("stderr %q, want one line with %q", o.stderr, tt.want)
			}
		})
	}
	if after, err := os.ReadFile(db); err != nil || string(after) != string(before) {
		t.Errorf("the database has changed (%v)", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a database was made")
	}
}

func TestDBHelpHasAnExampleForEachCommand(t *testing.T) {
	wantParts(t, mustVS(t, "db").stdout, "info", "classes", "add", "remove", "rename", "merge", "verify", "vacuum")
	for _, command := range dbCommand().Subcommands {
		wantParts(t, mustVS(t, "db", command.Name, "--help").stdout, fmt.Sprintf("Example: vs db %s --db", command.Name))
	}
}
