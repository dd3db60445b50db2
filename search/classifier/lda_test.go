package classifier

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"vs/torch"
)

// reference is a case that scripts/make_classifier_fixtures.py made.
type reference struct {
	Dim              int
	Class            []int
	Embeddings       []float32
	Queries          []float32
	Power, Shrinkage float64
	Counts           bool
	LogProbabilities [][]float64 `json:"log_probabilities"`
	LeftOut          [][]float64 `json:"left_out"`
}

func (r reference) lda() LDA {
	return LDA{Power: Given(r.Power), Shrinkage: Given(r.Shrinkage), Counts: r.Counts}
}

func (r reference) examples() *Examples {
	x := &Examples{Embeddings: r.Embeddings, Dim: r.Dim, Classes: slices.Max(r.Class) + 1, Class: r.Class}
	for i := range r.Class {
		x.Rows = append(x.Rows, i)
	}
	return x
}

func references(t *testing.T) []reference {
	t.Helper()
	text, err := os.ReadFile("testdata/lda.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []reference }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

// logProbabilities turns scores at temperature 1 into log-probabilities.
func logProbabilities(scores []float64) []float64 {
	out := slices.Clone(scores)
	largest := slices.Max(scores)
	var sum float64
	for _, s := range scores {
		sum += math.Exp(s - largest)
	}
	for i := range out {
		out[i] -= largest + math.Log(sum)
	}
	return out
}

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-7*max(1, math.Abs(want[i])) {
			t.Fatalf("%s: %v, scikit-learn has %v", what, got, want)
		}
	}
}

func TestLDAIsThatOfScikitLearn(t *testing.T) {
	for n, r := range references(t) {
		x := r.examples()
		l, err := r.lda().Fit(t.Context(), torch.CPU, x)
		if err != nil {
			t.Fatalf("case %d: %v", n, err)
		}
		scores := make([]float64, x.Classes)
		for i, want := range r.LogProbabilities {
			l.Scores(r.Queries[i*r.Dim:(i+1)*r.Dim], scores)
			near(t, fmt.Sprintf("case %d, query %d", n, i), logProbabilities(scores), want)
		}
	}
}

func TestLeaveOneOutIsFittingWithoutEachPicture(t *testing.T) {
	for n, r := range references(t) {
		x := r.examples()
		left, err := r.lda().LeaveOneOut(t.Context(), torch.CPU, x)
		if err != nil {
			t.Fatalf("case %d: %v", n, err)
		}
		seen := 0
		err = left.Scores(x.Rows, func(row int, scores []float64) {
			seen++
			near(t, fmt.Sprintf("case %d, picture %d", n, row), logProbabilities(scores), r.LeftOut[row])
		})
		if err != nil || seen != len(x.Rows) {
			t.Fatalf("case %d: %d of %d scored: %v", n, seen, len(x.Rows), err)
		}
	}
}
