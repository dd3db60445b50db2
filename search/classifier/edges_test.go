package classifier

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vs/torch"
)

// clouds are pictures around a centre for each class, with that many of each.
func clouds(dim int, counts ...int) *Examples {
	random := rand.New(rand.NewPCG(1, 2))
	x := &Examples{Dim: dim, Classes: len(counts)}
	for c, n := range counts {
		centre := make([]float64, dim)
		for j := range centre {
			centre[j] = 2 * random.NormFloat64()
		}
		for range n {
			for j := range dim {
				x.Embeddings = append(x.Embeddings, float32(centre[j]+random.NormFloat64()))
			}
			x.Rows = append(x.Rows, len(x.Class))
			x.Class = append(x.Class, c)
		}
	}
	return x
}

// fitted fits with the parameters chosen, and returns the scores of the examples.
func fitted(t *testing.T, kind string, x *Examples) (*Linear, [][]float64) {
	t.Helper()
	l, err := Spec{Kind: kind}.Fit(t.Context(), torch.CPU, x)
	if err != nil {
		t.Fatal(err)
	}
	scores := scoresOf(t, l, x, x.Embeddings)
	for row, list := range scores {
		for _, s := range list {
			if math.IsNaN(s) || math.IsInf(s, 0) {
				t.Fatalf("picture %d scores %v", row, list)
			}
		}
	}
	return l, scores
}

// right is the share of the examples that get the best score for their own class.
func right(scores [][]float64, x *Examples) float64 {
	n := 0
	for row, c := range x.Class {
		if slices.Index(scores[row], slices.Max(scores[row])) == c {
			n++
		}
	}
	return float64(n) / float64(len(x.Class))
}

func TestFitAnswersWhereDataIsPoor(t *testing.T) {
	constant := clouds(6, 8, 8, 8)
	for row := range constant.Class {
		constant.Embeddings[row*6] = 3                              // a constant dimension
		constant.Embeddings[row*6+1] = constant.Embeddings[row*6+2] // and two equal ones
	}
	zero := clouds(5, 6, 6)
	clear(zero.Embeddings[:5])
	large := clouds(5, 6, 6)
	for i := range large.Embeddings {
		large.Embeddings[i] *= 1e30
	}
	for name, x := range map[string]*Examples{
		"a class with one picture":             clouds(4, 1, 9, 9),
		"classes with one picture each":        clouds(4, 1, 1, 1),
		"one class":                            clouds(4, 5),
		"more dimensions than pictures":        clouds(40, 3, 4, 1),
		"a constant and duplicate dimensions":  constant,
		"an embedding of length zero":          zero,
		"squares that overflow float32":        large,
		"as many pictures as dimensions":       clouds(9, 3, 3, 3),
		"one picture more than dimensions":     clouds(8, 3, 3, 3),
		"two pictures a class, few dimensions": clouds(2, 2, 2, 2),
	} {
		for _, kind := range Kinds {
			t.Run(kind+" of "+name, func(t *testing.T) {
				_, scores := fitted(t, kind, x)
				if share := right(scores, x); share < 0.7 {
					t.Errorf("%.2f of its own pictures are right", share)
				}
			})
		}
	}
}

func TestClassesOfEqualPicturesScoreAlike(t *testing.T) {
	for _, dim := range []int{3, 30} {
		x := clouds(dim, 6, 5, 5)
		// The last class has the pictures of the one before.
		copy(x.Embeddings[11*dim:], x.Embeddings[6*dim:11*dim])
		_, scores := fitted(t, LDA, x)
		for row, list := range scores {
			if list[1] != list[2] {
				t.Fatalf("picture %d in %d dimensions scores %v", row, dim, list)
			}
		}
	}
}

func TestEqualPicturesMakeTheNearestMean(t *testing.T) {
	x := &Examples{
		Embeddings: []float32{1, 0, 1, 0, 0, 1, 0, 1}, Dim: 2, Classes: 2,
		Class: []int{0, 0, 1, 1}, Rows: []int{0, 1, 2, 3},
	}
	l, err := Spec{Kind: LDA, Power: Given(1)}.Fit(t.Context(), torch.CPU, x)
	if err != nil {
		t.Fatal(err)
	}
	scores := scoresOf(t, l, x, []float32{0.75, 0.25})[0]
	length := math.Hypot(0.75, 0.25)
	want := []float64{0.75/length - 0.5, 0.25/length - 0.5}
	for c := range want {
		if math.Abs(scores[c]-want[c]) > 1e-12 {
			t.Errorf("scores %v, want %v", scores, want)
		}
	}
	left, err := Spec{Kind: LDA, Power: Given(1)}.LeaveOneOut(t.Context(), torch.CPU, x)
	if err != nil {
		t.Fatal(err)
	}
	err = left.Scores(t.Context(), x.Rows, func(row int, scores []float64, _ float64) {
		if own, other := scores[x.Class[row]], scores[1-x.Class[row]]; own != 0.5 || other != -0.5 {
			t.Errorf("picture %d scores %v", row, scores)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhatMeansNothingIsRefused(t *testing.T) {
	x := clouds(4, 5, 5)
	for _, c := range []struct {
		spec Spec
		x    *Examples
		want string
	}{
		{Spec{Kind: LDA, Power: Given(0)}, x, "--power 0: use auto, or more than 0 and at most 8"},
		{Spec{Kind: LDA, Power: Given(-1)}, x, "--power -1: use auto"},
		{Spec{Kind: LDA, Power: Given(math.NaN())}, x, "--power NaN: use auto"},
		{Spec{Kind: LDA, Power: Given(9)}, x, "--power 9: use auto"},
		{Spec{Kind: LDA, Shrinkage: Given(-0.1)}, x, "--shrinkage -0.1: use auto, or 0 to 1"},
		{Spec{Kind: LDA, Shrinkage: Given(1.1)}, x, "--shrinkage 1.1: use auto, or 0 to 1"},
		{Spec{Kind: LDA, Shrinkage: Given(math.NaN())}, x, "--shrinkage NaN: use auto, or 0 to 1"},
		{Spec{Kind: LDA, Shrinkage: Given(0)}, clouds(9, 3, 3), "--shrinkage 0: the covariance of 6 pictures in 2 classes has no inverse in 9 dimensions; use auto, or more than 0"},
		{Spec{Kind: "svm"}, x, `no classifier "svm": choose lda, ridge, logistic`},
		{Spec{Kind: LDA, Penalty: Given(1)}, x, "--penalty is a parameter of ridge and logistic"},
		{Spec{Kind: Ridge, Shrinkage: Given(1)}, x, "--shrinkage is a parameter of lda, not of ridge"},
		{Spec{Kind: Logistic, Counts: true}, x, "--priors is a parameter of lda, not of logistic"},
		{Spec{Kind: Logistic, Projections: 9}, x, "--projections is a parameter of ridge, not of logistic"},
		{Spec{Kind: Ridge, Projections: -1}, x, "--projections -1: use 1 to 16384"},
		{Spec{Kind: Ridge, Penalty: Given(0)}, x, "--penalty 0: use auto, or more than 0"},
		{Spec{Kind: Logistic, Penalty: Given(math.Inf(1))}, x, "--penalty +Inf: use auto, or more than 0"},
		{Spec{Kind: LDA}, &Examples{Embeddings: []float32{1}, Dim: 1, Classes: 2, Class: []int{1}, Rows: []int{0}}, "class 0 has 0 training pictures and needs 1"},
	} {
		if _, err := c.spec.Fit(t.Context(), torch.CPU, c.x); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.spec, err, c.want)
		}
	}
	if _, err := (Spec{Kind: LDA}).LeaveOneOut(t.Context(), torch.CPU, clouds(4, 1, 5)); err == nil || err.Error() != "class 0 has 1 training pictures and needs 2" {
		t.Error(err)
	}
}

func TestChoicesReadAndWriteText(t *testing.T) {
	for text, want := range map[string]Choice{"auto": {}, "0.5": Given(0.5), "0": Given(0)} {
		var got Choice
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want || got.String() != text {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
	var c Choice
	if err := c.UnmarshalText([]byte("much")); err == nil || err.Error() != `"much" is neither auto nor a number` {
		t.Error(err)
	}
}
