package report

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// ramp is a [n, d] array that numpy makes with
// k = arange(n*d, dtype=float32); (k**2 % 17 - k % 5).reshape(n, d).
func ramp(n, d int) []float32 {
	v := make([]float32, n*d)
	for k := range v {
		v[k] = float32(k*k%17 - k%5)
	}
	return v
}

// The expected values are numpy's, in float64: x /= norm(x, axis=1, keepdims=True); x -= x.mean(0);
// s, vt of svd(x); points x @ vt[:2].T and explained (s**2 / (s**2).sum())[:2], with each row of vt
// turned so that its largest element is positive.
func TestPCAIsThatOfNumpy(t *testing.T) {
	tests := []struct {
		name      string
		n, d      int
		points    [][2]float64
		explained [2]float64
	}{
		{
			"more pictures than elements", 6, 3,
			[][2]float64{
				{0.667468129231, -0.650768867299}, {0.167441203294, 0.195283910943}, {0.424904296208, 0.191642905674},
				{-0.267229803053, 0.354805949895}, {0.022751017198, 0.310855712071}, {-1.015334842878, -0.401819611284},
			},
			[2]float64{0.6593283087478383, 0.3311188614820933},
		},
		{
			"fewer pictures than elements", 3, 6,
			[][2]float64{{-0.678111553433, -0.135711184242}, {-0.005910644021, 0.267934461611}, {0.684022197454, -0.13222327737}},
			[2]float64{0.895997088538715, 0.10400291146128507},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := PCA(t.Context(), ramp(test.n, test.d), test.d)
			if err != nil {
				t.Fatal(err)
			}
			for a := range 2 {
				if !near(p.Explained[a], test.explained[a], 1e-12) {
					t.Errorf("axis %d explains %v, want %v", a, p.Explained[a], test.explained[a])
				}
				for i := range test.points {
					if math.Abs(p.Points[i][a]-test.points[i][a]) > 1e-11 {
						t.Errorf("point %d: %v, want %v", i, p.Points[i], test.points[i])
					}
				}
			}
		})
	}
}

func TestPCAOfLittle(t *testing.T) {
	root := math.Sqrt2 / 2
	tests := []struct {
		name       string
		embeddings []float32
		dim        int
		want       Projection
	}{
		{"one picture is in the middle", []float32{3, 4}, 2, Projection{Points: [][2]float64{{0, 0}}}},
		{"pictures that are all the same vary along no axis", slices.Repeat([]float32{0.1, 0.2, 0.3}, 50), 3,
			Projection{Points: make([][2]float64, 50)}},
		{"pictures that differ in length alone are the same", []float32{1, 2, 10, 20, 100, 200, 0.5, 1}, 2, Projection{Points: make([][2]float64, 4)}},
		{"two pictures are on a line", []float32{1, 0, 0, 0, 1, 0}, 3,
			Projection{Points: [][2]float64{{root, 0}, {-root, 0}}, Explained: [2]float64{1, 0}}},
		{"embeddings of one element have one axis", []float32{5, -2, 7, -1}, 1,
			Projection{Points: [][2]float64{{1, 0}, {-1, 0}, {1, 0}, {-1, 0}}, Explained: [2]float64{1, 0}}},
		{"a zero embedding stays zero", []float32{0, 0}, 1, Projection{Points: [][2]float64{{0, 0}, {0, 0}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := PCA(t.Context(), test.embeddings, test.dim)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Points) != len(test.want.Points) {
				t.Fatalf("%d points, want %d", len(p.Points), len(test.want.Points))
			}
			for a := range 2 {
				if math.Abs(p.Explained[a]-test.want.Explained[a]) > 1e-12 {
					t.Errorf("explained %v, want %v", p.Explained, test.want.Explained)
				}
				for i, point := range p.Points {
					if math.Abs(point[a]-test.want.Points[i][a]) > 1e-12 {
						t.Errorf("point %d: %v, want %v", i, point, test.want.Points[i])
					}
				}
			}
		})
	}
}

func TestPCAHasTheSameBitsOnAnyNumberOfCores(t *testing.T) {
	embeddings := ramp(1500, 70)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := PCA(t.Context(), embeddings, 70)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(4)
	four, err := PCA(t.Context(), embeddings, 70)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one.Points, four.Points) || one.Explained != four.Explained {
		t.Error("the map depends on the number of cores")
	}
}

// The expected values are numpy's, in float64: m /= norm(m, axis=1, keepdims=True); m @ m.T.
func TestClassSimilarity(t *testing.T) {
	got, err := ClassSimilarity(append(ramp(3, 3), 0, 0, 0), 3)
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	want := [][]float64{
		{1, 0.51214752, 0.60858062, nan},
		{0.51214752, 1, 0.94284124, nan},
		{0.60858062, 0.94284124, 1, nan},
		{nan, nan, nan, nan},
	}
	for a := range want {
		for b := range want {
			if !near(got[a][b], want[a][b], 1e-8) {
				t.Errorf("similarity of %d and %d: %v, want %v", a, b, got[a][b], want[a][b])
			}
		}
	}
}

func TestPCAEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := PCA(ctx, ramp(1500, 70), 70); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

func TestEmbeddingsThatAreRefused(t *testing.T) {
	inf := float32(math.Inf(1))
	tests := []struct {
		embeddings []float32
		dim        int
		want       string
	}{
		{nil, 3, "no embeddings"},
		{[]float32{1}, 0, "embeddings of 0 elements"},
		{[]float32{1, 2, 3}, 2, "3 numbers are not a whole number of embeddings of 2 elements"},
		{[]float32{1, 2, 3, inf}, 2, "embedding 1 is not finite"},
		{[]float32{float32(math.NaN()), 2}, 2, "embedding 0 is not finite"},
	}
	for _, test := range tests {
		_, pcaErr := PCA(t.Context(), test.embeddings, test.dim)
		_, similarityErr := ClassSimilarity(test.embeddings, test.dim)
		for _, err := range []error{pcaErr, similarityErr} {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v of %d elements: error %v, want %q", test.embeddings, test.dim, err, test.want)
			}
		}
	}
}

func BenchmarkPCA(b *testing.B) {
	embeddings := ramp(20_000, 576)
	for b.Loop() {
		if _, err := PCA(b.Context(), embeddings, 576); err != nil {
			b.Fatal(err)
		}
	}
}
