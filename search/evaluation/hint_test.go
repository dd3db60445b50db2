package evaluation

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"vs/data"
	"vs/report"
	"vs/search"
	"vs/search/classifier"
	"vs/search/database"
	"vs/torch"
)

// streaks are classes of which pictures differ along one direction far more than the classes differ
// from one another, so that the discriminant tells them apart and the mean does not.
func streaks(counts ...int) *database.Embeddings {
	random := rand.New(rand.NewPCG(5, 1))
	set := &database.Embeddings{Dim: 5, Counts: counts}
	for c, n := range counts {
		set.Labels = append(set.Labels, fmt.Sprintf("class%d", c))
		for i := range n {
			set.Names = append(set.Names, fmt.Sprint(i))
			streak := 5 * random.NormFloat64()
			row := []float64{4 + streak, 4 - streak, 4, random.NormFloat64() / 5, random.NormFloat64() / 5}
			row[3+c%2] += float64(1 - c/2*2)
			for _, v := range row {
				set.Vectors = append(set.Vectors, float32(v))
			}
		}
	}
	return set
}

func TestAClearlyBetterClassifierIsNamed(t *testing.T) {
	set := streaks(40, 40, 40, 40)
	for _, protocol := range report.Protocols {
		st := usual()
		st.Protocol = protocol
		st.Runs, st.Folds = 6, 5
		s := Source{Embeddings: set, Device: torch.CPU}
		_, splits, _, err := st.divide(t.Context(), set)
		if err != nil {
			t.Fatal(err)
		}
		evaluate := func(m search.Method) *report.Evaluation {
			t.Helper()
			st.Method = m
			one, err := s.evaluate(t.Context(), splits, m, &st)
			if err != nil {
				t.Fatal(err)
			}
			return one
		}
		mean, lda := evaluate(search.Method{}), evaluate(search.Method{Classifier: classifier.Spec{Kind: classifier.LDA}})
		if lda.Hint != nil {
			t.Errorf("%s: a hint for a method that was chosen: %+v", protocol, lda.Hint)
		}
		h := mean.Hint
		if h == nil || h.Option != "--classifier lda" || h.Trained != h.Training || h.Difference.Low < 0.1 {
			t.Fatalf("%s: hint %+v; accuracies %v and %v", protocol, h, mean.Accuracy.Mean, lda.Accuracy.Mean)
		}
		// So little was tried in full that the difference is the real one.
		if want, err := report.Compare(mean, lda); err != nil || protocol != report.Bootstrap && h.Difference.Mean != want.Accuracy.Mean {
			t.Errorf("%s: difference %v, want %v (%v)", protocol, h.Difference.Mean, want.Accuracy.Mean, err)
		}
		old := runtime.GOMAXPROCS(1)
		if again := evaluate(search.Method{}); fmt.Sprint(again.Hint) != fmt.Sprint(h) {
			t.Errorf("%s: one worker gives another hint", protocol)
		}
		runtime.GOMAXPROCS(old)
	}
}

func TestNoHintWhereNothingIsBetter(t *testing.T) {
	_, db := encoded(t)
	o, _ := mustRun(t, Inputs{Databases: []string{db}}, usual())
	if h := o.Evaluations[0].Hint; h != nil && h.Difference.Low <= 0 {
		t.Errorf("%+v", h)
	}
	st := usual()
	st.Part = "train"
	if o, _ := mustRun(t, Inputs{Databases: []string{db}}, st); o.Evaluations[0].Hint != nil {
		t.Error("a hint for pictures that were trained on")
	}
}

func TestAffordableTakesSomeOfEachClass(t *testing.T) {
	set := streaks(200, 3, 1, 40)
	all := data.Indices(244)
	if got := affordable(set, all, 1e12); !slices.Equal(got, all) {
		t.Errorf("%d pictures, want all", len(got))
	}
	got := affordable(set, all, fitCost(150, 5, 4))
	class := set.Classes()
	counts := make([]int, 4)
	for _, i := range got {
		counts[class[i]]++
	}
	if !slices.IsSorted(got) || counts[0] != 100 || counts[1] != 2 || counts[2] != 1 || counts[3] != 20 {
		t.Errorf("%v pictures of each class", counts)
	}
	if got := affordable(set, all, fitCost(3, 5, 4)); got != nil {
		t.Errorf("%d pictures for nothing", len(got))
	}
}
