package data_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"vs/data"
)

// seeded is a sound generator. Its numbers have all 64 bits.
type seeded struct{ *rand.Rand }

func newSeeded(seed uint64) seeded { return seeded{rand.New(rand.NewPCG(seed, 1))} }

func (s seeded) Random() (int64, error) { return int64(s.Uint64()), nil }

func (s seeded) RandPerm(n int) ([]int64, error) {
	perm := make([]int64, n)
	for i, v := range s.Perm(n) {
		perm[i] = int64(v)
	}
	return perm, nil
}

// stuck gives the same number forever.
type stuck struct {
	identity
	number int64
}

func (s stuck) Random() (int64, error) { return s.number, nil }

// listed gives the numbers of a list.
type listed struct {
	identity
	numbers *[]int64
}

func (l listed) Random() (int64, error) {
	n := (*l.numbers)[0]
	*l.numbers = (*l.numbers)[1:]
	return n, nil
}

// classes returns the class of each picture.
func classes(counts []int) []int {
	var class []int
	for c, n := range counts {
		class = append(class, slices.Repeat([]int{c}, n)...)
	}
	return class
}

// perClass counts a part's pictures by class and fails if the classes are out of order.
func perClass(t *testing.T, part []int, counts []int) []int {
	t.Helper()
	class := classes(counts)
	found := make([]int, len(counts))
	last := 0
	for _, i := range part {
		if class[i] < last {
			t.Fatalf("classes out of order in %v", part)
		}
		last = class[i]
		found[last]++
	}
	return found
}

func TestKFold(t *testing.T) {
	tests := []struct {
		name   string
		counts []int
		folds  int
		perm   data.Generator
		valid  [][]int
	}{
		{"6 in 3 folds", []int{6}, 3, identity{}, [][]int{{0, 3}, {1, 4}, {2, 5}}},
		{"6 in 3 folds, permuted", []int{6}, 3, reversed{}, [][]int{{5, 2}, {4, 1}, {3, 0}}},
		{"the deal goes on with the next class", []int{4, 4, 4}, 3, identity{}, [][]int{{0, 3, 6, 9}, {1, 4, 7, 10}, {2, 5, 8, 11}}},
		{"a class smaller than the folds", []int{2, 4}, 4, identity{}, [][]int{{0, 4}, {1, 5}, {2}, {3}}},
		{"leave one out of the largest class", []int{3, 2}, 3, identity{}, [][]int{{0, 3}, {1, 4}, {2}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			splits, err := data.KFold(test.counts, names(len(test.counts)), test.folds, test.perm)
			check(t, err)
			for i, s := range splits {
				if !slices.Equal(s.Valid, test.valid[i]) {
					t.Errorf("fold %d validates %v, want %v", i, s.Valid, test.valid[i])
				}
			}
			checkFolds(t, splits, test.counts, test.folds)
		})
	}
}

// checkFolds checks what KFold promises.
func checkFolds(t *testing.T, splits []data.Split, counts []int, folds int) {
	t.Helper()
	if len(splits) != folds {
		t.Fatalf("%d splits, want %d", len(splits), folds)
	}
	total := len(classes(counts))
	validated := make([]int, total)
	for fold, s := range splits {
		if len(s.Test) > 0 {
			t.Errorf("fold %d has pictures for test: %v", fold, s.Test)
		}
		if n := len(s.Valid); n < total/folds || n > (total+folds-1)/folds {
			t.Errorf("fold %d validates %d of %d pictures", fold, n, total)
		}
		seen := make([]bool, total)
		for _, i := range slices.Concat(s.Train, s.Valid) {
			if seen[i] {
				t.Errorf("fold %d has picture %d twice", fold, i)
			}
			seen[i] = true
		}
		if slices.Contains(seen, false) {
			t.Errorf("fold %d lacks a picture", fold)
		}
		for _, i := range s.Valid {
			validated[i]++
		}
		train, valid := perClass(t, s.Train, counts), perClass(t, s.Valid, counts)
		for c, n := range counts {
			if valid[c] < n/folds || valid[c] > (n+folds-1)/folds {
				t.Errorf("fold %d validates %d of %d pictures of class %d", fold, valid[c], n, c)
			}
			if train[c] < 1 {
				t.Errorf("fold %d has no training pictures of class %d", fold, c)
			}
		}
	}
	if i := slices.IndexFunc(validated, func(n int) bool { return n != 1 }); i >= 0 {
		t.Errorf("picture %d is validated %d times", i, validated[i])
	}
}

func TestKFoldDraws(t *testing.T) {
	var draws []string
	_, err := data.KFold([]int{4, 5}, names(2), 2, noting{draws: &draws})
	check(t, err)
	if want := []string{"number", "permutation of 4", "permutation of 5"}; !slices.Equal(draws, want) {
		t.Errorf("drew %q, want %q", draws, want)
	}
}

func TestKFoldErrors(t *testing.T) {
	tests := []struct {
		name   string
		counts []int
		labels int
		folds  int
		g      data.Generator
		words  []string
	}{
		{"no classes", nil, 0, 2, identity{}, []string{"no classes"}},
		{"a label too many", []int{3}, 2, 2, identity{}, []string{"1 counts for 2 labels"}},
		{"a class of one picture", []int{5, 1}, 2, 2, identity{}, []string{`class "class1" has 1 pictures`, "add pictures"}},
		{"one fold", []int{5}, 1, 1, identity{}, []string{"1 folds", "at least 2"}},
		{"more folds than pictures", []int{5, 3}, 2, 6, identity{}, []string{"6 folds", "5 pictures of the largest class", "fewer"}},
		{"a generator without numbers", []int{5}, 1, 2, numberless{}, []string{"draw a number", "out of numbers"}},
		{"a generator without permutations", []int{5}, 1, 2, failing{}, []string{`class "class0"`, "out of entropy"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := data.KFold(test.counts, names(test.labels), test.folds, test.g)
			wantError(t, err, append(test.words, "split")...)
		})
	}
}

func TestBootstrapDraws(t *testing.T) {
	// 62 digits of base 2, lowest first, serve for the class of 2; 39 of base 3 for the class of 3,
	// where 2⁶³−1 is rejected.
	numbers := []int64{7, 0b10, math.MaxInt64, 2 + 3*2 + 9*0}
	splits, err := data.Bootstrap([]int{2, 3}, names(2), 1, listed{numbers: &numbers})
	check(t, err)
	want := data.Split{Train: []int{0, 1, 2 + 2, 2 + 2, 2 + 0}, Valid: []int{2 + 1}}
	if !reflect.DeepEqual(splits[0], want) {
		t.Errorf("got %v, want %v", splits[0], want)
	}
	if len(numbers) > 0 {
		t.Errorf("%d numbers are left", len(numbers))
	}
}

func TestBootstrapDrawsARunWithoutValidationAnew(t *testing.T) {
	numbers := []int64{7, 0b01, 0b11}
	splits, err := data.Bootstrap([]int{2}, names(1), 1, listed{numbers: &numbers})
	check(t, err)
	if want := (data.Split{Train: []int{1, 1}, Valid: []int{0}}); !reflect.DeepEqual(splits[0], want) {
		t.Errorf("got %v, want %v", splits[0], want)
	}
}

// A picture is out of the bag with probability (1 − 1/n)ⁿ. The standard error over the runs is
// below 0.001.
func TestBootstrapLeavesOneInE(t *testing.T) {
	counts := []int{10, 50, 100}
	const runs = 2000
	splits, err := data.Bootstrap(counts, names(3), runs, newSeeded(3))
	check(t, err)
	left := make([]int, len(counts))
	times := make([]int, 160) // a picture is in training parts
	for _, s := range splits {
		for c, n := range perClass(t, s.Valid, counts) {
			left[c] += n
		}
		for _, i := range s.Train {
			times[i]++
		}
	}
	for c, n := range counts {
		want := math.Pow(1-1/float64(n), float64(n))
		if got := float64(left[c]) / float64(n*runs); math.Abs(got-want) > 0.01 {
			t.Errorf("of %d pictures a share of %v is out of the bag, want %v", n, got, want)
		}
	}
	// A count of draws has mean 2,000 and standard deviation 45 at most.
	for i, n := range times {
		if math.Abs(float64(n-runs)) > 6*45 {
			t.Errorf("picture %d was drawn %d times in %d runs", i, n, runs)
		}
	}
}

func TestBootstrapErrors(t *testing.T) {
	tests := []struct {
		name   string
		counts []int
		labels int
		runs   int
		g      data.Generator
		words  []string
	}{
		{"no classes", nil, 0, 1, identity{}, []string{"no classes"}},
		{"a label too few", []int{3, 3}, 1, 1, identity{}, []string{"2 counts for 1 labels"}},
		{"no runs", []int{3}, 1, 0, identity{}, []string{"0 runs", "at least 1"}},
		{"a class without pictures", []int{3, 0}, 2, 1, identity{}, []string{`class "class1" has 0 pictures`}},
		{"classes of one picture", []int{1, 1}, 2, 1, identity{}, []string{"no class has 2 pictures"}},
		{"a generator without numbers", []int{3}, 1, 1, numberless{}, []string{"draw a number", "out of numbers"}},
		{"a generator whose numbers are all too large", []int{3}, 1, 1, stuck{number: -1}, []string{"run 0", "too large", "broken"}},
		{"a generator that leaves nothing", []int{2}, 1, 1, stuck{number: 0b01}, []string{"run 0", "no picture was left", "broken"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := data.Bootstrap(test.counts, names(test.labels), test.runs, test.g)
			wantError(t, err, append(test.words, "split")...)
		})
	}
}

func TestProtocolsDependOnTheSeedAlone(t *testing.T) {
	counts := []int{7, 12, 30}
	protocols := map[string]func(seed uint64) ([]data.Split, error){
		"k-fold":    func(seed uint64) ([]data.Split, error) { return data.KFold(counts, names(3), 5, newSeeded(seed)) },
		"bootstrap": func(seed uint64) ([]data.Split, error) { return data.Bootstrap(counts, names(3), 5, newSeeded(seed)) },
	}
	for name, protocol := range protocols {
		t.Run(name, func(t *testing.T) {
			var got [3][]data.Split
			for i, seed := range []uint64{17, 17, 18} {
				var err error
				got[i], err = protocol(seed)
				check(t, err)
			}
			if !reflect.DeepEqual(got[0], got[1]) {
				t.Error("the same seed gives other splits")
			}
			if reflect.DeepEqual(got[0], got[2]) {
				t.Error("another seed gives the same splits")
			}
		})
	}
}

func FuzzKFold(f *testing.F) {
	f.Add([]byte{5, 10, 20, 60}, 5, uint64(1))
	f.Add([]byte{2, 3}, 3, uint64(2))
	f.Add([]byte{2, 255}, 255, uint64(3))
	f.Add([]byte{1, 4}, 2, uint64(4))
	f.Add([]byte{}, -1, uint64(5))
	f.Fuzz(func(t *testing.T, sizes []byte, folds int, seed uint64) {
		counts := countsOf(sizes)
		splits, err := data.KFold(counts, names(len(counts)), folds, newSeeded(seed))
		valid := len(counts) > 0 && slices.Min(counts) >= 2 && folds >= 2 && folds <= slices.Max(counts)
		if valid != (err == nil) {
			t.Fatalf("%v in %d folds: error %v", counts, folds, err)
		}
		if err == nil {
			checkFolds(t, splits, counts, folds)
		}
	})
}

func FuzzBootstrap(f *testing.F) {
	f.Add([]byte{5, 10, 20, 60}, uint64(1))
	f.Add([]byte{2}, uint64(2))
	f.Add([]byte{1, 2, 255}, uint64(3))
	f.Add([]byte{1, 1}, uint64(4))
	f.Fuzz(func(t *testing.T, sizes []byte, seed uint64) {
		counts := countsOf(sizes)
		splits, err := data.Bootstrap(counts, names(len(counts)), 3, newSeeded(seed))
		valid := len(counts) > 0 && slices.Min(counts) >= 1 && slices.Max(counts) >= 2
		if valid != (err == nil) {
			t.Fatalf("%v: error %v", counts, err)
		}
		for _, s := range splits {
			if got := perClass(t, s.Train, counts); !slices.Equal(got, counts) {
				t.Fatalf("trains with %v of %v", got, counts)
			}
			perClass(t, s.Valid, counts)
			if len(s.Valid) == 0 || len(s.Test) > 0 {
				t.Fatalf("validates %v, tests %v", s.Valid, s.Test)
			}
			in := map[int]bool{}
			for _, i := range s.Train {
				in[i] = true
			}
			for i := range classes(counts) {
				if in[i] == slices.Contains(s.Valid, i) {
					t.Fatalf("picture %d is in both parts or none: %v", i, s)
				}
			}
		}
	})
}

// countsOf turns a fuzzer's bytes into a handful of classes.
func countsOf(sizes []byte) []int {
	var counts []int
	for _, n := range sizes[:min(len(sizes), 8)] {
		counts = append(counts, int(n))
	}
	return counts
}

func ExampleKFold() {
	// Torch's CPU generator takes the place of reversed where splits must be random.
	splits, err := data.KFold([]int{4, 2}, []string{"cat", "dog"}, 2, reversed{})
	if err != nil {
		fmt.Println(err)
	}
	for _, s := range splits {
		fmt.Println(s.Valid, s.Train)
	}
	// Output:
	// [3 1 5] [2 0 4]
	// [2 0 4] [3 1 5]
}
