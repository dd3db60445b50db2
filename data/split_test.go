package data_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"vs/data"
)

// zero is a generator's Random where only the permutations matter.
type zero struct{}

func (zero) Random() (int64, error) { return 0, nil }

// identity, reversed and fixed are generators whose results can be written down.
type identity struct{ zero }

func (identity) RandPerm(n int) ([]int64, error) {
	perm := make([]int64, n)
	for i := range perm {
		perm[i] = int64(i)
	}
	return perm, nil
}

type reversed struct{ zero }

func (reversed) RandPerm(n int) ([]int64, error) {
	perm, _ := identity{}.RandPerm(n)
	slices.Reverse(perm)
	return perm, nil
}

type fixed struct {
	zero
	perm []int64
}

func (f fixed) RandPerm(int) ([]int64, error) { return slices.Clone(f.perm), nil }

// rotating turns each permutation by one more than the last and notes what was asked for.
type rotating struct {
	zero
	asked []int
}

func (r *rotating) RandPerm(n int) ([]int64, error) {
	perm := make([]int64, n)
	for i := range perm {
		perm[i] = int64((i + len(r.asked)) % n)
	}
	r.asked = append(r.asked, n)
	return perm, nil
}

type failing struct{ zero }

func (failing) RandPerm(int) ([]int64, error) { return nil, errors.New("out of entropy") }

// numberless gives no number.
type numberless struct{ identity }

func (numberless) Random() (int64, error) { return 0, errors.New("out of numbers") }

// noting writes down the order of the draws.
type noting struct {
	identity
	draws *[]string
}

func (n noting) Random() (int64, error) {
	*n.draws = append(*n.draws, "number")
	return 0, nil
}

func (n noting) RandPerm(size int) ([]int64, error) {
	*n.draws = append(*n.draws, fmt.Sprint("permutation of ", size))
	return n.identity.RandPerm(size)
}

// A Python DataLoader draws one number when it starts, which comes before the first split there.
func TestOneNumberIsDrawnBeforeThePermutations(t *testing.T) {
	var draws []string
	if _, err := data.Splits([]int{4, 5}, names(2), 2, data.Shares{Valid: 0.25}, noting{draws: &draws}); err != nil {
		t.Fatal(err)
	}
	want := []string{"number", "permutation of 4", "permutation of 5", "permutation of 4", "permutation of 5"}
	if !slices.Equal(draws, want) {
		t.Errorf("drew %q, want %q", draws, want)
	}
}

func span(from, to int) []int {
	var s []int
	for i := from; i < to; i++ {
		s = append(s, i)
	}
	return s
}

func backwards(from, to int) []int {
	s := span(from, to)
	slices.Reverse(s)
	return s
}

func names(n int) []string {
	var labels []string
	for i := range n {
		labels = append(labels, fmt.Sprintf("class%d", i))
	}
	return labels
}

func TestSplits(t *testing.T) {
	shares := data.Shares{Valid: 0.2, Test: 0.1}
	tests := []struct {
		name   string
		counts []int
		shares data.Shares
		perm   data.Generator
		want   data.Split
	}{
		{"5: 4, 1, 0", []int{5}, shares, identity{}, data.Split{Train: span(0, 4), Valid: span(4, 5)}},
		{"10: 7, 2, 1", []int{10}, shares, identity{}, data.Split{Train: span(0, 7), Valid: span(7, 9), Test: span(9, 10)}},
		{"20: 14, 4, 2", []int{20}, shares, identity{}, data.Split{Train: span(0, 14), Valid: span(14, 18), Test: span(18, 20)}},
		{"60: 42, 12, 6", []int{60}, shares, identity{}, data.Split{Train: span(0, 42), Valid: span(42, 54), Test: span(54, 60)}},
		{"10 in reverse order", []int{10}, shares, reversed{}, data.Split{Train: backwards(3, 10), Valid: backwards(1, 3), Test: backwards(0, 1)}},
		{"classes follow each other", []int{5, 10, 20, 60}, shares, reversed{}, data.Split{
			Train: slices.Concat(backwards(1, 5), backwards(8, 15), backwards(21, 35), backwards(53, 95)),
			Valid: slices.Concat(backwards(0, 1), backwards(6, 8), backwards(17, 21), backwards(41, 53)),
			Test:  slices.Concat(backwards(5, 6), backwards(15, 17), backwards(35, 41)),
		}},
		{"no validation and no test", []int{2, 1}, data.Shares{}, identity{}, data.Split{Train: span(0, 3)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			splits, err := data.Splits(test.counts, names(len(test.counts)), 1, test.shares, test.perm)
			check(t, err)
			if len(splits) != 1 {
				t.Fatalf("%d splits, want 1", len(splits))
			}
			for _, part := range data.Parts {
				got, err := splits[0].Part(part)
				check(t, err)
				want, _ := test.want.Part(part)
				if !slices.Equal(got, want) {
					t.Errorf("%s is %v, want %v", part, got, want)
				}
			}
		})
	}
}

// The generator's state runs on, so the order of the draws decides the splits.
func TestSplitsDrawsOnePermutationForEachRunAndLabel(t *testing.T) {
	p := &rotating{}
	splits, err := data.Splits([]int{4, 5}, names(2), 2, data.Shares{Valid: 0.25}, p)
	check(t, err)
	if want := []int{4, 5, 4, 5}; !slices.Equal(p.asked, want) {
		t.Errorf("permutations of %v were drawn, want %v", p.asked, want)
	}
	wantTrain := [][]int{
		{0, 1, 2, 4 + 1, 4 + 2, 4 + 3, 4 + 4},
		{2, 3, 0, 4 + 3, 4 + 4, 4 + 0, 4 + 1},
	}
	wantValid := [][]int{{3, 4 + 0}, {1, 4 + 2}}
	for run := range splits {
		if !slices.Equal(splits[run].Train, wantTrain[run]) || !slices.Equal(splits[run].Valid, wantValid[run]) {
			t.Errorf("run %d is %v, want training %v and validation %v", run, splits[run], wantTrain[run], wantValid[run])
		}
	}
}

// The sizes are those of Python's int(n * share); the comment is the product as Python prints it.
func TestSplitSizesAreThoseOfPython(t *testing.T) {
	tests := []struct {
		n     int
		share float64
		want  int
	}{
		{5, 0.2, 1},        // 1.0
		{5, 0.1, 0},        // 0.5
		{10, 0.2, 2},       // 2.0
		{10, 0.1, 1},       // 1.0
		{20, 0.2, 4},       // 4.0
		{20, 0.1, 2},       // 2.0
		{60, 0.2, 12},      // 12.0
		{60, 0.1, 6},       // 6.0
		{100, 0.29, 28},    // 28.999999999999996
		{100, 0.57, 56},    // 56.99999999999999
		{100, 0.58, 57},    // 57.99999999999999
		{30, 0.1, 3},       // 3.0
		{10, 0.3, 3},       // 3.0
		{49, 1.0 / 49, 0},  // 0.9999999999999999
		{7, 0.7, 4},        // 4.8999999999999995
		{90, 0.7, 62},      // 62.99999999999999
		{50, 0.14, 7},      // 7.000000000000001
		{100, 0.07, 7},     // 7.000000000000001
		{200, 0.035, 7},    // 7.000000000000001
		{1000, 0.999, 999}, // 999.0
		{1, 0.999, 0},      // 0.999
		{3, 0, 0},          // 0.0
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d × %v", test.n, test.share), func(t *testing.T) {
			for _, shares := range []data.Shares{{Valid: test.share}, {Test: test.share}} {
				splits, err := data.Splits([]int{test.n}, names(1), 1, shares, identity{})
				check(t, err)
				s := splits[0]
				if got := len(s.Valid) + len(s.Test); got != test.want || len(s.Train) != test.n-test.want {
					t.Errorf("%+v gives %d and %d for training, want %d and %d", shares, got, len(s.Train), test.want, test.n-test.want)
				}
			}
		})
	}
}

func TestSplitsErrors(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name   string
		counts []int
		runs   int
		shares data.Shares
		perm   data.Generator
		words  []string
	}{
		{"no runs", []int{5}, 0, data.Shares{Valid: 0.2}, identity{}, []string{"0 runs", "at least 1"}},
		{"a negative share", []int{5}, 1, data.Shares{Valid: -0.1}, identity{}, []string{"validation share -0.1", "[0, 1)"}},
		{"a share of 1", []int{5}, 1, data.Shares{Test: 1}, identity{}, []string{"test share 1", "[0, 1)"}},
		{"a share that is not a number", []int{5}, 1, data.Shares{Valid: nan}, identity{}, []string{"NaN"}},
		{"shares that sum to 1", []int{5}, 1, data.Shares{Valid: 0.7, Test: 0.3}, identity{}, []string{"0.7", "0.3", "nothing for training"}},
		{"no classes", nil, 1, data.Shares{}, identity{}, []string{"no classes"}},
		{"a class without pictures", []int{5, 0}, 1, data.Shares{Valid: 0.2}, identity{}, []string{`"class1" with 0 pictures`, "add pictures"}},
		{"a class that rounding uses up", []int{6}, 1, data.Shares{Valid: 0.16666666666666666, Test: 0.8333333333333333}, identity{}, []string{`"class0" with 6 pictures`, "smaller shares"}},
		{"a generator that fails", []int{5}, 1, data.Shares{}, failing{}, []string{`run 0, class "class0"`, "out of entropy"}},
		{"a generator without numbers", []int{3}, 1, data.Shares{}, numberless{}, []string{"draw a number", "out of numbers"}},
		{"a permutation that is short", []int{3}, 1, data.Shares{}, fixed{perm: []int64{0, 1}}, []string{"permutation of 3", "2 numbers"}},
		{"a permutation that repeats", []int{3}, 1, data.Shares{}, fixed{perm: []int64{0, 1, 1}}, []string{"permutation of 3", "1 is out of range or drawn twice"}},
		{"a permutation out of range", []int{3}, 1, data.Shares{}, fixed{perm: []int64{0, 1, 3}}, []string{"3 is out of range"}},
		{"a negative number", []int{3}, 1, data.Shares{}, fixed{perm: []int64{0, -1, 2}}, []string{"-1 is out of range"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := data.Splits(test.counts, names(len(test.counts)), test.runs, test.shares, test.perm)
			wantError(t, err, append(test.words, "split")...)
		})
	}
	_, err := data.Splits([]int{1, 2}, names(3), 1, data.Shares{}, identity{})
	wantError(t, err, "2 counts for 3 labels")
}

func TestPart(t *testing.T) {
	s := data.Split{Train: []int{1}, Valid: []int{2}, Test: []int{3}}
	for i, name := range data.Parts {
		got, err := s.Part(name)
		if err != nil || !slices.Equal(got, []int{i + 1}) {
			t.Errorf("part %q is %v, %v", name, got, err)
		}
	}
	_, err := s.Part("validation")
	wantError(t, err, `no part "validation"`, "train, valid, test")
}

func TestCheckPart(t *testing.T) {
	tests := []struct {
		name   string
		part   string
		counts []int
		shares data.Shares
		words  []string // of the error; none when there is no error
	}{
		{"training is there", "train", []int{1, 1}, data.Shares{}, nil},
		{"validation is there", "valid", []int{5, 10}, data.Shares{Valid: 0.2}, nil},
		{"validation has no share", "valid", []int{5, 10}, data.Shares{Test: 0.2}, []string{"valid part", "every class", "share of 0", "larger share"}},
		{"one class is too small for test", "test", []int{10, 9}, data.Shares{Test: 0.1}, []string{`class "class1"`, "share of 0.1", "9 pictures", "more pictures"}},
		{"two classes of three are too small", "test", []int{10, 9, 8}, data.Shares{Test: 0.1}, []string{"2 of 3 classes", `"class1"`, "9 pictures"}},
		{"all classes are too small", "test", []int{8, 9}, data.Shares{Test: 0.1}, []string{"every class", "at most 9 pictures"}},
		{"the part has another name", "eval", []int{8}, data.Shares{}, []string{`no part "eval"`}},
		{"the shares are wrong", "test", []int{8}, data.Shares{Test: 2}, []string{"test share 2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.shares.CheckPart(test.part, test.counts, names(len(test.counts)))
			if test.words == nil {
				check(t, err)
				return
			}
			wantError(t, err, append(test.words, "split")...)
		})
	}
}

// Whatever the counts and shares, each picture lands in exactly one part, its class's parts have
// the sizes of int(n × share), and every class has something to train on.
func FuzzSplits(f *testing.F) {
	f.Add([]byte{5, 10, 20, 60}, 0.2, 0.1)
	f.Add([]byte{100}, 0.29, 0.57)
	f.Add([]byte{1, 255, 0}, 0.0, 0.999)
	f.Add([]byte{6}, 0.16666666666666666, 0.8333333333333333)
	f.Add([]byte{}, math.NaN(), math.Inf(1))
	f.Fuzz(func(t *testing.T, sizes []byte, valid, test float64) {
		counts := countsOf(sizes)
		class := classes(counts) // of each picture
		const runs = 3
		splits, err := data.Splits(counts, names(len(counts)), runs, data.Shares{Valid: valid, Test: test}, &rotating{})
		if err != nil {
			return
		}
		for _, s := range splits {
			seen := make([]int, len(class))
			perClass := make([][3]int, len(counts))
			for part, indices := range [][]int{s.Train, s.Valid, s.Test} {
				last := 0
				for _, i := range indices {
					seen[i]++
					if class[i] < last {
						t.Fatalf("labels out of order in %v", indices)
					}
					last = class[i]
					perClass[last][part]++
				}
			}
			if i := slices.IndexFunc(seen, func(n int) bool { return n != 1 }); i >= 0 {
				t.Fatalf("picture %d is in %d parts", i, seen[i])
			}
			for c, n := range counts {
				nv, nt := int(float64(n)*valid), int(float64(n)*test)
				if want := [3]int{n - nv - nt, nv, nt}; perClass[c] != want || want[0] < 1 {
					t.Fatalf("class of %d is dealt %v, want %v", n, perClass[c], want)
				}
			}
		}
	})
}
