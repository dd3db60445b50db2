package classifier

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vs/search/moments"
	"vs/torch"
)

// bySums turns examples into sums, added up in blocks of some size and in a random order, and the
// few examples that parameters are chosen by.
func bySums(t *testing.T, x *Examples, seed uint64, block int) *Examples {
	t.Helper()
	out := &Examples{Dim: x.Dim, Classes: x.Classes, Counts: x.counts(), Instances: x.Instances}
	order := slices.Clone(x.Rows)
	random := rand.New(rand.NewPCG(seed, 9))
	random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, power := range moments.Powers {
		sums := moments.NewSums(power, x.Classes, x.Dim)
		for rows := range slices.Chunk(order, block) {
			var features []int64
			for _, row := range x.of(rows) {
				feature := make([]int64, x.Dim)
				moments.Round(feature, x.Embeddings[row*x.Dim:(row+1)*x.Dim], power, make([]float64, x.Dim))
				for j, v := range feature {
					sums.Classes[x.classOf(row)][j] += v
				}
				features = append(features, feature...)
			}
			if err := sums.Products.Add(features, 1, Multiply(torch.CPU)); err != nil {
				t.Fatal(err)
			}
		}
		out.Sums = append(out.Sums, sums)
	}
	byClass := slices.Clone(x.Rows)
	slices.SortStableFunc(byClass, func(a, b int) int { return x.Class[a] - x.Class[b] })
	for i, place := range HeldOut(out.Counts) {
		row := byClass[place]
		size := x.each() * x.Dim
		out.Embeddings = append(out.Embeddings, x.Embeddings[row*size:(row+1)*size]...)
		if x.Queries != nil {
			out.Queries = append(out.Queries, x.Queries[row*x.Dim:(row+1)*x.Dim]...)
		}
		out.Class = append(out.Class, x.Class[row])
		out.Rows = append(out.Rows, i)
	}
	return out
}

// spoilt makes a dimension constant, and another one a copy.
func spoilt(x *Examples) *Examples {
	for row := 0; row < len(x.Embeddings); row += x.Dim {
		x.Embeddings[row] = 0
		x.Embeddings[row+1] = x.Embeddings[row+2]
	}
	return x
}

// several gives each picture that many examples around it, and itself is what is asked about.
func several(x *Examples, instances int) *Examples {
	random := rand.New(rand.NewPCG(3, 4))
	out := &Examples{Queries: x.Embeddings, Instances: instances, Dim: x.Dim, Classes: x.Classes, Class: x.Class, Rows: x.Rows}
	for picture := range slices.Chunk(x.Embeddings, x.Dim) {
		for range instances {
			for _, v := range picture {
				out.Embeddings = append(out.Embeddings, v+float32(random.NormFloat64()/2))
			}
		}
	}
	return out
}

// same makes the pictures of each class the same.
func same(x *Examples) *Examples {
	first := make(map[int]int)
	for _, row := range x.Rows {
		if _, ok := first[x.Class[row]]; !ok {
			first[x.Class[row]] = row
		}
		copy(x.Embeddings[row*x.Dim:(row+1)*x.Dim], x.Embeddings[first[x.Class[row]]*x.Dim:])
	}
	return x
}

func TestSumsGiveTheClassifierOfTheirPictures(t *testing.T) {
	given := func(kind string, power, parameter float64) Spec {
		s := Spec{Kind: kind, Power: Given(power), Shrinkage: Given(parameter)}
		if kind == Ridge {
			s.Shrinkage, s.Penalty = Choice{}, Given(parameter)
		}
		return s
	}
	sets := map[string]*Examples{
		"clouds":                      clouds(6, 20, 9, 14),
		"a class of one picture":      clouds(6, 30, 1, 8),
		"constant and equal elements": spoilt(clouds(7, 25, 25)),
		"equal pictures":              same(clouds(5, 15, 10, 3)),
		"three examples a picture":    several(clouds(6, 12, 7, 9), 3),
	}
	for name, x := range sets {
		for _, s := range []Spec{
			{Kind: LDA}, {Kind: Ridge}, {Kind: LDA, Counts: true}, given(LDA, 0.5, 0.3), given(LDA, 1, 1), given(LDA, 1, 0.001), given(Ridge, 0.5, 0.1),
		} {
			t.Run(name+", "+s.String(), func(t *testing.T) {
				want, err := s.Fit(t.Context(), torch.CPU, x)
				if err != nil {
					t.Fatal(err)
				}
				got, err := s.Fit(t.Context(), torch.CPU, bySums(t, x, 1, 8))
				if err != nil {
					t.Fatal(err)
				}
				if got.Power != want.Power || got.Parameter != want.Parameter || math.Abs(got.Temperature/want.Temperature-1) > 1e-3 {
					t.Errorf("power %v, parameter %v, temperature %v, want %v, %v, %v",
						got.Power, got.Parameter, got.Temperature, want.Power, want.Parameter, want.Temperature)
				}
				gotScores, wantScores := scoresOf(t, got, x, x.queries()), scoresOf(t, want, x, x.queries())
				for i := range wantScores {
					for c, w := range wantScores[i] {
						if g := gotScores[i][c]; math.Abs(g-w) > 1e-6*(1+math.Abs(w)) {
							t.Fatalf("picture %d, class %d: score %v, want %v", i, c, g, w)
						}
					}
				}
			})
		}
	}
}

func TestSumsDoNotDependOnOrder(t *testing.T) {
	x := clouds(9, 40, 31, 17)
	for _, kind := range []string{LDA, Ridge} {
		var want *Linear
		for seed := range uint64(4) {
			got, err := Spec{Kind: kind}.Fit(t.Context(), torch.CPU, bySums(t, x, seed, 1+int(seed)*13))
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !slices.Equal(got.weights.values, want.weights.values) || !slices.Equal(got.bias, want.bias) || got.Temperature != want.Temperature {
				t.Errorf("%s: other bits in another order", kind)
			}
		}
	}
}

func TestRestore(t *testing.T) {
	x := clouds(6, 9, 8, 7)
	for _, s := range []Spec{{Kind: LDA}, {Kind: Ridge, Projections: 20, Seed: 5}, {Kind: Logistic}} {
		l, err := s.Fit(t.Context(), torch.CPU, x)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Restore(x.Dim, l.Solution())
		if err != nil {
			t.Fatal(err)
		}
		got, want := scoresOf(t, again, x, x.Embeddings), scoresOf(t, l, x, x.Embeddings)
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%v: picture %d scores %v, want %v", s, i, got[i], want[i])
			}
		}
		for name, spoil := range map[string]func(*Solution){
			"no temperature":   func(s *Solution) { s.Temperature = 0 },
			"no power":         func(s *Solution) { s.Power = math.NaN() },
			"infinite loss":    func(s *Solution) { s.Loss = math.Inf(1) },
			"weights missing":  func(s *Solution) { s.Weights = s.Weights[1:] },
			"no classes":       func(s *Solution) { s.Weights, s.Bias = nil, nil },
			"not a number":     func(s *Solution) { s.Weights = append([]float64{math.NaN()}, s.Weights[1:]...) },
			"an infinite bias": func(s *Solution) { s.Bias = append([]float64{math.Inf(-1)}, s.Bias[1:]...) },
		} {
			solved := l.Solution()
			spoil(&solved)
			if _, err := s.Restore(x.Dim, solved); err == nil {
				t.Errorf("%v: %s is accepted", s, name)
			}
		}
	}
}
