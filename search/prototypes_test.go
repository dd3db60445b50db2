package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// prototypes are the centroids of a k-means that nothing interrupts.
func prototypes(rows [][]float32, k int, seed uint64, label string) [][]float32 {
	centroids, err := newClusters(rows).find(context.Background(), k, seed, label)
	if err != nil {
		panic(err)
	}
	return centroids
}

func TestPrototypesFindGroups(t *testing.T) {
	// Two groups of directions; lengths do not matter.
	rows := [][]float32{{1, 0.1}, {3, -0.3}, {0.1, 2}, {-0.1, 2}, {0, 9}}
	for seed := range uint64(20) {
		got := prototypes(rows, 2, seed, "a")
		slices.SortFunc(got, func(a, b []float32) int { return cmp.Compare(b[0], a[0]) })
		wantNear(t, got[0], []float64{1, 0})
		wantNear(t, got[1], []float64{0, 1})
	}
}

func TestPrototypesAreNoMoreThanThereAreDistinctRows(t *testing.T) {
	tests := []struct {
		name    string
		rows    [][]float32
		k, want int
	}{
		{"one row", [][]float32{{1, 2}}, 4, 1},
		{"a row three times", [][]float32{{1, 2}, {1, 2}, {1, 2}}, 2, 1},
		{"two rows, one of them twice", [][]float32{{1, 2}, {2, 1}, {1, 2}}, 3, 2},
		{"as many as there are", [][]float32{{1, 2}, {2, 1}, {0, 2}}, 3, 3},
		{"rows that point the same way", [][]float32{{1, 2}, {2, 4}, {3, 6}}, 3, 3},
		{"zeros", [][]float32{{0, 0}, {1, 0}}, 2, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(5) {
				got := prototypes(tt.rows, tt.k, seed, "a")
				if len(got) != tt.want {
					t.Fatalf("%d prototypes, want %d", len(got), tt.want)
				}
				for _, p := range got {
					if norm := math.Sqrt(dot(p, p)); norm != 0 && math.Abs(norm-1) > 1e-6 {
						t.Errorf("prototype %v has length %v", p, norm)
					}
				}
			}
		})
	}
}

func slicesOf(rows []float32, dim int) [][]float32 {
	var list [][]float32
	for row := range slices.Chunk(rows, dim) {
		list = append(list, row)
	}
	return list
}

// At the end of a k-means each centroid is the direction of the sum of the rows that are closest to
// it.
func TestPrototypesAreAFixedPoint(t *testing.T) {
	const dim = 6
	rows := slicesOf(randomRows(60, dim, 3), dim) // rows are repeated among them
	for k := 2; k <= 8; k++ {
		got := prototypes(rows, k, 17, "a")
		sums := make([][]float64, k)
		for i := range sums {
			sums[i] = make([]float64, dim)
		}
		for _, row := range rows {
			best := 0
			for j, p := range got {
				if dot(row, p) > dot(row, got[best]) {
					best = j
				}
			}
			for i, v := range row {
				sums[best][i] += float64(v)
			}
		}
		for j, sum := range sums {
			scaleToLengthOne(sum)
			wantNear(t, got[j], sum)
		}
	}
}

func TestPrototypesDependOnSeedAndLabelOnly(t *testing.T) {
	const dim = 5
	rows := slicesOf(randomRows(40, dim, 4), dim)
	want := fmt.Sprint(prototypes(rows, 4, 17, "b"))
	shuffled := slices.Clone(rows)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if got := fmt.Sprint(prototypes(shuffled, 4, 17, "b")); got != want {
		t.Errorf("rows in another order give %v, want %v", got, want)
	}
	if fmt.Sprint(prototypes(rows, 4, 18, "b")) == want {
		t.Error("another seed gives the same")
	}
	if fmt.Sprint(prototypes(rows, 4, 17, "c")) == want {
		t.Error("another label gives the same")
	}
}

func TestAnEmptyClusterGetsTheRowThatFitsLeast(t *testing.T) {
	c := newClusters([][]float32{{1, 0}, {1, 0.1}, {1, 0.5}, {0, 1}})
	c.centroids = [][]float64{{1, 0}, {0, 1}, {-1, 0}}
	c.member, c.closeness = []int{-1, -1, -1, -1}, make([]float64, 4)
	if changed, err := c.assign(t.Context()); err != nil || !changed {
		t.Fatalf("the first assignment changes nothing (%v)", err)
	}
	c.fillEmpty()
	for i, row := range c.rows {
		want := 0
		switch {
		case row[0] == 0:
			want = 1 // alone in its cluster, where it stays
		case row[1] > 0.4:
			want = 2
		}
		if c.member[i] != want {
			t.Errorf("row %v is in cluster %d, want %d", row, c.member[i], want)
		}
	}
	c.update()
	if changed, err := c.assign(t.Context()); err != nil || changed {
		t.Errorf("the clusters change again (%v)", err)
	}
}

// pick must follow the weights: 0 never, the others in proportion.
func TestPick(t *testing.T) {
	random := rand.NewPCG(1, 1)
	var counts [4]int
	for range 10_000 {
		counts[pick([]float64{1, 0, 3, 0}, random)]++
	}
	if counts[1] != 0 || counts[3] != 0 || counts[0] < 2300 || counts[0] > 2700 {
		t.Errorf("drawn %v times, want about 2500, 0, 7500, 0", counts)
	}
	if got := pick([]float64{0, 0}, random); got != -1 {
		t.Errorf("of weights 0 number %d is drawn", got)
	}
}
