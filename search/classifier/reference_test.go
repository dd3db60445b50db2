package classifier

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"vs/search/calibration"
	"vs/torch"
)

// reference is a case that scripts/make_classifier_fixtures.py made.
type reference struct {
	Dim                       int
	Class                     []int
	Instances                 int
	Embeddings                []float32
	Pictures                  []float32 // nil: the embeddings
	Queries                   []float32
	Power, Shrinkage, Penalty float64
	Counts                    bool
	Scores                    [][]float64
	LeftOut                   [][]float64 `json:"left_out"`

	kind string
}

func (r reference) spec() Spec {
	s := Spec{Kind: r.kind, Power: Given(r.Power), Counts: r.Counts}
	if r.kind == LDA {
		s.Shrinkage = Given(r.Shrinkage)
	} else {
		s.Penalty = Given(r.Penalty)
	}
	return s
}

func (r reference) examples() *Examples {
	x := &Examples{Embeddings: r.Embeddings, Instances: r.Instances, Queries: r.Pictures, Dim: r.Dim, Classes: slices.Max(r.Class) + 1, Class: r.Class}
	for i := range r.Class {
		x.Rows = append(x.Rows, i)
	}
	return x
}

// eachReference calls f for the cases of all kinds.
func eachReference(t *testing.T, f func(t *testing.T, r reference)) {
	t.Helper()
	for _, kind := range Kinds {
		text, err := os.ReadFile("testdata/" + kind + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Cases []reference }
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for i, r := range file.Cases {
			r.kind = kind
			t.Run(fmt.Sprintf("%s %d", kind, i), func(t *testing.T) { f(t, r) })
		}
	}
}

// scoresOf returns the scores of embeddings, [N, D], in turn.
func scoresOf(t *testing.T, l *Linear, x *Examples, embeddings []float32) [][]float64 {
	t.Helper()
	rows := make([]int, len(embeddings)/x.Dim)
	for i := range rows {
		rows[i] = i
	}
	var list [][]float64
	scores := make([]float64, x.Classes)
	if err := l.Scores(torch.CPU, embeddings, rows, scores, func(int) { list = append(list, slices.Clone(scores)) }); err != nil {
		t.Fatal(err)
	}
	return list
}

// check compares scores with those of scikit-learn, which are log-probabilities but for least
// squares.
func (r reference) check(t *testing.T, what string, got, want []float64) {
	t.Helper()
	tolerance := 1e-7
	if r.kind == Logistic {
		tolerance = 1e-4 // both end where the gradient is small
	}
	if r.kind != Ridge {
		got = slices.Clone(got)
		logSum := calibration.Probabilities(slices.Clone(got), 1)
		for i := range got {
			got[i] -= logSum
		}
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > tolerance*max(1, math.Abs(want[i])) {
			t.Fatalf("%s: %v, scikit-learn has %v", what, got, want)
		}
	}
}

func TestFittingIsThatOfScikitLearn(t *testing.T) {
	eachReference(t, func(t *testing.T, r reference) {
		x := r.examples()
		l, err := r.spec().Fit(t.Context(), torch.CPU, x)
		if err != nil {
			t.Fatal(err)
		}
		for i, scores := range scoresOf(t, l, x, r.Queries) {
			r.check(t, fmt.Sprintf("query %d", i), scores, r.Scores[i])
		}
	})
}

func TestLeaveOneOutIsFittingWithoutEachPicture(t *testing.T) {
	eachReference(t, func(t *testing.T, r reference) {
		x := r.examples()
		left, err := r.spec().LeaveOneOut(t.Context(), torch.CPU, x)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		err = left.Scores(t.Context(), x.Rows, func(row int, scores []float64, _ float64) {
			seen++
			r.check(t, fmt.Sprintf("picture %d", row), scores, r.LeftOut[row])
		})
		if err != nil || seen != len(x.Rows) {
			t.Fatalf("%d of %d scored: %v", seen, len(x.Rows), err)
		}
	})
}

// Ridge on random projections is ridge on their positive parts.
func TestProjectionsAreFeatures(t *testing.T) {
	x := clouds(4, 9, 7)
	const projections = 6
	lift := newFeatures(1, x.Dim, projections, 3)
	lifted := &Examples{Dim: projections, Classes: x.Classes, Class: x.Class, Rows: x.Rows}
	for row := range x.Class {
		var squares float64
		v := x.Embeddings[row*x.Dim : (row+1)*x.Dim]
		for _, c := range v {
			squares += float64(c) * float64(c)
		}
		for m := range projections {
			var sum float64
			for j, c := range v {
				sum += float64(c) / math.Sqrt(squares) * lift.random.row(j)[m]
			}
			lifted.Embeddings = append(lifted.Embeddings, float32(max(0, sum)))
		}
	}
	scores := func(spec Spec, x *Examples) [][]float64 {
		l, err := spec.Fit(t.Context(), torch.CPU, x)
		if err != nil {
			t.Fatal(err)
		}
		return scoresOf(t, l, x, x.Embeddings)
	}
	got := scores(Spec{Kind: Ridge, Power: Given(1), Penalty: Given(0.1), Projections: projections, Seed: 3}, x)
	want := scores(Spec{Kind: Ridge, Power: Given(1), Penalty: Given(0.1)}, lifted)
	for row := range got {
		for c := range got[row] {
			if math.Abs(got[row][c]-want[row][c]) > 1e-5 {
				t.Fatalf("picture %d scores %v, its projections %v", row, got[row], want[row])
			}
		}
	}
}
