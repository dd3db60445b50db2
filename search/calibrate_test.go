package search

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"vs/search/classifier"
	"vs/torch/torchtest"
)

// A picture that is left out is compared with classes that were made without it and all of its
// content.
func TestLeftOutScoresAreThoseOfTheOtherPictures(t *testing.T) {
	set := noisySet([]int{9, 14, 11, 8}, 7, true)
	set.Hashes = make([][32]byte, len(set.Names))
	for i := range set.Hashes {
		set.Hashes[i][0] = byte(i + 1)
	}
	set.Hashes[3], set.Hashes[12] = set.Hashes[1], set.Hashes[1] // one in the same class, one in another
	class, contents := set.Classes(), set.Contents()
	var train []int // as bootstrap draws it: some are missing, some count twice
	for i := range class {
		for range []int{1, 2, 0, 1, 1}[i%5] {
			train = append(train, i)
		}
	}
	for _, m := range allMethods(set.Counts) {
		if m.Prototypes > 0 {
			continue
		}
		t.Run(m.String(), func(t *testing.T) {
			trained := newTrainingPart(set, class, train, contents, torchtest.Device(t), m)
			r, err := trained.vectors(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got := &leftOutScores{method: m}
			if m.Neighbours > 0 {
				err = trained.leaveVotesOut(t.Context(), r, got)
			} else {
				err = trained.leaveMembersOut(t.Context(), r, got)
			}
			if err != nil {
				t.Fatal(err)
			}
			next := 0
			seen := make(map[[2]int]bool)
			for _, picture := range train {
				if key := [2]int{contents[picture], class[picture]}; seen[key] {
					continue
				} else {
					seen[key] = true
				}
				rest := slices.DeleteFunc(slices.Clone(train), func(i int) bool { return contents[i] == contents[picture] })
				want := bruteScores(set, rest, picture, m)
				scores := got.scores[next*len(want) : (next+1)*len(want)]
				for c := range want {
					if math.Abs(scores[c]-want[c]) > 1e-4*max(1, math.Abs(want[c])) {
						t.Fatalf("picture %d: scores %v, want %v", picture, scores, want)
					}
				}
				if got.class[next] != class[picture] {
					t.Errorf("picture %d: class %d, want %d", picture, got.class[next], class[picture])
				}
				next++
			}
			if next != len(got.class) {
				t.Errorf("%d pictures left out, want %d", len(got.class), next)
			}
		})
	}
}

func TestProbabilitiesOfEveryMethod(t *testing.T) {
	set := noisySet([]int{30, 24, 27, 33}, 7, false)
	methods := append(allMethods(set.Counts), Method{Classifier: classifier.Spec{Kind: classifier.LDA}}, Method{Classifier: classifier.Spec{Kind: classifier.Ridge}})
	splits := unevenSplits(set, 3)
	for _, m := range methods {
		t.Run(m.String(), func(t *testing.T) {
			evaluate := func() (all []Answers) {
				runs, err := Evaluate(t.Context(), set, torchtest.Device(t), splits, "valid", 2, m)
				if err != nil {
					t.Fatal(err)
				}
				left, err := LeaveOneOut(t.Context(), set, torchtest.Device(t), 2, m)
				if err != nil {
					t.Fatal(err)
				}
				return append(runs, left)
			}
			answers := evaluate()
			var loss float64
			pictures := 0
			for _, run := range answers {
				for _, j := range run.Judgements {
					if !(j.Confidence >= 0.25 && j.Confidence <= 1 && j.Loss >= 0 && j.Brier >= 0 && j.Brier <= 2) {
						t.Fatalf("%+v", j)
					}
					loss += j.Loss
					pictures++
				}
			}
			if loss /= float64(pictures); loss > math.Log(4) {
				t.Errorf("mean loss %.3f, more than that of scores that say nothing", loss)
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			if again := evaluate(); !reflect.DeepEqual(again, answers) {
				t.Error("one worker gives other answers")
			}
		})
	}
}

func TestLevelIsWhatAShareOfThePicturesMisses(t *testing.T) {
	set := noisySet([]int{30, 24, 27, 33}, 7, false)
	for _, m := range []Method{{}, {Prototypes: 4}, {Neighbours: 5}, {Classifier: classifier.Spec{Kind: classifier.LDA}}} {
		index, err := BuildIndex(t.Context(), set, torchtest.Device(t), m)
		if err != nil {
			t.Fatal(err)
		}
		defer index.Close()
		best := index.calibrated.Best
		for _, share := range []float64{0.05, 0.3, 0.9} {
			level, err := index.Level(share)
			below := 0
			for _, b := range best {
				if b < level {
					below++
				}
			}
			// Votes and the like have equal scores, which are not below one another.
			if err != nil || below > int(share*float64(len(best))) || m.IsDefault() && below != int(share*float64(len(best))) {
				t.Errorf("%s: share %v has level %v (%v): %d of %d below", m, share, level, err, below, len(best))
			}
		}
		if level, err := index.Level(0); err != nil || !math.IsInf(level, -1) {
			t.Errorf("share 0: %v, %v", level, err)
		}
		if level, err := index.Level(1); err != nil || !math.IsInf(level, 1) {
			t.Errorf("share 1: %v, %v", level, err)
		}
		for _, share := range []float64{-0.1, 1.1, math.NaN()} {
			if _, err := index.Level(share); err == nil {
				t.Errorf("share %v: no error", share)
			}
		}
	}
	one, err := BuildIndex(t.Context(), noisySet([]int{1, 1}, 3, false), torchtest.Device(t), Method{})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	if _, err := one.Level(0.1); err == nil {
		t.Error("classes of one picture: no error")
	}
}

// What was found stays as long as the classes do, and a damaged file is found again.
func TestCalibrationIsKept(t *testing.T) {
	db := colourDatabase(t, map[string]int{"blue": 5, "green": 5, "red": 5})
	folder := t.TempDir()
	for _, m := range []Method{{}, {Neighbours: 3}, {Pool: "median"}} {
		open := func() *calibrated {
			t.Helper()
			index, err := Open(t.Context(), db, torchtest.Device(t), m, folder)
			if err != nil {
				t.Fatal(err)
			}
			defer index.Close()
			return index.calibrated
		}
		want := open()
		state, err := db.State(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		c, err := newCache(folder, db, m, torchtest.Device(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.findCalibration(state.Digest); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: kept %v, want %v", m, got, want)
		}
		if c.findCalibration("other") != nil {
			t.Error("a calibration of another state is used")
		}
		for _, text := range []string{"", "{}", "null", `{"key":"` + c.key(state.Digest) + `","temperature":0}`,
			`{"key":"` + c.key(state.Digest) + `","temperature":1,"best":[2,1]}`} {
			if err := os.WriteFile(c.path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := open(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %q kept: %v, want %v", m, text, got, want)
			}
		}
		matches, err := filepath.Glob(filepath.Join(folder, "*.calibration"))
		if err != nil || len(matches) == 0 {
			t.Error(matches, err)
		}
	}
}

// The sums of a database say the same as all of its pictures.
func TestMeansOfADatabaseAreCalibratedAsThoseOfASet(t *testing.T) {
	db := colourDatabase(t, map[string]int{"blue": 5, "green": 1, "red": 7})
	set, err := db.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ofSet, err := BuildIndex(t.Context(), set, torchtest.Device(t), Method{})
	if err != nil {
		t.Fatal(err)
	}
	defer ofSet.Close()
	ofSums, err := Open(t.Context(), db, torchtest.Device(t), Method{}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer ofSums.Close()
	got, want := ofSums.calibrated, ofSet.calibrated
	if math.Abs(got.Temperature/want.Temperature-1) > 1e-4 || len(got.Best) != 12 || len(want.Best) != 12 {
		t.Errorf("%+v, want %+v", got, want)
	}
}
