package search

import (
	"reflect"
	"runtime"
	"testing"

	"vs/search/classifier"
	"vs/torch/torchtest"
)

func TestLeaveClassesOut(t *testing.T) {
	set := noisySet([]int{12, 14, 11, 13, 12}, 7, true)
	splits := unevenSplits(set, 6)
	for _, m := range []Method{{}, {Neighbours: 3}, {Prototypes: 2}, {Classifier: classifier.Spec{Kind: classifier.LDA}}} {
		t.Run(m.String(), func(t *testing.T) {
			ask := func() []OpenAnswers {
				answers, err := LeaveClassesOut(t.Context(), set, torchtest.Device(t), splits, "valid", 0.4, 3, m)
				if err != nil {
					t.Fatal(err)
				}
				return answers
			}
			answers := ask()
			different := false
			for r, a := range answers {
				known := 0
				for _, yes := range a.Known {
					if yes {
						known++
					}
				}
				if known != 3 {
					t.Errorf("run %d knows %d of 5 classes, want 3", r, known)
				}
				different = different || !reflect.DeepEqual(a.Known, answers[0].Known)
				if len(a.Predictions) != len(splits[r].Valid) || len(a.Scores) != len(OpenScores) {
					t.Fatalf("run %d: %d predictions, %d scores", r, len(a.Predictions), len(a.Scores))
				}
				for i, c := range a.Predictions {
					if !a.Known[c] {
						t.Errorf("run %d, picture %d is taken for class %d, which is not known", r, i, c)
					}
					for s, name := range OpenScores {
						score := a.Scores[s][i]
						low, high := -1.0001, 1.0001 // cosines
						switch name {
						case "Mahalanobis distance":
							low, high = -1e6, 0
						case "relative Mahalanobis distance":
							low, high = -1e6, 1e6
						case "probability":
							low, high = 1./3-1e-9, 1
						}
						if !(score >= low && score <= high) {
							t.Errorf("run %d, picture %d: %s %v", r, i, name, score)
						}
					}
				}
			}
			if !different {
				t.Error("all runs leave the same classes out")
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			if again := ask(); !reflect.DeepEqual(again, answers) {
				t.Error("one worker gives other answers")
			}
		})
	}
}

// A share that is too small or too large leaves one class out, or one in.
func TestKnownClasses(t *testing.T) {
	for _, tt := range []struct {
		classes int
		share   float64
		known   int
	}{{10, 0.2, 8}, {10, 0.001, 9}, {10, 0.999, 1}, {2, 0.5, 1}, {3, 0.5, 1}} {
		known := 0
		for _, yes := range knownClasses(tt.classes, tt.share, 1, 0) {
			if yes {
				known++
			}
		}
		if known != tt.known {
			t.Errorf("%d of %d classes known with a share of %v, want %d", known, tt.classes, tt.share, tt.known)
		}
	}
	one := noisySet([]int{5}, 3, false)
	if _, err := LeaveClassesOut(t.Context(), one, torchtest.Device(t), unevenSplits(one, 1), "valid", 0.5, 1, Method{}); err == nil {
		t.Error("one class: no error")
	}
}
