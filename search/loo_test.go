package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vs/data"
	"vs/search/classifier"
	"vs/search/database"
	"vs/torch/torchtest"
)

// Leaving one picture out is an evaluation with as many splits as pictures, each of which has one
// for validation.
func TestLeaveOneOutIsAnEvaluationWithASplitAPicture(t *testing.T) {
	for _, augmented := range []bool{false, true} {
		set := noisySet([]int{9, 14, 2, 11}, 7, augmented)
		class := set.Classes()
		splits := make([]data.Split, len(class))
		for i := range splits {
			all := data.Indices(len(class))
			splits[i] = data.Split{Train: slices.Concat(all[:i], all[i+1:]), Valid: []int{i}}
		}
		for _, m := range allMethods([]int{8, 9, 30}) {
			t.Run(fmt.Sprintf("%v, augmented %v", m, augmented), func(t *testing.T) {
				got, err := LeaveOneOut(context.Background(), set, torchtest.Device(t), 4, m)
				if err != nil {
					t.Fatal(err)
				}
				want, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 4, m)
				if err != nil {
					t.Fatal(err)
				}
				for i := range splits {
					checkAnswer(t, got.Classes[i], got.Margins[i], bruteScores(set, splits[i].Train, i, m), class[i])
					if !slices.Equal(got.Classes[i], want[i].Classes[0]) {
						t.Errorf("picture %d is %v, evaluated alone %v", i, got.Classes[i], want[i].Classes[0])
					}
					if a, b := float64(got.Margins[i]), float64(want[i].Margins[0]); math.Abs(a-b) > 1e-5*max(1, math.Abs(b)) {
						t.Errorf("picture %d has margin %v, evaluated alone %v", i, a, b)
					}
				}
			})
		}
	}
}

// Leaving one content out is an evaluation with as many splits, each of which has the pictures of
// one content for validation.
func TestLeaveContentsOutIsAnEvaluationWithASplitAContent(t *testing.T) {
	for _, augmented := range []bool{false, true} {
		set := noisySet([]int{9, 14, 3, 11}, 7, augmented)
		class := set.Classes()
		contents := data.Indices(len(class))
		copyOf := func(first int, pictures ...int) { // also what encode makes of equal pictures: equal embeddings
			for _, i := range pictures {
				contents[i] = first
				copy(set.Vectors[i*7:(i+1)*7], set.Vectors[first*7:(first+1)*7])
				if augmented {
					copy(set.Training[i*7:(i+1)*7], set.Training[first*7:(first+1)*7])
				}
			}
		}
		copyOf(0, 3, 4)        // within a class
		copyOf(1, 10, 24)      // across three classes
		copyOf(12, 13, 30, 31) // within and across
		equal := equalPictures(contents)
		var splits []data.Split
		for _, pictures := range equal {
			if pictures == nil {
				continue
			}
			var split data.Split
			for i := range class {
				if contents[i] == pictures[0] {
					split.Valid = append(split.Valid, i)
				} else {
					split.Train = append(split.Train, i)
				}
			}
			splits = append(splits, split)
		}
		for _, m := range append(allMethods([]int{6, 8, 20}), Method{Classifier: classifier.Spec{Kind: "lda"}}) {
			t.Run(fmt.Sprintf("%v, augmented %v", m, augmented), func(t *testing.T) {
				got, err := LeaveContentsOut(context.Background(), set, contents, torchtest.Device(t), 4, m)
				if err != nil {
					t.Fatal(err)
				}
				want, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 4, m)
				if err != nil {
					t.Fatal(err)
				}
				for r, split := range splits {
					for n, i := range split.Valid {
						if !slices.Equal(got.Classes[i], want[r].Classes[n]) {
							t.Errorf("picture %d is %v, evaluated alone %v", i, got.Classes[i], want[r].Classes[n])
						}
						if a, b := float64(got.Margins[i]), float64(want[r].Margins[n]); math.Abs(a-b) > 1e-5*max(1, math.Abs(b)) {
							t.Errorf("picture %d has margin %v, evaluated alone %v", i, a, b)
						}
					}
				}
			})
		}
	}
}

func TestLeaveContentsOutErrors(t *testing.T) {
	set := noisySet([]int{4, 2}, 3, false)
	for _, m := range []Method{{}, {Neighbours: 1}} {
		_, err := LeaveContentsOut(context.Background(), set, []int{0, 1, 2, 3, 4, 4}, torchtest.Device(t), 1, m)
		if err == nil || !strings.Contains(err.Error(), `the 2 pictures of class "class1" have one content`) {
			t.Errorf("%v: a class of one content gives error %v", m, err)
		}
		if _, err = LeaveContentsOut(context.Background(), set, []int{0, 1}, torchtest.Device(t), 1, m); err == nil || !strings.Contains(err.Error(), "2 contents for 6 pictures") {
			t.Errorf("%v: error %v", m, err)
		}
	}
	if _, err := LeaveContentsOut(context.Background(), set, []int{0, 0, 0, 3, 4, 5}, torchtest.Device(t), 1, Method{Neighbours: 4}); err == nil {
		t.Error("4 neighbours of 3 pictures are accepted")
	}
}

// With two pictures a class, each is answered by the other alone.
func TestLeaveOneOutByHand(t *testing.T) {
	set := &database.Embeddings{
		Labels: []string{"x", "y"}, Counts: []int{2, 2}, Dim: 2, Names: make([]string, 4),
		Vectors: []float32{1, 0, 0.8, 0.6, 0, 1, -1, 0},
	}
	// x/0 is (1, 0): x without it is (0.8, 0.6), cosine 0.8; y is the mean (−0.5, 0.5): right.
	// x/1 is (0.8, 0.6): x without it is (1, 0), 0.8; y −0.14/0.707…: right.
	// y/0 is (0, 1): y without it is (−1, 0), 0; x is (0.9, 0.3), 0.316: wrong.
	// y/1 is (−1, 0): y without it is (0, 1), 0; x −0.949: right.
	got, err := LeaveOneOut(context.Background(), set, torchtest.Device(t), 1, Method{})
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]int{{0}, {0}, {0}, {1}}; fmt.Sprint(got.Classes) != fmt.Sprint(want) {
		t.Errorf("answers %v, want %v", got.Classes, want)
	}
	wantNear(t, got.Margins, []float64{0, 0, 0.31622776601683794, 0})
}

func TestLeaveOneOutErrors(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, m := range []Method{{}, {Neighbours: 1}} {
		set := noisySet([]int{4, 1}, 3, false)
		if _, err := LeaveOneOut(context.Background(), set, torchtest.Device(t), 1, m); err == nil || !strings.Contains(err.Error(), `class "class1" has one picture`) {
			t.Errorf("%v: a class of one picture gives error %v", m, err)
		}
		set = noisySet([]int{4, 2}, 3, false)
		if _, err := LeaveOneOut(context.Background(), set, torchtest.Device(t), 3, m); err == nil || !strings.Contains(err.Error(), "top 3 of 2 classes") {
			t.Errorf("%v: top 3 of 2 classes gives error %v", m, err)
		}
		if _, err := LeaveOneOut(cancelled, set, torchtest.Device(t), 1, m); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: an interrupt gives error %v", m, err)
		}
	}
	set := noisySet([]int{4, 2}, 3, false)
	if _, err := LeaveOneOut(context.Background(), set, torchtest.Device(t), 1, Method{Metric: "l1"}); err == nil || !strings.Contains(err.Error(), `no metric "l1"`) {
		t.Errorf("a method that is none gives error %v", err)
	}
}

// Of classes that look all the same, the label that comes first wins, whatever adds up the
// similarities.
func TestLeaveOneOutTies(t *testing.T) {
	for _, dim := range []int{1, 5, 64, 577} {
		set := noisySet([]int{3, 4, 2, 9, 5}, dim, false)
		one := set.Vectors[:dim]
		set.Vectors = slices.Repeat(one, len(set.Names))
		for _, metric := range Metrics {
			methods := []Method{{Neighbours: 1}, {Prototypes: 2, Seed: 17}}
			for _, pool := range Pools {
				methods = append(methods, Method{Pool: pool, Metric: metric})
			}
			for _, m := range methods {
				got, err := LeaveOneOut(context.Background(), set, torchtest.Device(t), 5, m)
				if err != nil {
					t.Fatal(err)
				}
				for i, classes := range got.Classes {
					if !slices.Equal(classes, []int{0, 1, 2, 3, 4}) || m.Neighbours == 0 && got.Margins[i] != 0 {
						t.Fatalf("%v, %d elements: picture %d is %v with margin %v", m, dim, i, classes, got.Margins[i])
					}
				}
			}
		}
	}
}

// What represents a class without a picture is what represents the others.
func TestLeavingOutIsRepresentingTheOthers(t *testing.T) {
	tests := []struct {
		name string
		rows [][]float32
	}{
		{"two rows", [][]float32{{1, 2, 0}, {0.5, -1, 3}}},
		{"three rows", poolRows[:3]},
		{"four rows", poolRows},
		{"rows that are the same", [][]float32{{1, 2}, {1, 2}, {1, 2}, {1, 2}}},
		{"rows some of which are the same", [][]float32{{1, 2}, {3, 1}, {1, 2}, {3, 1}, {0, 1}}},
		{"zeros among them", [][]float32{{0, 0}, {1, 2}, {0, 0}, {-1, 2}, {3, 1}}},
		{"a row that is a million times as long", [][]float32{{1, 2}, {1e6, -2e6}, {1, 2.5}, {1, 2.25}, {1, 2.25}}},
		{"many rows", slicesOf(randomRows(50, 6, 5), 6)},
	}
	for _, tt := range tests {
		for _, m := range append(allMethods([]int{8}), Method{Pool: "medoid", Metric: "l2"}) {
			if m.Neighbours > 0 {
				continue
			}
			without, err := m.leavingOut(t.Context(), tt.rows, "a")
			if err != nil {
				t.Fatal(err)
			}
			for i := range tt.rows {
				want, err := m.represent(t.Context(), slices.Concat(tt.rows[:i], tt.rows[i+1:]), "a")
				if err != nil {
					t.Fatal(err)
				}
				got, err := without(i)
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != len(want) {
					t.Fatalf("%s, %v: %d vectors without row %d, want %d", tt.name, m, len(got), i, len(want))
				}
				for j := range want {
					for d, w := range want[j] {
						if math.Abs(float64(got[j][d])-float64(w)) > 1e-6*max(1, math.Abs(float64(w))) {
							t.Errorf("%s, %v: without row %d it is %v, want %v", tt.name, m, i, got[j], want[j])
							break
						}
					}
				}
			}
		}
	}
}
