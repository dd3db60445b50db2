package search

import (
	"math"
	"testing"
)

// wantNear compares vectors within the rounding of float32.
func wantNear(t *testing.T, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d elements, want %d", len(got), len(want))
	}
	for i, w := range want {
		if math.Abs(float64(got[i])-w) > 1e-6*max(1, math.Abs(w)) {
			t.Errorf("element %d is %v, want %v", i, got[i], w)
		}
	}
}

// poolRows has numbers that float32 holds exactly.
var poolRows = [][]float32{{1, 2, 0.5}, {0.5, -1, 2}, {2, 2, -1}, {1.5, 0, 0.25}}

// The values are numpy's: X.mean(0), (X / norm).mean(0), median(X, 0). The medoids are the argmax
// of the row sums, without the diagonal, of U Uᵀ (1.171, −0.173, 0.966, 1.428) and X Xᵀ (6.625,
// −2.25, 5.25, 5.625), and the argmin of those of the distances (7.27, 10.14, 8.71, 6.74).
func TestPools(t *testing.T) {
	tests := []struct {
		name   string
		method Method
		rows   [][]float32
		want   []float64
	}{
		{"mean", Method{}, poolRows, []float64{1.25, 0.75, 0.4375}},
		{"mean of one", Method{}, poolRows[:1], []float64{1, 2, 0.5}},
		{"mean of directions", Method{Pool: "normalized-mean"}, poolRows, []float64{0.57692857, 0.27577561, 0.23053878}},
		{"mean of directions where one is zero", Method{Pool: "normalized-mean"}, [][]float32{{0, 0}, {3, 4}}, []float64{0.3, 0.4}},
		{"median of three", Method{Pool: "median"}, poolRows[:3], []float64{1, 2, 0.5}},
		{"median of four is between the middle ones", Method{Pool: "median"}, poolRows, []float64{1.25, 1, 0.375}},
		{"medoid by cosine", Method{Pool: "medoid"}, poolRows, []float64{1.5, 0, 0.25}},
		{"medoid by dot product", Method{Pool: "medoid", Metric: "dot"}, poolRows, []float64{1, 2, 0.5}},
		{"medoid by distance", Method{Pool: "medoid", Metric: "l2"}, poolRows, []float64{1.5, 0, 0.25}},
		{"medoid by distance ignores how far a stray is", Method{Pool: "medoid", Metric: "l2"}, [][]float32{{0}, {1}, {2}, {3}, {100}}, []float64{2}},
		{"medoid of two by cosine is the first", Method{Pool: "medoid"}, poolRows[1:3], []float64{0.5, -1, 2}},
		{"medoid of two by dot product is the first", Method{Pool: "medoid", Metric: "dot"}, poolRows[1:3], []float64{0.5, -1, 2}},
		{"medoid of two by distance is the first", Method{Pool: "medoid", Metric: "l2"}, poolRows[1:3], []float64{0.5, -1, 2}},
		{"medoid is no zero", Method{Pool: "medoid"}, [][]float32{{0, 0}, {1, 0}, {1, 0.1}}, []float64{1, 0}},
		{"a picture that is listed twice counts twice", Method{}, [][]float32{{1}, {1}, {4}}, []float64{2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.method.represent(t.Context(), tt.rows, "a")
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 {
				t.Fatalf("%d vectors, want 1", len(got))
			}
			wantNear(t, got[0], tt.want)
		})
	}
}

// The values are numpy's for the query (1, 0.35, −0.5) and the mean of poolRows.
func TestSimilarity(t *testing.T) {
	query, mean := []float32{1, 0.35, -0.5}, []float32{1.25, 0.75, 0.4375}
	for metric, want := range map[string]float64{"cosine": 0.7255825377412279, "dot": 1.29375, "l2": -1.10140625} {
		if got := similarity(metric, query, mean); math.Abs(got-want) > 1e-7 {
			t.Errorf("%s is %v, want %v", metric, got, want)
		}
	}
	long := make([]float32, 11) // more than the lanes, and not a multiple of them
	for i := range long {
		long[i] = float32(i)
	}
	if got := dot(long, long); got != 385 {
		t.Errorf("sum of squares 0 to 10 is %v, want 385", got)
	}
	if got := squaredDistance(long, make([]float32, 11)); got != 385 {
		t.Errorf("squared distance from zero is %v, want 385", got)
	}
	if got := similarity("cosine", []float32{0, 0}, []float32{1, 0}); got != 0 {
		t.Errorf("cosine of zeros is %v, want 0", got)
	}
}
