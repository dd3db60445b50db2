package plot

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data/atomicfile"
	"vs/report"
)

func model(t *testing.T, name string) Model {
	m := Model{Evaluation: evaluation(t, name, trees, "012012", "112012", "112112"), Dim: 2, Means: []float32{1, 0, 0, 1, 1, 1}}
	for i := range 6 {
		m.Embeddings = append(m.Embeddings, float32(i), 1)
		m.Classes = append(m.Classes, i%3)
		m.Files = append(m.Files, m.Evaluation.Runs[0].Files[i])
	}
	return m
}

// saveAll writes the plots of some models.
func saveAll(t *testing.T, dir string, models []Model) error {
	files := atomicfile.NewGroup(t.Context())
	defer files.Discard()
	if err := AddAll(t.Context(), files, dir, models, Options{}); err != nil {
		return err
	}
	return files.Commit()
}

func TestSaveAllWritesPlotsAndTheirNumbers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "plots")
	if err := saveAll(t, dir, []Model{model(t, "a/b"), model(t, "a/b")}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{
		"a_b.class_similarity", "a_b.confusion", "a_b.map", "a_b_2.class_similarity", "a_b_2.confusion", "a_b_2.map",
		"accuracy_per_run", "cumulative_accuracy",
	} {
		want = append(want, name+".csv", name+".png", name+".svg")
	}
	want = append(want, "a_b.classes.csv", "a_b_2.classes.csv", "a_b.suspicious.csv", "a_b_2.suspicious.csv")
	slices.Sort(want)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o644 || info.Size() == 0 {
			t.Errorf("%s: mode %v, %d bytes", entry.Name(), info.Mode(), info.Size())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}

	tables := []struct {
		name string
		rows int
		want string // a row
	}{
		{"cumulative_accuracy", 1 + 2*4, "a/b (2),1,1"},
		{"accuracy_per_run", 1 + 2*3, ""},
		{"a_b.class_similarity", 1 + 3, "ash,1,0,0.7071067811865475"},
		{"a_b.confusion", 1 + 4, ""},
		{"a_b.classes", 1 + 3, ""},
		{"a_b.suspicious", 1 + 1, "ash/0.jpg,ash,"}, // wrong in two of three runs
		{"a_b.map", 1 + 6, ""},
	}
	for _, table := range tables {
		text, err := os.ReadFile(filepath.Join(dir, table.name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != table.rows || !strings.Contains(string(text), table.want) {
			t.Errorf("%s: %d rows, want %d and %q in\n%s", table.name, len(rows), table.rows, table.want, text)
		}
	}
}

// Picture 0 is wrong in two of three runs, picture 3 in one.
func TestMapMarksPicturesThatAreWrongInMostRuns(t *testing.T) {
	m := model(t, "a")
	if got, want := m.wrong(), []bool{true, false, false, false, false, false}; !slices.Equal(got, want) {
		t.Errorf("wrong: %v, want %v", got, want)
	}
	m.Files[1] = "not/evaluated.jpg"
	p, err := report.PCA(t.Context(), m.Embeddings, m.Dim)
	if err != nil {
		t.Fatal(err)
	}
	records := mapRecords(m, p, m.wrong())
	if r := records[1]; r[0] != "ash/0.jpg" || r[1] != "ash" || r[4] != "true" {
		t.Errorf("first row %q", r)
	}
	if r := records[2]; r[0] != "not/evaluated.jpg" || r[4] != "false" {
		t.Errorf("second row %q", r)
	}
}

func TestSaveAllErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	with := func(change func(m *Model)) []Model {
		m := model(t, "a")
		change(&m)
		return []Model{m}
	}
	tests := []struct {
		name   string
		dir    string
		models []Model
		want   string
	}{
		{"nothing to draw", t.TempDir(), nil, "save plots: no evaluations to draw"},
		{"a file in place of the folder", file, with(func(m *Model) {}), "not a directory"},
		{"means of other classes", t.TempDir(), with(func(m *Model) { m.Means = m.Means[2:] }), `model "a": means of 4 numbers, but there are 3 labels and 2 elements`},
		{"fewer files than embeddings", t.TempDir(), with(func(m *Model) { m.Files = m.Files[1:] }), "12 embedding numbers and 6 classes for 5 files of 2 elements"},
		{"a class that does not exist", t.TempDir(), with(func(m *Model) { m.Classes[4] = 3 }), "birch/4.jpg: class 3, but there are 3 labels"},
		{"no pictures", t.TempDir(), with(func(m *Model) { m.Files, m.Classes, m.Embeddings = nil, nil, nil }), "no embeddings"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := saveAll(t, test.dir, test.models)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestAPlotThatCannotBeWrittenLeavesTheOthersAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	// A folder of that name cannot be replaced by a file.
	if err := os.MkdirAll(filepath.Join(dir, "accuracy_per_run.svg", "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(dir, "cumulative_accuracy.png")
	if err := os.WriteFile(old, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := saveAll(t, dir, []Model{model(t, "a")}); err == nil || !strings.Contains(err.Error(), "accuracy_per_run.svg") {
		t.Errorf("error %v, want one that names the file", err)
	}
	if text, err := os.ReadFile(old); err != nil || string(text) != "old" {
		t.Errorf("another plot has changed: %q, %v", text, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%v is left (%v)", entries, err)
	}
}

func TestDrawingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	files := atomicfile.NewGroup(t.Context())
	defer files.Discard()
	if err := AddAll(ctx, files, t.TempDir(), []Model{model(t, "a")}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}
