package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/data/atomicfile"
	"vs/report"
	"vs/report/plot"
	"vs/search/database"
	"vs/search/evaluation"
)

func TestSavePlots(t *testing.T) {
	set := &database.Embeddings{
		Labels: []string{"ash", "birch"}, Counts: []int{2, 2}, Dim: 2,
		Names: []string{"1.jpg", "2.jpg", "1.jpg", "2.jpg"}, Vectors: []float32{1, 0, 2, 1, 0, 1, 1, 2},
	}
	run := report.Run{Files: set.Files(), Targets: set.Classes(), TopK: [][]int{{0}, {1}, {1}, {1}}}
	e, err := report.Evaluate(report.Setup{
		Model: "channel_means", EmbeddingDim: 2, Labels: set.Labels, NumPictures: 4, Part: "valid", TopK: 1, Confidence: 0.95,
	}, []report.Run{run})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := evaluation.Source{Embeddings: set}
	files := atomicfile.NewGroup(t.Context())
	defer files.Discard()
	both := &evaluation.Outcome{Sources: []evaluation.Source{s, s}, Evaluations: []*report.Evaluation{e, e}}
	if err := plot.AddAll(t.Context(), files, dir, plotsOf(both), plot.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := files.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cumulative_accuracy.svg", "accuracy_per_run.png", "channel_means.confusion.png", "channel_means_2.class_similarity.svg"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "channel_means.map.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if !strings.HasPrefix(lines[2], "ash/2.jpg,ash,") || !strings.HasSuffix(lines[2], ",true") {
		t.Errorf("the picture that is wrong has the row %q", lines[2])
	}
}
