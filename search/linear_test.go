package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"vs/data"
	"vs/search/classifier"
	"vs/search/database"
	"vs/torch/torchtest"
)

// stretched has classes that differ along one short dimension, beside long ones that say nothing:
// the discriminant finds it, the mean does not.
func stretched(augmented bool) *database.Embeddings {
	random := rand.New(rand.NewPCG(4, 2))
	set := &database.Embeddings{Dim: 8, Counts: []int{24, 19, 21}, Labels: []string{"a", "b", "c"}}
	for c, n := range set.Counts {
		for i := range n {
			set.Names = append(set.Names, fmt.Sprint(i))
			for j := range set.Dim {
				x := 3 * random.NormFloat64()
				if j == 0 {
					x = float64(c) - 1 + 0.1*random.NormFloat64()
				}
				set.Vectors = append(set.Vectors, float32(x))
				if augmented {
					set.Training = append(set.Training, float32(x+0.02*random.NormFloat64()))
				}
			}
		}
	}
	return set
}

var lda = Method{Classifier: classifier.Spec{Kind: "lda"}}

func correct(set *database.Embeddings, splits []data.Split, answers []Answers) (share float64) {
	class, n := set.Classes(), 0
	for r, split := range splits {
		for i, picture := range split.Valid {
			n++
			if answers[r].Classes[i][0] == class[picture] {
				share++
			}
		}
	}
	return share / float64(n)
}

func TestLDAFindsWhatTheMeanDoesNot(t *testing.T) {
	for _, augmented := range []bool{false, true} {
		set := stretched(augmented)
		splits := unevenSplits(set, 6)
		accuracy := func(m Method) float64 {
			answers, err := Evaluate(t.Context(), set, torchtest.Device(t), splits, "valid", 1, m)
			if err != nil {
				t.Fatal(err)
			}
			return correct(set, splits, answers)
		}
		if mean, lda := accuracy(Method{}), accuracy(lda); lda < mean+0.2 {
			t.Errorf("augmented %v: the discriminant has %.2f, the mean %.2f", augmented, lda, mean)
		}
	}
}

func TestLDAIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	set := stretched(false)
	splits := unevenSplits(set, 5)
	evaluate := func(workers int) []Answers {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		answers, err := Evaluate(t.Context(), set, torchtest.Device(t), splits, "valid", 3, lda)
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	if one, four := evaluate(1), evaluate(4); !reflect.DeepEqual(one, four) {
		t.Errorf("one worker answers %v, four %v", one, four)
	}
}

func TestLDALeavingOneOutIsAnEvaluationWithASplitAPicture(t *testing.T) {
	set := stretched(true)
	all := data.Indices(len(set.Names))
	var splits []data.Split
	for i := range all {
		splits = append(splits, data.Split{Train: slices.Delete(slices.Clone(all), i, i+1), Valid: []int{i}})
	}
	method := Method{Classifier: classifier.Spec{Kind: "lda", Power: classifier.Given(0.5), Shrinkage: classifier.Given(0.2), Counts: true}}
	want, err := Evaluate(t.Context(), set, torchtest.Device(t), splits, "valid", 3, method)
	if err != nil {
		t.Fatal(err)
	}
	got, err := LeaveOneOut(t.Context(), set, torchtest.Device(t), 3, method)
	if err != nil {
		t.Fatal(err)
	}
	// A picture has an embedding and a training vector, and leaving it out takes the second one
	// away.
	for i := range all {
		if !slices.Equal(got.Classes[i], want[i].Classes[0]) {
			t.Errorf("picture %d is %v, evaluated without it %v", i, got.Classes[i], want[i].Classes[0])
		}
		if math.Abs(float64(got.Margins[i]-want[i].Margins[0])) > 1e-4 {
			t.Errorf("picture %d has margin %v, evaluated without it %v", i, got.Margins[i], want[i].Margins[0])
		}
	}
}

func TestLDAIndexAnswersWithProbabilities(t *testing.T) {
	set := stretched(false)
	index, err := BuildIndex(t.Context(), set, torchtest.Device(t), lda)
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	hits, err := index.Search(t.Context(), set.Vectors, 3)
	if err != nil {
		t.Fatal(err)
	}
	class, right := set.Classes(), 0
	for i, list := range hits {
		var sum float64
		for j, hit := range list {
			sum += float64(hit.Score)
			if j > 0 && hit.Score > list[j-1].Score {
				t.Errorf("picture %d: %v are not in order", i, list)
			}
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("picture %d: the probabilities of all classes add up to %v", i, sum)
		}
		if list[0].Label == set.Labels[class[i]] {
			right++
		}
	}
	if right < len(hits)*9/10 {
		t.Errorf("%d of %d pictures are right", right, len(hits))
	}
}
