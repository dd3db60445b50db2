package report

import (
	"math"
	"slices"
	"testing"
)

// equal compares statistics within rounding.
func (s ClassStats) equal(want ClassStats) bool {
	for _, pair := range [][2]float64{
		{s.Support, want.Support}, {s.Accuracy, want.Accuracy},
		{s.Precision, want.Precision}, {s.Recall, want.Recall}, {s.F1, want.F1},
	} {
		if !near(pair[0], pair[1], 1e-14) {
			return false
		}
	}
	return s.Label == want.Label && s.NumPictures == want.NumPictures
}

// The expected values are counted by hand: in the first run a has one of two right and is named
// twice, b two of two and is named three times, c one of two and is named once; in the second all
// is taken for b, and c has no picture.
func TestClassStats(t *testing.T) {
	nan := math.NaN()
	for _, row := range []struct {
		name string
		runs []string
		want []ClassStats
	}{
		{
			"one run", []string{"a1>a a2>b b1>b b2>b c1>a c2>c"},
			[]ClassStats{
				{Label: "a", Support: 2, NumPictures: 2, Accuracy: 1. / 2, Precision: 1. / 2, Recall: 1. / 2, F1: 1. / 2},
				{Label: "b", Support: 2, NumPictures: 2, Accuracy: 1, Precision: 2. / 3, Recall: 1, F1: 4. / 5},
				{Label: "c", Support: 2, NumPictures: 2, Accuracy: 1. / 2, Precision: 1, Recall: 1. / 2, F1: 2. / 3},
			},
		},
		{
			"runs in which a class is not named, or has no picture", []string{"a1>a a2>b b1>b b2>b c1>a c2>c", "a2>b a3>b b1>b b2>b"},
			[]ClassStats{
				{Label: "a", Support: 2, NumPictures: 3, Accuracy: 1. / 4, Precision: 1. / 2, Recall: 1. / 4, F1: 1. / 4},
				{Label: "b", Support: 2, NumPictures: 2, Accuracy: 1, Precision: (2./3 + 1./2) / 2, Recall: 1, F1: (4./5 + 2./3) / 2},
				{Label: "c", Support: 1, NumPictures: 2, Accuracy: 1. / 2, Precision: 1, Recall: 1. / 2, F1: 2. / 3},
			},
		},
		{
			"pictures weigh the same in runs of different sizes", []string{"a1>a", "a1>b a2>b a3>b"},
			[]ClassStats{
				{Label: "a", Support: 2, NumPictures: 3, Accuracy: 1. / 4, Precision: 1, Recall: 1. / 2, F1: 1. / 2},
				{Label: "b", Accuracy: nan, Precision: 0, Recall: nan, F1: 0},
				{Label: "c", Accuracy: nan, Precision: nan, Recall: nan, F1: nan},
			},
		},
	} {
		for c, got := range answered(t, Setup{}, row.runs...).ClassStats() {
			if !got.equal(row.want[c]) {
				t.Errorf("%s: got %+v, want %+v", row.name, got, row.want[c])
			}
		}
	}
}

func TestClassIntervalCountsEachPictureOnce(t *testing.T) {
	once := answered(t, Setup{}, "a1>a a2>b a3>a").ClassStats()[0]
	again := answered(t, Setup{}, "a1>a a2>b a3>a", "a3>a a1>a a2>b", "a1>a a2>b a3>a").ClassStats()[0]
	if again.Low != once.Low || again.High != once.High {
		t.Errorf("after 3 runs [%v, %v], after one [%v, %v]", again.Low, again.High, once.Low, once.High)
	}
	low, high := wilson(2./3, 3, 0.95)
	if once.Low != low || once.High != high {
		t.Errorf("got [%v, %v], want [%v, %v]", once.Low, once.High, low, high)
	}
}

func TestMeanOverClassesLeavesOutWhatIsNotDefined(t *testing.T) {
	accuracy, precision, recall, f1 := meanOverClasses(answered(t, Setup{}, "a1>a", "a1>b a2>b a3>b").ClassStats())
	if accuracy != 0.25 || precision != 0.5 || recall != 0.5 || f1 != 0.25 {
		t.Errorf("got %v, %v, %v, %v", accuracy, precision, recall, f1)
	}
}

func TestLeastAccurate(t *testing.T) {
	for _, row := range []struct {
		name      string
		outcomes  []string
		threshold float64
		want      []string
	}{
		{"worst first", []string{"133", "131"}, 0.8, []string{"beaver", "cinema"}},
		{"ties in label order", []string{"331"}, 0.8, []string{"agaric", "beaver"}},
		{"a class at the threshold is not below it", []string{"131", "111"}, 0.5, nil},
		{"classes without pictures are left out", []string{"3"}, 0.8, []string{"agaric"}},
		{"none", []string{"111"}, 0.8, nil},
	} {
		var got []string
		for _, class := range sample(t, "m", Setup{}, row.outcomes...).LeastAccurate(row.threshold) {
			got = append(got, class.Label)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}
