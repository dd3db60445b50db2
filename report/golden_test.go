package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAgreesWithReference recomputes the Python reference's statistics from its
// predictions. Accuracies must be equal, intervals within 1e-12.
func TestAgreesWithReference(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(goldenDir(t), "*.seed*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no *.seed*.json in VS_GOLDEN: %v", err)
	}
	for _, file := range files {
		if strings.Count(filepath.Base(file), ".") > 2 { // MODEL.METHOD.seedS.json: another method's predictions
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) { compareWithReference(t, file) })
	}
}

type referenceEstimate struct {
	Mean float64 `json:"mean"`
	CI95 float64 `json:"ci95"`
}

func compareWithReference(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Labels       []string          `json:"labels"`
		Accuracy     referenceEstimate `json:"accuracy"`
		TopKAccuracy referenceEstimate `json:"topk_accuracy"`
		Cumulative   []float64         `json:"cumulative_accuracy_last_run"`
		Runs         []struct {
			Accuracy         float64   `json:"accuracy"`
			TopKAccuracy     float64   `json:"topk_accuracy"`
			PerClassAccuracy []float64 `json:"per_class_accuracy"`
			Predictions      []int     `json:"predictions"`
		} `json:"runs"`
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	var runs []Run
	var topK []float64
	for _, reference := range want.Runs {
		var run Run
		perClass := len(reference.Predictions) / len(want.Labels)
		for i, prediction := range reference.Predictions {
			target := i / perClass
			run.Files = append(run.Files, fmt.Sprintf("%s/%d", want.Labels[target], i))
			run.Targets = append(run.Targets, target)
			run.TopK = append(run.TopK, []int{prediction})
		}
		runs = append(runs, run)
		topK = append(topK, reference.TopKAccuracy)
	}
	got, err := Evaluate(Setup{Labels: want.Labels, Part: "valid", TopK: 1, Confidence: 0.95, EvalTrainRatio: 0.25}, runs)
	if err != nil {
		t.Fatal(err)
	}
	for i, reference := range want.Runs {
		if got.Runs[i].Accuracy != reference.Accuracy {
			t.Errorf("run %d: accuracy %v, want %v", i, got.Runs[i].Accuracy, reference.Accuracy)
		}
		if !slices.Equal(got.Runs[i].PerClassAccuracy, reference.PerClassAccuracy) {
			t.Errorf("run %d: class accuracies %v, want %v", i, got.Runs[i].PerClassAccuracy, reference.PerClassAccuracy)
		}
	}
	compareEstimate(t, "accuracy", got.Accuracy, want.Accuracy)
	// The reference keeps the best class of each picture only, so its top-k
	// accuracies of the runs are taken as given.
	compareEstimate(t, "top-k accuracy", NewEstimate(topK, 0.95, 0.25), want.TopKAccuracy)
	if !slices.Equal(got.Cumulative.Accuracies, want.Cumulative) {
		t.Errorf("cumulative accuracy %v, want %v", got.Cumulative.Accuracies, want.Cumulative)
	}
}

func compareEstimate(t *testing.T, name string, got Estimate, want referenceEstimate) {
	t.Helper()
	if !near(got.Mean, want.Mean, 1e-12) || !near(got.HalfWidth, want.CI95, 1e-12) {
		t.Errorf("%s %v ± %v, want %v ± %v", name, got.Mean, got.HalfWidth, want.Mean, want.CI95)
	}
}
