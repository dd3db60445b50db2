package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/report"
)

// realPhotographs returns a database of the real photographs beside the reference results, embedded
// by a trained model.
func realPhotographs(t *testing.T) (db, golden string) {
	t.Helper()
	models, golden := os.Getenv("VS_MODELS"), os.Getenv("VS_GOLDEN")
	if models == "" || golden == "" {
		t.Skip("VS_MODELS and VS_GOLDEN name no traced models and reference results")
	}
	model, pictures := filepath.Join(models, "mobilenet_v2_real.pt"), filepath.Join(golden, "../real/clothing")
	for _, path := range []string{model, pictures} {
		if _, err := os.Stat(path); err != nil {
			t.Skipf("no trained model or real photographs: %v", err)
		}
	}
	db = filepath.Join(t.TempDir(), "real.db")
	mustVS(t, "encode", "--model", model, "--data", pictures, "--db", db)
	return db, golden
}

func evaluationOf(t *testing.T, args ...string) *report.Evaluation {
	t.Helper()
	o := mustVS(t, append([]string{"eval", "--format", "json"}, args...)...)
	list, err := report.ReadJSON(strings.NewReader(o.stdout))
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

func TestTheDiscriminantIsThatOfNumPyOnRealPhotographs(t *testing.T) {
	db, golden := realPhotographs(t)
	text, err := os.ReadFile(filepath.Join(golden, "mobilenet_v2_real.lda.seed17.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Labels []string
		Runs   []map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for name, parameters := range map[string][]string{
		"p1_l03":  {"--power", "1", "--shrinkage", "0.3"},
		"p05_l03": {"--power", "0.5", "--shrinkage", "0.3"},
		"p05_l05": {"--power", "0.5", "--shrinkage", "0.5"},
	} {
		got := evaluationOf(t, append(parameters, "--db", db, "--classifier", "lda")...)
		if len(got.Runs) != len(file.Runs) || !slices.Equal(got.Labels, file.Labels) {
			t.Fatalf("%d runs of %v, want %d of %v", len(got.Runs), got.Labels, len(file.Runs), file.Labels)
		}
		for r, fields := range file.Runs {
			var files []string
			var want struct {
				Predictions []int
				MinMargin   float64 `json:"min_margin"` // smallest difference between the best two scores
			}
			if err := json.Unmarshal(fields["files"], &files); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(fields[name], &want); err != nil {
				t.Fatal(err)
			}
			switch {
			case !slices.Equal(got.Runs[r].Files, files):
				t.Errorf("run %d asks about %v, want %v", r, got.Runs[r].Files, files)
			case want.MinMargin > 1e-6 && !slices.Equal(got.Runs[r].Predictions, want.Predictions):
				t.Errorf("%s, run %d: %v, want %v", name, r, got.Runs[r].Predictions, want.Predictions)
			}
		}
	}

	mean, chosen := evaluationOf(t, "--db", db).Accuracy.Mean, evaluationOf(t, "--db", db, "--classifier", "lda").Accuracy.Mean
	if chosen < 0.55 || chosen < mean+0.2 {
		t.Errorf("with parameters that are chosen the discriminant has %.3f, the mean %.3f", chosen, mean)
	}
}
