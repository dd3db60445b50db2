package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/report"
	"vs/search/exchange"
)

// reference is what Python gave for one model and seed.
type reference struct {
	Model              string
	Seed               uint64
	Runs               int `json:"runs_n"`
	Labels             []string
	Accuracy           referenceMean
	TopKAccuracy       referenceMean `json:"topk_accuracy"`
	CumulativeAccuracy []float64     `json:"cumulative_accuracy_last_run"`
	PerRun             []struct {
		Accuracy         float64
		TopKAccuracy     float64   `json:"topk_accuracy"`
		PerClassAccuracy []float64 `json:"per_class_accuracy"`
		Predictions      []int
		MinMargin        float64    `json:"min_margin"` // smallest difference between the best two similarities
		Valid            [][]string // for each label
	} `json:"runs"`
}

type referenceMean struct{ Mean, CI95 float64 }

// tie is the difference of similarities below which another order of the best two is no error.
const tie = 1e-5

func TestResultsAreThoseOfPython(t *testing.T) {
	models, golden := os.Getenv("VS_MODELS"), os.Getenv("VS_GOLDEN")
	if models == "" || golden == "" {
		t.Skip("VS_MODELS and VS_GOLDEN name no traced models and reference results")
	}
	for _, model := range []string{"mobilenetv3_small_100", "tiny_vit_5m_224", "tiny_vit_11m_224", "tiny_vit_21m_224"} {
		t.Run(model, func(t *testing.T) {
			db, embeddings := filepath.Join(t.TempDir(), "a.db"), filepath.Join(t.TempDir(), "a.npy")
			mustVS(t, "encode", "--model", filepath.Join(models, model+".pt"), "--data", filepath.Join(golden, "images"), "--db", db, "--npy", embeddings)
			compareEmbeddings(t, embeddings, filepath.Join(golden, model+".embeddings.npy"), embeddings+".txt")
			files, err := filepath.Glob(filepath.Join(golden, model+".seed*.json"))
			if err != nil || len(files) == 0 {
				t.Fatalf("no reference results for %s in %s (%v)", model, golden, err)
			}
			for _, file := range files {
				t.Run(filepath.Base(file), func(t *testing.T) { compareWithReference(t, db, file) })
			}
		})
	}
}

// compareEmbeddings compares the rows of two arrays, which have the same names, by their cosine.
func compareEmbeddings(t *testing.T, got, want, names string) {
	t.Helper()
	read := func(path string) *exchange.Table {
		rows, err := exchange.ReadNPY(bytes.NewReader(readFile(t, path)), bytes.NewReader(readFile(t, names)))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return rows
	}
	a, b := read(got), read(want)
	if a.Dim != b.Dim {
		t.Fatalf("embeddings of %d numbers, want %d", a.Dim, b.Dim)
	}
	for at := 0; at < len(a.Rows); at += a.Dim {
		var ab, aa, bb float64
		for k := at; k < at+a.Dim; k++ {
			x, y := float64(a.Rows[k]), float64(b.Rows[k])
			ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
		}
		if cosine := ab / math.Sqrt(aa*bb); !(cosine >= 0.99999) {
			t.Errorf("row %d: cosine with the reference %v", at/a.Dim, cosine)
		}
	}
}

func compareWithReference(t *testing.T, db, file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want reference
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}
	seed, err := json.Marshal(want.Seed)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := json.Marshal(want.Runs)
	if err != nil {
		t.Fatal(err)
	}
	o := mustVS(t, "eval", "--db", db, "--seed", string(seed), "--runs", string(runs), "--format", "json")
	evaluations, err := report.ReadJSON(strings.NewReader(o.stdout))
	if err != nil {
		t.Fatal(err)
	}
	got := evaluations[0]
	if got.Model != want.Model || !slices.Equal(got.Labels, want.Labels) || len(got.Runs) != want.Runs {
		t.Fatalf("%s with %d labels and %d runs, want %s with %d and %d",
			got.Model, len(got.Labels), len(got.Runs), want.Model, len(want.Labels), want.Runs)
	}
	ties := false
	for r, w := range want.PerRun {
		g := got.Runs[r]
		if w.Valid != nil {
			var names []string
			for c, list := range w.Valid {
				for _, name := range list {
					names = append(names, want.Labels[c]+"/"+name)
				}
			}
			if !slices.Equal(g.Files, names) {
				t.Errorf("run %d validates %v, want %v", r, g.Files, names)
			}
		}
		if w.MinMargin < tie {
			ties = true
			continue
		}
		if !slices.Equal(g.Predictions, w.Predictions) {
			t.Errorf("run %d predicts %v, want %v", r, g.Predictions, w.Predictions)
		}
		if g.Accuracy != w.Accuracy || !slices.Equal(g.PerClassAccuracy, w.PerClassAccuracy) {
			t.Errorf("run %d: accuracy %v, classes %v; want %v, %v", r, g.Accuracy, g.PerClassAccuracy, w.Accuracy, w.PerClassAccuracy)
		}
	}
	if ties {
		t.Logf("some pictures have two classes within %g of each other; means are not compared", tie)
		return
	}
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	near("accuracy", got.Accuracy.Mean, want.Accuracy.Mean)
	near("half-width", got.Accuracy.HalfWidth, want.Accuracy.CI95)
	near("top-4 accuracy", got.TopKAccuracy.Mean, want.TopKAccuracy.Mean)
	near("top-4 half-width", got.TopKAccuracy.HalfWidth, want.TopKAccuracy.CI95)
	if !slices.Equal(got.Cumulative.Accuracies, want.CumulativeAccuracy) {
		t.Errorf("cumulative accuracy %v, want %v", got.Cumulative.Accuracies, want.CumulativeAccuracy)
	}
}
