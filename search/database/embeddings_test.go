package database

import (
	"slices"
	"testing"
)

func TestPartsOfASet(t *testing.T) {
	set := &Embeddings{Labels: []string{"x", "y", "z"}, Counts: []int{3, 1, 2}, Dim: 1,
		Names: []string{"0", "1", "2", "0", "0", "1"}, Vectors: []float32{0, 1, 2, 3, 4, 5}}
	tests := []struct {
		name       string
		got        *Embeddings
		files      []string
		embeddings []float32
	}{
		{"the first two pictures of each label", set.Limit(2), []string{"x/0", "x/1", "y/0", "z/0", "z/1"}, []float32{0, 1, 3, 4, 5}},
		{"two of the labels", set.Subset([]string{"z", "x"}), []string{"x/0", "x/1", "x/2", "z/0", "z/1"}, []float32{0, 1, 2, 4, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !slices.Equal(tt.got.Files(), tt.files) || !slices.Equal(tt.got.Vectors, tt.embeddings) {
				t.Errorf("%+v", tt.got)
			}
		})
	}
}

func TestLabelIndexIsMadeOnce(t *testing.T) {
	set := &Embeddings{Labels: []string{"x", "y", "z"}, Counts: []int{2, 0, 1}, Names: make([]string, 3)}
	first := set.Classes()
	if !slices.Equal(first, []int{0, 0, 2}) {
		t.Errorf("label index %v", first)
	}
	if n := testing.AllocsPerRun(10, func() { set.Classes() }); n != 0 {
		t.Errorf("the label index is made again, with %v allocations", n)
	}
}

func TestMeansOfASet(t *testing.T) {
	set := &Embeddings{Labels: []string{"ash", "birch"}, Counts: []int{2, 1}, Dim: 2, Names: make([]string, 3), Vectors: []float32{1, 2, 3, 6, 5, 7}}
	if got, want := set.Means(), []float32{2, 4, 5, 7}; !slices.Equal(got, want) {
		t.Errorf("means %v, want %v", got, want)
	}
	set.Training = []float32{1, 1, 1, 1, 9, 9}
	if got, want := set.Means(), []float32{1, 1, 9, 9}; !slices.Equal(got, want) {
		t.Errorf("means %v of augmented pictures, want %v", got, want)
	}
}
