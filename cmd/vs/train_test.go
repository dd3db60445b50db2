package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/search/head"
)

// trained makes a database and a head of it.
func trained(t *testing.T, more ...string) (pictures, db, path string) {
	t.Helper()
	pictures, db = encoded(t)
	path = filepath.Join(t.TempDir(), "trees.head")
	mustVS(t, append([]string{"train", "--db", db, "--classifier", "lda", "--out", path}, more...)...)
	return pictures, db, path
}

func TestAHeadAnswersAsItsClassifier(t *testing.T) {
	pictures, db := encoded(t)
	files := []string{filepath.Join(pictures, "ash", "001.jpg"), filepath.Join(pictures, "cedar", "007.jpg")}
	for _, how := range [][]string{
		{"--classifier", "lda"}, {"--classifier", "lda", "--power", "1", "--shrinkage", "0.3", "--priors", "counts"},
		{"--classifier", "ridge", "--projections", "30", "--seed", "5"}, {"--classifier", "logistic", "--penalty", "0.3"},
	} {
		path := filepath.Join(t.TempDir(), "a.head")
		o := mustVS(t, append([]string{"train", "--db", db, "--out", path}, how...)...)
		wantParts(t, o.stdout, "classes:", "30, all", path, "channel_means")
		ask := func(args ...string) string {
			return mustVS(t, append(append([]string{"query", "--format", "json"}, args...), files...)...).stdout
		}
		want := ask(append([]string{"--db", db}, how...)...)
		for name, got := range map[string]string{
			"with its database": ask("--db", db, "--head", path),
			"alone":             ask("--model", channelMeans, "--head", path),
			"from the cache":    ask(append([]string{"--db", db}, how...)...),
		} {
			if got != want {
				t.Errorf("%v, %s: %s, want %s", how, name, got, want)
			}
		}
	}
}

func TestTrainingTwiceGivesTheSameFile(t *testing.T) {
	_, db, path := trained(t)
	first := readFile(t, path)
	mustVS(t, "train", "--db", db, "--classifier", "lda", "--out", path)
	if string(readFile(t, path)) != string(first) {
		t.Error("another file")
	}
}

func TestAHeadSaysIfItsDatabaseHasChanged(t *testing.T) {
	pictures, db, path := trained(t)
	file := filepath.Join(pictures, "ash", "001.jpg")
	ask := func() outcome { return mustVS(t, "query", "--db", db, "--head", path, file) }
	before := ask()
	if strings.Contains(before.stderr, "has changed") {
		t.Errorf("nothing has changed: %s", before.stderr)
	}
	add := func(classes ...string) {
		mustVS(t, "db", "add", "--db", db, "--data", makePictures(t, 4, classes...))
	}
	add("a", "b", "c", "elm")
	mustVS(t, "db", "remove", "--db", db, "a", "b", "c")
	if o := ask(); o.stdout != before.stdout || strings.Count(o.stderr, "\n") != strings.Count(before.stderr, "\n")+1 {
		t.Errorf("stdout %s, stderr %s", o.stdout, o.stderr)
	} else {
		wantParts(t, o.stderr, "has changed since it was made: 1 class added (elm); vs train makes another")
	}
	mustVS(t, "db", "remove", "--db", db, "elm", "birch")
	wantParts(t, ask().stderr, "1 class removed (birch)")
	mustVS(t, "db", "rename", "--db", db, "cedar", "larch")
	wantParts(t, ask().stderr, "1 class added (larch), 2 classes removed (birch, cedar)")
	mustVS(t, "db", "add", "--db", db, "--data", makePictures(t, 12, "ash"))
	wantParts(t, ask().stderr, "1 class changed (ash)")
	if o := mustVS(t, "query", "--quiet", "--db", db, "--head", path, file); o.stderr != "" {
		t.Errorf("--quiet says %q", o.stderr)
	}
}

func TestTrainOnASplit(t *testing.T) {
	pictures, db := encoded(t)
	dir := t.TempDir()
	split, path := filepath.Join(dir, "split.json"), filepath.Join(dir, "a.head")
	mustVS(t, "split", "--data", pictures, "--out", split)
	o := mustVS(t, "train", "--db", db, "--classifier", "lda", "--split", split, "--out", path)
	wantParts(t, o.stdout, "24, part train of the split")
	o = mustVS(t, "train", "--db", db, "--classifier", "ridge", "--split", split, "--part", "valid", "--out", filepath.Join(dir, "b.head"))
	wantParts(t, o.stdout, "6, part valid of the split")
	h, err := head.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if hash, err := hashFile(split); err != nil || h.Split == nil || h.Split.SHA256 != hash || h.Split.Part != "train" || h.Pictures != 24 || len(h.Classes) != 3 || h.Classes[0].Pictures != 10 {
		t.Errorf("%+v, %+v (%v)", h, h.Split, err)
	}
	// The database is what it was, though only a part of it was used.
	if o := mustVS(t, "query", "--db", db, "--head", path, filepath.Join(pictures, "ash", "001.jpg")); strings.Contains(o.stderr, "has changed") {
		t.Error(o.stderr)
	}
	mustVS(t, "db", "remove", "--db", db, "ash")
	if o := vs(t, "train", "--db", db, "--classifier", "lda", "--split", split, "--out", path); o.code != exitFailed || !strings.Contains(o.stderr, "ash") {
		t.Errorf("code %d, %s", o.code, o.stderr)
	}
}

func TestInspectDescribesHeads(t *testing.T) {
	_, db, path := trained(t, "--shrinkage", "0.25")
	o := mustVS(t, "inspect", path)
	wantParts(t, o.stdout, path, "lda, shrinkage 0.25", "channel_means", "3 classes, 30 pictures", "resize=32", "augmentation:", "none")
	var file struct {
		Schema int
		Heads  []map[string]any
	}
	if err := json.Unmarshal([]byte(mustVS(t, "inspect", "--format", "json", path).stdout), &file); err != nil {
		t.Fatal(err)
	}
	if h := file.Heads[0]; file.Schema != 2 || len(file.Heads) != 1 || h["kind"] != "lda" || h["shrinkage"] != 0.25 || len(h["labels"].([]any)) != 3 || h["file"] != path {
		t.Errorf("%+v", file)
	}
	wantParts(t, mustVS(t, "inspect", channelMeans, path).stdout, "channel_means", "Embedding", "lda, shrinkage 0.25")
	for _, args := range [][]string{{"--format", "csv", path}, {"--format", "markdown", path}, {"--format", "json", path, channelMeans}} {
		if o := vs(t, append([]string{"inspect"}, args...)...); o.code != exitUsage {
			t.Errorf("%q: code %d, %s", args, o.code, o.stderr)
		}
	}
	cut := filepath.Join(t.TempDir(), "cut.head")
	writeFile(t, cut, readFile(t, path)[:500])
	if o := vs(t, "inspect", cut, path); o.code != exitFailed || !strings.Contains(o.stderr, "read head "+cut) || !strings.Contains(o.stdout, "shrinkage 0.25") {
		t.Errorf("code %d, %s, %s", o.code, o.stdout, o.stderr)
	}
	_ = db
}

func TestTrainAndHeadRefuseWhatMeansNothing(t *testing.T) {
	pictures, db, path := trained(t)
	file := filepath.Join(pictures, "ash", "001.jpg")
	dir := t.TempDir()
	other := filepath.Join(dir, "other.db")
	mustVS(t, "encode", "--model", "builtin", "--data", pictures, "--db", other)
	damaged, spoilt := filepath.Join(dir, "damaged.head"), readFile(t, path)
	spoilt[len(spoilt)-3] ^= 0x40
	writeFile(t, damaged, spoilt)
	foreign := filepath.Join(dir, "foreign.txt")
	writeFile(t, foreign, []byte("a letter"))
	out := filepath.Join(dir, "new.head")
	tests := []struct {
		args []string
		code int
		want string
	}{
		{[]string{"train", "--db", db, "--out", out}, exitUsage, "--classifier is missing"},
		{[]string{"train", "--classifier", "lda", "--out", out}, exitUsage, "--db is missing"},
		{[]string{"train", "--db", db, "--classifier", "lda"}, exitUsage, "--out is missing"},
		{[]string{"train", "--db", db, "--classifier", "mean", "--out", out}, exitUsage, "needs no head"},
		{[]string{"train", "--db", db, "--classifier", "svm", "--out", out}, exitUsage, "svm"},
		{[]string{"train", "--db", db, "--classifier", "lda", "--shrinkage", "1.5", "--out", out}, exitUsage, "0 to 1"},
		{[]string{"train", "--db", db, "--classifier", "lda", "--shrinkage", "NaN", "--out", out}, exitUsage, "0 to 1"},
		{[]string{"train", "--db", db, "--classifier", "ridge", "--power", "0", "--out", out}, exitUsage, "more than 0"},
		{[]string{"train", "--db", db, "--classifier", "lda", "--part", "valid", "--out", out}, exitUsage, "--split"},
		{[]string{"train", "--db", db, "--classifier", "lda", "--out", db}, exitUsage, "it is the file of --db"},
		{[]string{"train", "--db", db, "--classifier", "lda", "--out", foreign}, exitFailed, "--force"},
		{[]string{"train", "--db", db, "--classifier", "lda", "--out", filepath.Join(dir, "no", "new.head")}, exitFailed, "make the folder first"},
		{[]string{"train", "--db", filepath.Join(dir, "no.db"), "--classifier", "lda", "--out", out}, exitFailed, "no such file"},
		{[]string{"train", "--db", db, "--classifier", "lda", "--split", foreign, "--out", out}, exitFailed, foreign},
		{[]string{"query", "--head", path, file}, exitUsage, "--model"},
		{[]string{"query", "--db", db, "--head", path, "--classifier", "lda", file}, exitUsage, "leave out one"},
		{[]string{"query", "--db", db, "--head", path, "--neighbours", "3", file}, exitUsage, "leave out one"},
		{[]string{"query", "--db", db, "--head", path, "--pictures", file}, exitUsage, "leave out one"},
		{[]string{"query", "--db", db, "--head", path, "--top-k", "4", file}, exitUsage, "3 classes"},
		{[]string{"query", "--db", other, "--head", path, file}, exitMismatch, "the head was made with channel_means"},
		{[]string{"query", "--model", "builtin", "--head", path, file}, exitMismatch, "the head was made with channel_means"},
		{[]string{"query", "--db", db, "--head", damaged, file}, exitFailed, "damaged"},
		{[]string{"query", "--db", db, "--head", foreign, file}, exitFailed, "not a safetensors file"},
		{[]string{"query", "--db", db, "--head", db, file}, exitFailed, "not a safetensors file"},
		{[]string{"query", "--db", db, "--head", filepath.Join(dir, "no.head"), file}, exitFailed, "no such file"},
		{[]string{"query", "--db", db, "--head", dir, file}, exitFailed, dir},
	}
	for _, tt := range tests {
		o := vs(t, tt.args...)
		last := strings.TrimSuffix(o.stderr, "\n")
		last = last[strings.LastIndex(last, "\n")+1:]
		if o.code != tt.code || !strings.Contains(last, tt.want) {
			t.Errorf("%q: code %d, last line %q, want %d and %q", tt.args, o.code, last, tt.code, tt.want)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a command that was refused has written a head")
	}
	mustVS(t, "train", "--db", db, "--classifier", "lda", "--force", "--out", foreign)
	mustVS(t, "train", "--db", db, "--classifier", "lda", "--out", foreign)
}

// A class that comes and goes again leaves no trace in the answers.
func TestQueriesOfAClassifierForgetClasses(t *testing.T) {
	pictures, db := encoded(t)
	ask := func() string {
		return mustVS(t, "query", "--format", "json", "--db", db, "--classifier", "lda", filepath.Join(pictures, "birch", "002.jpg")).stdout
	}
	want := ask()
	for i := range 2 {
		more := makePictures(t, 20+i, "a", "b", "c", "elm")
		mustVS(t, "db", "add", "--db", db, "--data", more)
		if i == 0 && ask() == want {
			t.Error("four classes more change nothing")
		}
		mustVS(t, "db", "merge", "--db", db, "--out", "d", "a", "b")
		mustVS(t, "db", "remove", "--db", db, "c", "d", "elm")
		if got := ask(); got != want {
			t.Errorf("round %d: %s, want %s", i, got, want)
		}
		wantParts(t, mustVS(t, "db", "verify", "--db", db).stdout, "verified: 3 classes, 30 pictures")
	}
}

// Databases whose pictures are hard for a covariance.
func TestClassifiersOfOddDatabases(t *testing.T) {
	odd := func(change func(dir string)) string {
		dir := makePictures(t, 12, "ash", "birch", "cedar")
		change(dir)
		db := filepath.Join(t.TempDir(), "a.db")
		mustVS(t, "encode", "--model", channelMeans, "--data", dir, "--db", db)
		return db
	}
	same := func(dir, class string, n int) {
		content := readFile(t, filepath.Join(dir, class, "000.jpg"))
		for i := range n {
			writeFile(t, filepath.Join(dir, class, fmt.Sprintf("%03d.jpg", i)), content)
		}
	}
	for name, db := range map[string]string{
		"a class of one picture": odd(func(dir string) {
			for i := 1; i < 12; i++ {
				os.Remove(filepath.Join(dir, "birch", fmt.Sprintf("%03d.jpg", i)))
			}
		}),
		"equal pictures in each class": odd(func(dir string) {
			for _, class := range []string{"ash", "birch", "cedar"} {
				same(dir, class, 12)
			}
		}),
		"two classes of equal pictures": odd(func(dir string) {
			for i := range 12 {
				file := fmt.Sprintf("%03d.jpg", i)
				writeFile(t, filepath.Join(dir, "birch", file), readFile(t, filepath.Join(dir, "ash", file)))
			}
		}),
	} {
		for _, kind := range []string{"lda", "ridge", "logistic"} {
			path := filepath.Join(t.TempDir(), "a.head")
			o := vs(t, "train", "--db", db, "--classifier", kind, "--out", path)
			if o.code != exitDone {
				t.Errorf("%s, %s: code %d, %s", name, kind, o.code, o.stderr)
				continue
			}
			if o := vs(t, "query", "--format", "json", "--db", db, "--head", path, filepath.Join("testdata", "none.jpg")); o.code != exitBadPictures {
				t.Errorf("%s, %s: code %d, %s", name, kind, o.code, o.stderr)
			}
		}
	}
}

func TestTrainKeepsTheSumsWhereItCan(t *testing.T) {
	pictures := makePictures(t, 10, "ash", "birch", "cedar")
	dir := t.TempDir()
	full, table, db := filepath.Join(dir, "full.db"), filepath.Join(dir, "a.safetensors"), filepath.Join(dir, "a.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", full)
	mustVS(t, "db", "export", "--db", full, table)
	mustVS(t, "db", "import", "--db", db, table)
	for _, path := range []string{full, db} {
		mustVS(t, "train", "--db", path, "--classifier", "lda", "--out", filepath.Join(dir, filepath.Base(path)+".head"))
		mustVS(t, "db", "verify", "--db", path)
	}
	// Databases of the same pictures give the same weights, whichever way they came.
	a, errA := head.Open(filepath.Join(dir, "full.db.head"))
	b, errB := head.Open(filepath.Join(dir, "a.db.head"))
	if errA != nil || errB != nil || !slices.Equal(a.Solution.Weights, b.Solution.Weights) || !slices.Equal(a.Classes, b.Classes) {
		t.Errorf("other heads (%v, %v)", errA, errB)
	}
}
