package search

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"vs/data"
	"vs/search/database"
	"vs/torch"
	"vs/torch/torchtest"
)

func TestSearch(t *testing.T) {
	db := colourDatabase(t, map[string]int{"blue": 5, "green": 5, "red": 5})
	index, err := Open(context.Background(), db, torchtest.Device(t), Method{}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	if want := []string{"blue", "green", "red"}; !slices.Equal(index.Labels(), want) {
		t.Fatalf("labels %v", index.Labels())
	}
	hits, err := index.Search(t.Context(), []float32{1, 0, 0, 0, 1, 0, 0, 0, 0}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if hits[0][0].Label != "red" || hits[1][0].Label != "green" {
		t.Errorf("answers %v and %v, want red and green", hits[0], hits[1])
	}
	if !(hits[0][0].Score > hits[0][1].Score && hits[0][0].Score <= 1.000001) {
		t.Errorf("scores do not descend from at most 1: %v", hits[0])
	}
	// A zero embedding is as similar to one class as to another: the order of the labels decides.
	if h := hits[2]; h[0].Label != "blue" || h[1].Label != "green" || h[2].Label != "red" || h[0].Score != 0 {
		t.Errorf("ties in order %v", h)
	}
	for _, k := range []int{0, 4} {
		if _, err := index.Search(t.Context(), []float32{1, 0, 0}, k); err == nil {
			t.Errorf("top %d of 3 classes is no error", k)
		}
	}
}

func TestEvaluateFindsWhatIsNearest(t *testing.T) {
	// Two classes on the axes of a plane, one stray picture each.
	set := &database.Embeddings{
		Labels: []string{"x", "y"}, Counts: []int{3, 3}, Dim: 2,
		Names:   []string{"0", "1", "2", "0", "1", "2"},
		Vectors: []float32{1, 0, 2, 0.1, 0.1, 1, 0, 1, 0.1, 2, 1, 0.1},
	}
	splits := []data.Split{
		{Train: []int{0, 1, 3, 4}, Valid: []int{2, 5}},
		{Train: []int{0, 2, 3, 5}, Valid: []int{1, 4}},
		{Train: []int{2, 5, 0, 3}, Valid: []int{4, 1}},
	}
	got, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 2, Method{})
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]int{{1, 0}, {0, 1}}; fmt.Sprint(got[0].Classes) != fmt.Sprint(want) {
		t.Errorf("run 0: %v, want %v", got[0].Classes, want)
	}
	if fmt.Sprint(got[1].Classes) != fmt.Sprint([][]int{got[2].Classes[1], got[2].Classes[0]}) {
		t.Errorf("runs 1 and 2 have the same training pictures but answer %v and %v", got[1], got[2])
	}
	if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 3, Method{}); err == nil {
		t.Error("top 3 of 2 classes is no error")
	}
	if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "nothing", 1, Method{}); err == nil {
		t.Error("an unknown part is no error")
	}
}

// Many runs are computed a chunk at a time; each must answer as it does alone.
func TestEvaluateIsTheSameInChunks(t *testing.T) {
	set := &database.Embeddings{Labels: []string{"a", "b", "c"}, Counts: []int{7, 9, 8}, Dim: 5}
	state := uint32(7)
	for range 24 {
		set.Names = append(set.Names, "p")
		for range 5 {
			state = state*1664525 + 1013904223
			set.Vectors = append(set.Vectors, float32(state>>8)/(1<<24)-0.3)
		}
	}
	g, err := torch.NewGenerator(1)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	splits, err := data.Splits(set.Counts, set.Labels, 50, data.Shares{Valid: 0.3}, g)
	if err != nil {
		t.Fatal(err)
	}
	together, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 3, Method{})
	if err != nil {
		t.Fatal(err)
	}
	for r, split := range splits {
		alone, err := Evaluate(context.Background(), set, torchtest.Device(t), []data.Split{split}, "valid", 3, Method{})
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(alone[0]) != fmt.Sprint(together[r]) {
			t.Errorf("run %d answers %v alone and %v together", r, alone[0], together[r])
		}
	}
}

func TestEvaluateLeaksNothing(t *testing.T) {
	set := &database.Embeddings{Labels: []string{"x", "y"}, Counts: []int{2, 2}, Dim: 2, Names: make([]string, 4), Vectors: []float32{1, 0, 1, 0.1, 0, 1, 0.1, 1}}
	splits := []data.Split{{Train: []int{0, 2}, Valid: []int{1, 3}}}
	before := torch.LiveHandles()
	for range 50 {
		if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 1, Method{}); err != nil {
			t.Fatal(err)
		}
		if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "nothing", 1, Method{}); err == nil {
			t.Fatal("an unknown part is no error")
		}
	}
	if after := torch.LiveHandles(); after != before {
		t.Errorf("%d handles live, %d before", after, before)
	}
}

// 2,000 runs on 400 pictures of 20 classes: the class means and the answers of all of them.
func BenchmarkEvaluate(b *testing.B) {
	const classes, each, dim, runs = 20, 20, 320, 2000
	set := &database.Embeddings{Dim: dim, Names: make([]string, classes*each), Vectors: randomRows(classes*each, dim, 1)}
	for c := range classes {
		set.Labels = append(set.Labels, fmt.Sprint(c))
		set.Counts = append(set.Counts, each)
	}
	g, err := torch.NewGenerator(17)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	splits, err := data.Splits(set.Counts, set.Labels, runs, data.Shares{Valid: 0.2}, g)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Evaluate(context.Background(), set, torchtest.Device(b), splits, "valid", 4, Method{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*runs/b.Elapsed().Seconds(), "runs/s")
}
