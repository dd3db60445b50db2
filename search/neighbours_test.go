package search

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vs/torch"
)

// randomRows makes n normalised rows; every seventh repeats an earlier one, so that there are ties.
func randomRows(n, dim int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 1))
	rows := make([]float32, n*dim)
	for i := range n {
		row := rows[i*dim : (i+1)*dim]
		if i%7 == 6 {
			copy(row, rows[(i/2)*dim:])
			continue
		}
		for j := range row {
			row[j] = float32(random.NormFloat64())
		}
	}
	Normalize(rows, dim)
	return rows
}

func TestNearestFindsWhatSortingFinds(t *testing.T) {
	const dim = 16
	tests := []struct{ rows, queries, k int }{
		{1, 1, 1}, {5, 3, 5}, {100, 7, 10}, {rowTile, 2, 3}, {rowTile + 1, queryTile + 3, 4}, {3*rowTile + 17, 5, 100},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("top %d of %d rows for %d queries", tt.k, tt.rows, tt.queries), func(t *testing.T) {
			rows, queries := randomRows(tt.rows, dim, 1), randomRows(tt.queries, dim, 2)
			var want [][]Neighbour
			for _, workers := range []int{1, 3} {
				got, err := Nearest(context.Background(), rows, queries, dim, tt.k, workers)
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = got
				}
				for q := range got {
					if !slices.Equal(got[q], want[q]) {
						t.Fatalf("query %d: %v with %d workers, %v with 1", q, got[q], workers, want[q])
					}
				}
			}
			for q, neighbours := range want {
				all := make([]Neighbour, tt.rows)
				for i := range all {
					var sum float64
					for j := range dim {
						sum += float64(rows[i*dim+j]) * float64(queries[q*dim+j])
					}
					all[i] = Neighbour{i, float32(sum)}
				}
				slices.SortFunc(all, compareNeighbours)
				for j, got := range neighbours {
					if math.Abs(float64(got.Score-all[j].Score)) > 1e-5 {
						t.Errorf("query %d, place %d: %v, want %v", q, j, got, all[j])
					}
					if j > 0 && compareNeighbours(neighbours[j-1], got) >= 0 {
						t.Errorf("query %d: %v stands before %v", q, neighbours[j-1], got)
					}
				}
			}
		})
	}
}

func TestNearestRefusesMoreThanThereAre(t *testing.T) {
	for _, k := range []int{0, 4} {
		if _, err := Nearest(context.Background(), randomRows(3, 2, 1), randomRows(1, 2, 2), 2, k, 1); err == nil {
			t.Errorf("top %d of 3 is no error", k)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Nearest(ctx, randomRows(3, 2, 1), randomRows(1, 2, 2), 2, 1, 1); err == nil {
		t.Error("a cancelled search is no error")
	}
}

func TestNearestLeaksNothing(t *testing.T) {
	before := torch.LiveHandles()
	rows := randomRows(2*rowTile, 4, 1)
	for range 5 {
		if _, err := Nearest(context.Background(), rows, rows[:40], 4, 3, 2); err != nil {
			t.Fatal(err)
		}
	}
	if after := torch.LiveHandles(); after != before {
		t.Errorf("%d handles live, %d before", after, before)
	}
}

func TestNormalize(t *testing.T) {
	rows := []float32{3, 4, 0, 0}
	Normalize(rows, 2)
	if !slices.Equal(rows, []float32{0.6, 0.8, 0, 0}) {
		t.Errorf("%v", rows)
	}
}

func BenchmarkNearest(b *testing.B) {
	const dim = 576
	rows, queries := randomRows(50_000, dim, 1), randomRows(1000, dim, 2)
	for b.Loop() {
		if _, err := Nearest(context.Background(), rows, queries, dim, 10, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*50_000*1000/b.Elapsed().Seconds(), "similarities/s")
}
