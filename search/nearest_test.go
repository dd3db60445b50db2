package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vs/torch"
	"vs/torch/torchtest"
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
				got, err := Nearest(context.Background(), torchtest.Device(t), rows, queries, dim, tt.k, workers)
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

// Of tiles on a device come the rows that come of the CPU's. The elements are small whole numbers,
// so that products are exact and many are equal.
func TestNearestOnADeviceIsNearestOnTheCPU(t *testing.T) {
	const dim = 6
	random := rand.New(rand.NewPCG(4, 1))
	whole := func(n int) []float32 {
		v := make([]float32, n*dim)
		for i := range v {
			v[i] = float32(random.IntN(5) - 2)
		}
		return v
	}
	tests := []struct{ rows, queries, k, queryTile, rowTile int }{
		{1, 1, 1, 4, 8}, {8, 4, 3, 4, 8}, {9, 5, 9, 4, 8}, {100, 11, 20, 4, 8}, {100, 11, 7, 4, 33}, {101, 1, 101, 1, 100}, {64, 3, 10, 8, 16}, {50, 6, 2, 6, 1},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("top %d of %d rows for %d queries", tt.k, tt.rows, tt.queries), func(t *testing.T) {
			rows, queries := whole(tt.rows), whole(tt.queries)
			before := torch.LiveHandles()
			want, err := nearestOnCPU(context.Background(), rows, queries, dim, tt.k, 2)
			if err != nil {
				t.Fatal(err)
			}
			got, err := nearestOnDevice(context.Background(), torchtest.Device(t), rows, queries, dim, tt.k, tt.queryTile, tt.rowTile)
			if err != nil {
				t.Fatal(err)
			}
			for q := range want {
				if !slices.Equal(got[q], want[q]) {
					t.Errorf("query %d: %v, want %v", q, got[q], want[q])
				}
			}
			if after := torch.LiveHandles(); after != before {
				t.Errorf("%d handles live, %d before", after, before)
			}
		})
	}
	ctx := newPatience(t.Context(), 2)
	before := torch.LiveHandles()
	if _, err := nearestOnDevice(ctx, torchtest.Device(t), whole(100), whole(4), dim, 3, 4, 8); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupt gives error %v", err)
	}
	if after := torch.LiveHandles(); after != before {
		t.Errorf("%d handles live after an interrupt, %d before", after, before)
	}
}

func TestTilesOfADeviceAreBounded(t *testing.T) {
	for _, tt := range []struct{ dim, queries, want int }{
		{576, 1000, 16777}, {576, 1, 29127}, {576, 1_000_000, 16384}, {4, 2, 4 << 20}, {32 << 20, 1, 1},
	} {
		if got := deviceRowTile(tt.dim, tt.queries); got != tt.want {
			t.Errorf("%d rows of %d elements for %d queries, want %d", got, tt.dim, tt.queries, tt.want)
		}
	}
}

func TestNearestRefusesMoreThanThereAre(t *testing.T) {
	for _, k := range []int{0, 4} {
		if _, err := Nearest(context.Background(), torchtest.Device(t), randomRows(3, 2, 1), randomRows(1, 2, 2), 2, k, 1); err == nil {
			t.Errorf("top %d of 3 is no error", k)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Nearest(ctx, torchtest.Device(t), randomRows(3, 2, 1), randomRows(1, 2, 2), 2, 1, 1); err == nil {
		t.Error("a cancelled search is no error")
	}
}

func TestNearestLeaksNothing(t *testing.T) {
	before := torch.LiveHandles()
	rows := randomRows(2*rowTile, 4, 1)
	for range 5 {
		if _, err := Nearest(context.Background(), torchtest.Device(t), rows, rows[:40], 4, 3, 2); err != nil {
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
		if _, err := Nearest(context.Background(), torchtest.Device(b), rows, queries, dim, 10, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*50_000*1000/b.Elapsed().Seconds(), "similarities/s")
}
