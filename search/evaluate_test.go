package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"vs/data"
	"vs/search/database"
	"vs/torch"
	"vs/torch/torchtest"
)

// noisySet has classes that overlap, of different sizes and with lengths that matter; training
// vectors differ from the embeddings if augmented.
func noisySet(counts []int, dim int, augmented bool) *database.Embeddings {
	random := rand.New(rand.NewPCG(8, uint64(dim)))
	set := &database.Embeddings{Dim: dim, Counts: counts}
	for c, n := range counts {
		set.Labels = append(set.Labels, fmt.Sprintf("class%d", c))
		centre := make([]float64, dim)
		for i := range centre {
			centre[i] = random.NormFloat64()
		}
		for i := range n {
			set.Names = append(set.Names, fmt.Sprint(i))
			scale := 0.5 + random.Float64()
			for _, v := range centre {
				x := scale * (v + 1.5*random.NormFloat64())
				set.Vectors = append(set.Vectors, float32(x))
				if augmented {
					set.Training = append(set.Training, float32(x+0.2*random.NormFloat64()))
				}
			}
		}
	}
	return set
}

// unevenSplits draws training parts with repeated pictures and leaves the pictures that were not
// drawn for validation, so that parts differ in size.
func unevenSplits(set *database.Embeddings, runs int) []data.Split {
	random := rand.New(rand.NewPCG(3, 5))
	splits := make([]data.Split, runs)
	for r := range splits {
		first := 0
		for _, n := range set.Counts {
			drawn := make([]bool, n)
			for range n {
				i := random.IntN(n)
				drawn[i] = true
				splits[r].Train = append(splits[r].Train, first+i)
			}
			for i, d := range drawn {
				if !d {
					splits[r].Valid = append(splits[r].Valid, first+i)
				}
			}
			first += n
		}
	}
	return splits
}

// allMethods are those of a sweep and others whose metric matters.
func allMethods(counts []int) []Method {
	fitted := func(m Method) bool { return m.fitted() } // the package classifier tests these
	return append(slices.DeleteFunc(SweepMethods(counts, 17), fitted),
		Method{Pool: "normalized-mean", Metric: "dot"}, Method{Pool: "median", Metric: "l2"}, Method{Pool: "medoid", Metric: "dot"},
		Method{Pool: "medoid", Metric: "l2"}, Method{Prototypes: 3, Seed: 4})
}

// bruteScores answers one picture in the plainest way: the scores of all classes.
func bruteScores(set *database.Embeddings, train []int, picture int, m Method) []float64 {
	class, vectors := set.Classes(), slicesOf(set.TrainingVectors(), set.Dim)
	query := slicesOf(set.Vectors, set.Dim)[picture]
	scores := make([]float64, len(set.Labels))
	if m.Neighbours > 0 {
		nearest := slices.Clone(train)
		slices.SortStableFunc(nearest, func(a, b int) int {
			return -compareFloats(bruteSimilarity("cosine", query, vectors[a]), bruteSimilarity("cosine", query, vectors[b]))
		})
		var total float64
		for _, i := range nearest[:m.Neighbours] {
			w := math.Exp(bruteSimilarity("cosine", query, vectors[i]) / 0.07)
			scores[class[i]] += w
			total += w
		}
		for c := range scores {
			scores[c] /= total
		}
		return scores
	}
	for c := range scores {
		var rows [][]float32
		for _, i := range slices.Sorted(slices.Values(train)) {
			if class[i] == c {
				rows = append(rows, vectors[i])
			}
		}
		scores[c] = math.Inf(-1)
		for _, v := range bruteVectors(rows, set.Labels[c], m) {
			scores[c] = max(scores[c], bruteSimilarity(m.metric(), query, v))
		}
	}
	return scores
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// bruteVectors makes what represents a class; the prototypes have tests of their own.
func bruteVectors(rows [][]float32, label string, m Method) [][]float32 {
	if m.Prototypes > 0 {
		return prototypes(rows, m.Prototypes, m.Seed, label)
	}
	result := make([]float32, len(rows[0]))
	switch m.pool() {
	case "medoid":
		best, bestSum := 0, math.Inf(-1)
		for i, a := range rows {
			var sum float64
			for j, b := range rows {
				switch {
				case i == j:
				case m.metric() == "l2":
					sum -= math.Sqrt(-bruteSimilarity("l2", a, b))
				default:
					sum += bruteSimilarity(m.metric(), a, b)
				}
			}
			if sum > bestSum+1e-9 {
				best, bestSum = i, sum
			}
		}
		return rows[best : best+1]
	case "median":
		for d := range result {
			var column []float64
			for _, row := range rows {
				column = append(column, float64(row[d]))
			}
			slices.Sort(column)
			n := len(column)
			result[d] = float32((column[n/2] + column[(n-1)/2]) / 2)
		}
	default:
		for d := range result {
			var sum float64
			for _, row := range rows {
				v := float64(row[d])
				if m.pool() == "normalized-mean" {
					v /= math.Sqrt(-bruteSimilarity("l2", row, make([]float32, len(row))))
				}
				sum += v
			}
			result[d] = float32(sum / float64(len(rows)))
		}
	}
	return [][]float32{result}
}

func bruteSimilarity(metric string, a, b []float32) float64 {
	var product, aa, bb, distance float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		product += x * y
		aa += x * x
		bb += y * y
		distance += (x - y) * (x - y)
	}
	switch metric {
	case "dot":
		return product
	case "l2":
		return -distance
	}
	return product / math.Sqrt(aa*bb)
}

// checkAnswer compares one answer with the scores of all classes: each class that it names must
// have the score of its place, and the margin must be that of the first over the picture's own
// class.
func checkAnswer(t *testing.T, classes []int, margin float32, scores []float64, own int) {
	t.Helper()
	const tolerance = 2e-5
	sorted := slices.Clone(scores)
	slices.SortFunc(sorted, func(a, b float64) int { return compareFloats(b, a) })
	for j, c := range classes {
		if math.Abs(scores[c]-sorted[j]) > tolerance*max(1, math.Abs(sorted[j])) {
			t.Errorf("place %d is class %d with score %v, want one with %v", j, c, scores[c], sorted[j])
		}
	}
	if want := scores[classes[0]] - scores[own]; math.Abs(float64(margin)-want) > 2*tolerance*max(1, math.Abs(scores[own])) {
		t.Errorf("margin %v, want %v", margin, want)
	}
	if (margin == 0) != (classes[0] == own) && scores[own] != sorted[0] {
		t.Errorf("margin %v of class %d for class %d", margin, classes[0], own)
	}
}

func TestEvaluateIsWhatComparingOneByOneGives(t *testing.T) {
	for _, augmented := range []bool{false, true} {
		set := noisySet([]int{9, 14, 11, 8}, 7, augmented)
		splits, class := unevenSplits(set, 6), set.Classes()
		for _, m := range allMethods(set.Counts) {
			t.Run(fmt.Sprintf("%v, augmented %v", m, augmented), func(t *testing.T) {
				answers, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 3, m)
				if err != nil {
					t.Fatal(err)
				}
				wrong := 0
				for r, split := range splits {
					if len(answers[r].Classes) != len(split.Valid) || len(answers[r].Margins) != len(split.Valid) {
						t.Fatalf("run %d has %d answers for %d pictures", r, len(answers[r].Classes), len(split.Valid))
					}
					for i, picture := range split.Valid {
						checkAnswer(t, answers[r].Classes[i], answers[r].Margins[i], bruteScores(set, split.Train, picture, m), class[picture])
						if answers[r].Classes[i][0] != class[picture] {
							wrong++
						}
					}
				}
				if wrong == 0 {
					t.Error("no answer is wrong, so that no margin is tested")
				}
			})
		}
	}
}

// An answer depends neither on the runs beside it nor on the number of CPUs, to the bit.
func TestEvaluateDependsOnTheSplitAlone(t *testing.T) {
	set := noisySet([]int{30, 25, 41}, 12, false)
	splits := unevenSplits(set, 8)
	for _, m := range allMethods(set.Counts) {
		t.Run(m.String(), func(t *testing.T) {
			want, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 2, m)
			if err != nil {
				t.Fatal(err)
			}
			for r := range splits {
				alone, err := Evaluate(context.Background(), set, torchtest.Device(t), splits[r:r+1], "valid", 2, m)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(alone[0], want[r]) {
					t.Errorf("run %d is %v alone and %v with others", r, alone[0], want[r])
				}
			}
			for _, cpus := range []int{1, 3} {
				before := runtime.GOMAXPROCS(cpus)
				got, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 2, m)
				left, leftErr := LeaveOneOut(context.Background(), set, torchtest.Device(t), 2, m)
				runtime.GOMAXPROCS(before)
				again, againErr := LeaveOneOut(context.Background(), set, torchtest.Device(t), 2, m)
				if err := errors.Join(err, leftErr, againErr); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(left, again) {
					t.Errorf("other answers with %d CPUs", cpus)
				}
			}
		})
	}
}

func TestEvaluateErrors(t *testing.T) {
	set := noisySet([]int{4, 4}, 3, false)
	split := data.Split{Train: []int{0, 1, 4}, Valid: []int{2, 5}}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name   string
		ctx    context.Context
		splits []data.Split
		part   string
		k      int
		method Method
		want   string
	}{
		{"a class without training pictures", context.Background(), []data.Split{split, {Train: []int{0}, Valid: []int{5}}}, "valid", 1, Method{}, `run 1: class "class1" has no training pictures`},
		{"a class without training pictures, to vote", context.Background(), []data.Split{split, {Train: []int{0}, Valid: []int{5}}}, "valid", 1, Method{Neighbours: 1}, `run 1: class "class1" has no training pictures`},
		{"a part that does not exist", context.Background(), []data.Split{split}, "some", 1, Method{}, `run 0: split: no part "some"`},
		{"a part that does not exist, to vote", context.Background(), []data.Split{split}, "some", 1, Method{Neighbours: 1}, `run 0: split: no part "some"`},
		{"more classes than there are", context.Background(), []data.Split{split}, "valid", 3, Method{}, "top 3 of 2 classes"},
		{"an unknown method", context.Background(), []data.Split{split}, "valid", 1, Method{Pool: "sum"}, `no pool "sum"`},
		{"an interrupt", cancelled, []data.Split{split}, "valid", 1, Method{}, context.Canceled.Error()},
		{"an interrupt of a vote", cancelled, []data.Split{split}, "valid", 1, Method{Neighbours: 1}, context.Canceled.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answers, err := Evaluate(tt.ctx, set, torchtest.Device(t), tt.splits, tt.part, tt.k, tt.method)
			if err == nil || !strings.Contains(err.Error(), tt.want) || answers != nil {
				t.Errorf("%v, error %v, want %q", answers, err, tt.want)
			}
		})
	}
	if answers, err := Evaluate(context.Background(), set, torchtest.Device(t), []data.Split{split}, "test", 1, Method{}); err != nil || len(answers[0].Classes) != 0 {
		t.Errorf("a part without pictures gives %v, %v", answers, err)
	}
}

// Of classes that look all the same, the label that comes first wins, wherever the product has
// them.
func TestEvaluateTies(t *testing.T) {
	for _, dim := range []int{5, 343, 577} {
		for _, classes := range []int{2, 5, 7, 13, 31, 33, 101} {
			set := noisySet(slices.Repeat([]int{3}, classes), dim, false)
			set.Vectors = slices.Repeat(set.Vectors[:dim], 3*classes)
			var split data.Split
			for i := range set.Names {
				if i%3 == 0 {
					split.Valid = append(split.Valid, i)
				} else {
					split.Train = append(split.Train, i)
				}
			}
			for _, m := range []Method{{}, {Metric: "dot"}, {Metric: "l2"}, {Neighbours: 1}, {Prototypes: 2}} {
				answers, err := Evaluate(context.Background(), set, torchtest.Device(t), []data.Split{split}, "valid", 2, m)
				if err != nil {
					t.Fatal(err)
				}
				for i, named := range answers[0].Classes {
					if !slices.Equal(named, []int{0, 1}) || m.Neighbours == 0 && answers[0].Margins[i] != 0 {
						t.Fatalf("%v, %d classes, %d elements: picture %d is %v with margin %v", m, classes, dim, i, named, answers[0].Margins[i])
					}
				}
			}
		}
	}
}

func TestFindRepeats(t *testing.T) {
	got := findRepeats([]float32{1, 2, 3, 4, 1, 2, 1, 3, 3, 4, 1, 2}, 2)
	slices.SortFunc(got, func(a, b repeat) int { return a.again - b.again })
	if want := []repeat{{0, 2}, {1, 4}, {0, 5}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestMethodsLeakNothing(t *testing.T) {
	set := noisySet([]int{5, 6}, 4, true)
	splits := unevenSplits(set, 3)
	before := torch.LiveHandles()
	for _, m := range allMethods(set.Counts) {
		for _, part := range []string{"valid", "some"} {
			if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, part, 1, m); (err == nil) != (part == "valid") {
				t.Fatal(err)
			}
		}
		if _, err := LeaveOneOut(context.Background(), set, torchtest.Device(t), 1, m); err != nil {
			t.Fatal(err)
		}
		index, err := BuildIndex(context.Background(), set, torchtest.Device(t), m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := index.Search(t.Context(), set.Vectors, 2); err != nil {
			t.Fatal(err)
		}
		index.Close()
	}
	if after := torch.LiveHandles(); after != before {
		t.Errorf("%d handles live, %d before", after, before)
	}
}

// 20 runs on 5,400 pictures of 90 classes: the main job, by every method of a sweep.
func BenchmarkSweep(b *testing.B) {
	const dim, runs = 576, 20
	set := noisySet(slices.Repeat([]int{60}, 90), dim, false)
	g, err := torch.NewGenerator(17)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	splits, err := data.Splits(set.Counts, set.Labels, runs, data.Shares{Valid: 0.2}, g)
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range SweepMethods([]int{48}, 17) {
		b.Run(m.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := Evaluate(context.Background(), set, torchtest.Device(b), splits, "valid", 4, m); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("leave one out, "+m.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := LeaveOneOut(context.Background(), set, torchtest.Device(b), 4, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
