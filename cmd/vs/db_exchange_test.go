package main

import (
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vs/search/exchange"
)

// ending is that of a format's files.
func ending(format exchange.Format) string {
	if format == exchange.CSVZip {
		return ".zip"
	}
	return "." + string(format)
}

func TestExportedPicturesEvaluateTheSame(t *testing.T) {
	_, db := encoded(t)
	want := mustVS(t, "eval", "--db", db, "--format", "json").stdout
	for _, format := range exchange.Formats {
		t.Run(string(format), func(t *testing.T) {
			dir := t.TempDir()
			file, again := filepath.Join(dir, "trees"+ending(format)), filepath.Join(dir, "again.db")
			o := mustVS(t, "db", "export", "--db", db, file)
			wantParts(t, strings.Join(strings.Fields(o.stdout), " "), "pictures: 30", "embedding size: 6", "format: "+string(format))
			o = mustVS(t, "db", "import", "--db", again, "--model", channelMeans, file)
			wantParts(t, strings.Join(strings.Fields(o.stdout), " "), "pictures: 30", "new: 30", "replaced: 0", "unchanged: 0")
			if got := mustVS(t, "eval", "--db", again, "--format", "json").stdout; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			o = mustVS(t, "db", "import", "--db", db, file)
			wantParts(t, strings.Join(strings.Fields(o.stdout), " "), "new: 0", "replaced: 0", "unchanged: 30")
		})
	}
}

func TestExportedClassesAnswerTheSame(t *testing.T) {
	pictures, db := encoded(t)
	query := func(db string) string {
		return mustVS(t, "query", "--db", db, "--model", channelMeans, "--format", "json", "--top-k", "3", filepath.Join(pictures, "ash", "000.jpg")).stdout
	}
	dir := t.TempDir()
	file, again := filepath.Join(dir, "means.parquet"), filepath.Join(dir, "again.db")
	mustVS(t, "db", "export", "--db", db, "--what", "classes", file)
	mustVS(t, "db", "import", "--db", again, file)
	// A class of one vector has no pictures to find probabilities by.
	probability := regexp.MustCompile(`,"probability":[0-9.e-]+`)
	if got, want := query(again), probability.ReplaceAllString(query(db), ""); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExchangeRefusals(t *testing.T) {
	_, db := encoded(t)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"a.npy", "a.safetensors"} {
		mustVS(t, "db", "export", "--db", db, file(name))
	}
	mustVS(t, "db", "export", "--db", db, "--what", "classes", file("means.zip"))
	other := file("other.db")
	mustVS(t, "encode", "--model", "builtin", "--data", makePictures(t, 2, "ash"), "--db", other)
	changed, err := exchange.Read(file("a.npy"), exchange.NPY)
	if err != nil {
		t.Fatal(err)
	}
	changed.Rows[0]++
	if err := exchange.Write(file("changed.npy"), exchange.NPY, changed); err != nil {
		t.Fatal(err)
	}
	writeFile(t, file("text.zip"), []byte("text"))

	export := func(args ...string) []string { return append([]string{"db", "export", "--db", db}, args...) }
	imported := func(db string, args ...string) []string { return append([]string{"db", "import", "--db", db}, args...) }
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"export without a database", []string{"db", "export", file("b.npy")}, exitUsage, "--db is missing"},
		{"export without a file", export(), exitUsage, "name one file"},
		{"export to two files", export(file("b.npy"), file("c.npy")), exitUsage, "name one file"},
		{"export to a file of no known ending", export(file("b.csv")), exitUsage, "--format"},
		{"export in an unknown format", export("--format", "tar", file("b.npy")), exitUsage, `"tar"`},
		{"export of something else", export("--what", "videos", file("b.npy")), exitUsage, `"videos"`},
		{"export over the database", export("--format", "npy", db), exitUsage, "it is the file of --db"},
		{"export into a folder that is not there", export(filepath.Join(dir, "no", "b.npy")), exitFailed, "b.npy"},
		{"export of a database that is not there", []string{"db", "export", "--db", file("no.db"), file("b.npy")}, exitFailed, "no.db"},
		{"import of a file that is not there", imported(db, file("no.npy")), exitFailed, "no.npy"},
		{"import of a file that is something else", imported(db, file("text.zip")), exitFailed, "ZIP archive"},
		{"import in the wrong format", imported(db, "--format", "parquet", file("a.npy")), exitFailed, "not a Parquet file"},
		{"import into a new database without a model", imported(file("new.db"), file("a.npy")), exitFailed, "--model"},
		{"import of another model's embeddings", imported(other, file("a.safetensors")), exitMismatch, "do not match"},
		{"import of embeddings of another size", imported(other, file("a.npy")), exitMismatch, "do not match"},
		{"import of embeddings of another size into a new database", imported(file("new.db"), "--model", "builtin", file("a.npy")), exitMismatch, "do not match"},
		{"import with another model", imported(db, "--model", "builtin", file("a.npy")), exitMismatch, "do not match"},
		{"import of pictures with other content", imported(db, file("changed.npy")), exitFailed, "ash/000.jpg"},
		{"import of means of classes with pictures", imported(db, file("means.zip")), exitFailed, "class ash"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vs(t, tt.args...)
			if o.code != tt.code || !strings.Contains(o.stderr, tt.want) || strings.Count(o.stderr, "\n") != 1 {
				t.Errorf("exit code %d, %q; want %d and one line with %q", o.code, o.stderr, tt.code, tt.want)
			}
			if o.stdout != "" {
				t.Errorf("stdout %q", o.stdout)
			}
		})
	}
	if _, err := os.Stat(file("new.db")); err == nil {
		t.Error("a database was made that belongs to no model")
	}
	o := mustVS(t, "db", "import", "--db", db, "--replace", file("changed.npy"))
	wantParts(t, strings.Join(strings.Fields(o.stdout), " "), "replaced: 1", "unchanged: 29")
}

// pythonWithPandas is an interpreter that has pandas.
func pythonWithPandas(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} { // the second is the distribution's, if another one comes first
		if exec.Command(python, "-c", "import pandas").Run() == nil {
			return python
		}
	}
	t.Skip("no python3 with pandas here")
	return ""
}

// scripts/check_exchange.py reads the files with the tools that they are for.
func TestOtherToolsReadTheSame(t *testing.T) {
	python := pythonWithPandas(t)
	_, db := encoded(t)
	dir := t.TempDir()
	for _, format := range exchange.Formats {
		for _, what := range []exchange.What{exchange.Classes, exchange.Pictures} {
			mustVS(t, "db", "export", "--db", db, "--what", string(what), filepath.Join(dir, string(what)+ending(format)))
		}
		if err := exchange.Write(filepath.Join(dir, "numbers"+ending(format)), format, anyNumbers()); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(python, "../../scripts/check_exchange.py", dir).CombinedOutput()
	t.Logf("%s", out)
	for _, name := range []string{"classes", "pictures", "numbers"} {
		wantParts(t, string(out), name+".npy: the same", name+".zip: the same")
	}
	if err != nil {
		t.Error(err)
	}
}

// anyNumbers are float32 of all sizes under labels that are easily taken for something else.
func anyNumbers() *exchange.Table {
	t := &exchange.Table{What: exchange.Classes, Dim: 500, Model: &exchange.Model{Name: "m", Hash: "0", Recipe: "none", EmbeddingDim: 500, Metadata: "{}"}}
	random := rand.New(rand.NewPCG(3, 4))
	for _, label := range []string{"001", "1e5", "NA", "null", "None", "true", "-", "a, b", `"q"`, " x ", "犬", "#", "=1"} {
		t.Labels = append(t.Labels, label)
		for len(t.Rows) < len(t.Labels)*t.Dim {
			if v := math.Float32frombits(random.Uint32()); v-v == 0 { // neither infinity nor NaN
				t.Rows = append(t.Rows, v)
			}
		}
	}
	return t
}
