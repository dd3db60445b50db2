package data_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vs/data"
)

var threeLabels = []string{"ash", "birch", "cedar"}

// divide makes the splits of a protocol, keeping pictures of equal content together where contents
// are given.
func divide(protocol string, counts, contents []int, seed uint64) ([]data.Split, error) {
	g, labels := newSeeded(seed), threeLabels[:len(counts)]
	shares := data.Shares{Valid: 0.2, Test: 0.1}
	switch {
	case protocol == "holdout" && contents == nil:
		return data.Splits(counts, labels, 20, shares, g)
	case protocol == "holdout":
		return data.GroupedSplits(counts, labels, contents, 20, shares, g)
	case protocol == "kfold" && contents == nil:
		return data.KFold(counts, labels, 5, g)
	case protocol == "kfold":
		return data.GroupedKFold(counts, labels, contents, 5, g)
	case contents == nil:
		return data.Bootstrap(counts, labels, 20, g)
	}
	return data.GroupedBootstrap(counts, labels, contents, 20, g)
}

var protocols = []string{"holdout", "kfold", "bootstrap"}

// alone says that no two pictures have the same content.
func alone(n int) []int {
	contents := make([]int, n)
	for i := range contents {
		contents[i] = i
	}
	return contents
}

// randomContents makes some pictures copies of earlier ones.
func randomContents(n int, share float64, r *rand.Rand) []int {
	contents := alone(n)
	for i := 1; i < n; i++ {
		if r.Float64() < share {
			contents[i] = contents[r.IntN(i)]
		}
	}
	return contents
}

func TestWithoutEqualPicturesGroupingChangesNothing(t *testing.T) {
	for _, protocol := range protocols {
		for _, counts := range [][]int{{10, 10, 10}, {7, 23, 5}, {60, 6}} {
			want, err := divide(protocol, counts, nil, 17)
			check(t, err)
			got, err := divide(protocol, counts, alone(len(classes(counts))), 17)
			check(t, err)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s of %v: the splits differ", protocol, counts)
			}
		}
	}
}

func TestEqualPicturesStayOnOneSide(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for trial := range 60 {
		counts := []int{20 + r.IntN(20), 20 + r.IntN(20), 20 + r.IntN(20)}
		class := classes(counts)
		contents := randomContents(len(class), []float64{0.05, 0.3, 0.6}[trial%3], r)
		for _, protocol := range protocols {
			t.Run(fmt.Sprintf("%s %d", protocol, trial), func(t *testing.T) {
				splits, err := divide(protocol, counts, contents, uint64(trial))
				if err != nil && protocol == "kfold" && strings.Contains(err.Error(), "equal pictures stay together") {
					return
				}
				check(t, err)
				for run, split := range splits {
					part := map[int]int{}
					training := make([]int, len(counts))
					total := 0
					for k, pictures := range [][]int{split.Train, split.Valid, split.Test} {
						seen := map[int]bool{}
						for _, i := range pictures {
							if !seen[i] {
								total++
							}
							seen[i] = true
							if other, met := part[contents[i]]; met && other != k {
								t.Fatalf("run %d: content %d stands in parts %d and %d", run, contents[i], other, k)
							}
							part[contents[i]] = k
							if k == 0 {
								training[class[i]]++
							}
						}
					}
					if slices.Contains(training, 0) {
						t.Errorf("run %d: training pictures %v", run, training)
					}
					if protocol != "bootstrap" && total != len(class) {
						t.Errorf("run %d: %d of %d pictures", run, total, len(class))
					}
					if len(split.Valid) == 0 {
						t.Errorf("run %d: nothing to evaluate", run)
					}
				}
				again, err := divide(protocol, counts, contents, uint64(trial))
				if err != nil || !reflect.DeepEqual(again, splits) {
					t.Errorf("another time: %v", err)
				}
			})
		}
	}
}

// With copies of every picture, classes get parts of the usual sizes, to within one content.
func TestGroupedPartsHaveTheirShares(t *testing.T) {
	counts := []int{40, 40, 40}
	contents := alone(120)
	for i := range contents {
		contents[i] -= i % 2
	}
	splits, err := divide("holdout", counts, contents, 3)
	check(t, err)
	for run, split := range splits {
		for part, want := range []int{28, 8, 4} {
			pictures, err := split.Part(data.Parts[part])
			check(t, err)
			for c, n := range perClass(t, pictures, counts) {
				if n != want {
					t.Errorf("run %d: %s has %d of class %d, want %d", run, data.Parts[part], n, c, want)
				}
			}
		}
	}
	folds, err := divide("kfold", counts, contents, 3)
	check(t, err)
	for run, split := range folds {
		for c, n := range perClass(t, split.Valid, counts) {
			if n != 8 {
				t.Errorf("fold %d has %d of class %d, want 8", run, n, c)
			}
		}
	}
}

// Every content is for validation in some run: none is bound to a part by its size alone.
func TestLargeGroupsAreEvaluatedToo(t *testing.T) {
	contents := alone(40)
	for i := range 5 {
		contents[i] = 0 // five copies, in a class whose validation part has 8 pictures
	}
	splits, err := data.GroupedSplits([]int{40}, threeLabels[:1], contents, 400, data.Shares{Valid: 0.2}, newSeeded(1))
	check(t, err)
	evaluated := 0
	for _, split := range splits {
		if slices.Contains(split.Valid, 0) {
			evaluated++
		}
	}
	if evaluated < 20 || evaluated > 120 {
		t.Errorf("the group is evaluated in %d of 400 runs; each other picture is in about 80", evaluated)
	}
}

// A class whose contents are all large, or shared with other classes, still has something in every
// part that it has a share of.
func TestClassesKeepSomethingForTrainingAndValidation(t *testing.T) {
	for _, row := range []struct {
		name             string
		counts, contents []int
	}{
		{"two contents of five", []int{10, 10}, []int{0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}},
		{"a class that another one has, too", []int{10, 5}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4}},
	} {
		splits, err := data.GroupedSplits(row.counts, threeLabels[:2], row.contents, 50, data.Shares{Valid: 0.2}, newSeeded(5))
		check(t, err)
		for run, split := range splits {
			for _, part := range [][]int{split.Train, split.Valid} {
				if got := perClass(t, part, row.counts); slices.Contains(got, 0) {
					t.Errorf("%s: run %d: %v pictures of the classes in one part", row.name, run, got)
				}
			}
		}
	}
}

func TestGroupedBootstrapDrawsContents(t *testing.T) {
	// Class 0 has contents 0 (three pictures) and 3; class 1 has 4, 5, and 0 again.
	counts, contents := []int{4, 3}, []int{0, 0, 0, 3, 4, 5, 0}
	splits, err := data.GroupedBootstrap(counts, threeLabels[:2], contents, 500, newSeeded(9))
	check(t, err)
	for run, split := range splits {
		times := make([]int, len(contents))
		for _, i := range split.Train {
			times[i]++
		}
		if times[0] != times[1] || times[0] != times[2] || times[0]+times[3] != 2 || times[4]+times[5]+times[6] != 3 {
			t.Fatalf("run %d: drawn %v times", run, times)
		}
		for _, i := range split.Valid {
			if times[i] > 0 || contents[i] == 0 && times[0]+times[6] > 0 {
				t.Fatalf("run %d: picture %d is evaluated, drawn %v times", run, i, times)
			}
		}
	}
}

func TestGroupedErrors(t *testing.T) {
	same := []int{0, 0, 0, 3, 4, 5}
	g := newSeeded(1)
	shares := data.Shares{Valid: 0.3}
	_, err := data.GroupedSplits([]int{3, 3}, threeLabels[:2], same, 2, shares, g)
	wantError(t, err, `the 3 pictures of class "ash" have one content`, "leave the class out")
	_, err = data.GroupedKFold([]int{3, 3}, threeLabels[:2], same, 2, g)
	wantError(t, err, `the 3 pictures of class "ash" have one content`)
	_, err = data.GroupedKFold([]int{4, 4}, threeLabels[:2], []int{0, 0, 0, 3, 4, 4, 6, 6}, 3, g)
	wantError(t, err, "3 folds are more than the 2 different pictures of the largest class")
	_, err = data.GroupedBootstrap([]int{2, 2}, threeLabels[:2], []int{0, 0, 2, 2}, 2, g)
	wantError(t, err, "no class has 2 different pictures")
	_, err = data.GroupedSplits([]int{3, 3}, threeLabels[:2], same[:5], 2, shares, g)
	wantError(t, err, "5 contents for 6 pictures")
	_, err = data.GroupedBootstrap([]int{2, 2}, threeLabels[:2], []int{1, 1, 2, 3}, 2, g)
	wantError(t, err, "contents do not name the first picture")
	for _, runs := range []int{0, math.MinInt} {
		_, err = data.GroupedBootstrap([]int{2, 2}, threeLabels[:2], alone(4), runs, g)
		wantError(t, err, "give at least 1")
	}
}

func FuzzGroupedSplits(f *testing.F) {
	f.Add(uint64(1), uint8(10), uint8(9), 0.3, 0.2, 0.1)
	f.Fuzz(func(t *testing.T, seed uint64, a, b uint8, share, valid, test float64) {
		counts := []int{int(a%32) + 2, int(b%32) + 2}
		class := classes(counts)
		contents := randomContents(len(class), math.Mod(math.Abs(share), 1), rand.New(rand.NewPCG(seed, 3)))
		splits, err := data.GroupedSplits(counts, threeLabels[:2], contents, 2, data.Shares{Valid: valid, Test: test}, newSeeded(seed))
		if err != nil {
			return
		}
		for _, split := range splits {
			all := slices.Concat(split.Train, split.Valid, split.Test)
			slices.Sort(all)
			if !slices.Equal(all, alone(len(class))) {
				t.Fatalf("parts %v", split)
			}
			training := make([]int, len(counts))
			for _, i := range split.Train {
				training[class[i]]++
			}
			if slices.Contains(training, 0) {
				t.Fatalf("training pictures %v", training)
			}
		}
	})
}
