package calibration

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

func TestTemperatureMakesOverconfidentScoresLikely(t *testing.T) {
	// Of three examples with the same scores two are right: the best probability of that class is
	// 2/3.
	scores, class := []float64{100, 0, 100, 0, 100, 0}, []int{0, 0, 1}
	temperature := Temperature(scores, class)
	row := []float64{100, 0}
	if Probabilities(row, temperature); math.Abs(row[0]-2.0/3) > 1e-6 || math.Abs(row[0]+row[1]-1) > 1e-15 {
		t.Errorf("temperature %v gives %v", temperature, row)
	}
	var loss, brier float64
	for i, own := range class {
		j := Judge(scores[2*i:2*i+2], own, temperature)
		loss, brier = loss+j.Loss/3, brier+j.Brier/3
		if math.Abs(j.Confidence-2.0/3) > 1e-6 {
			t.Errorf("confidence %v", j.Confidence)
		}
	}
	if want := -(2*math.Log(2.0/3) + math.Log(1.0/3)) / 3; math.Abs(loss-want) > 1e-6 {
		t.Errorf("loss %v, want %v", loss, want)
	}
	if want := (2*2./9 + 8./9) / 3; math.Abs(brier-want) > 1e-6 {
		t.Errorf("Brier score %v, want %v", brier, want)
	}
}

func TestScoresThatSayNothing(t *testing.T) {
	for _, scores := range [][]float64{{}, {3, 3, 3, 3}, {0, 0, 0, 0}} {
		if got := Temperature(scores, []int{0, 1}[:len(scores)/2]); got != 1 {
			t.Errorf("%v: temperature %v", scores, got)
		}
	}
	// All right, or all wrong, has no best temperature: it is held within bounds.
	for _, class := range [][]int{{0, 1}, {1, 0}} {
		scores := []float64{1, 0, 0, 1}
		temperature := Temperature(scores, class)
		if !(temperature > 0) || math.IsInf(temperature, 0) {
			t.Errorf("temperature %v", temperature)
		}
		for i, own := range class {
			if j := Judge(scores[2*i:2*i+2], own, temperature); !(j.Confidence >= 0.5 && j.Confidence <= 1 && j.Loss >= 0 && j.Loss < 1e7 && j.Brier >= 0 && j.Brier <= 2) {
				t.Errorf("%+v", j)
			}
		}
	}
}

func TestOneClassIsCertain(t *testing.T) {
	if j := Judge([]float64{-7}, 0, Temperature([]float64{-7, 2}, []int{0, 0})); j != (Judgement{1, 0, 0}) {
		t.Errorf("%+v", j)
	}
}

// The reference is made by scripts/make_calibration_fixtures.py: the temperature by scipy.optimize,
// the rest by scikit-learn.
func TestAgreesWithTheReference(t *testing.T) {
	text, err := os.ReadFile("testdata/temperature.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Scores      [][]float64
			Class       []int
			Temperature float64
			Loss        float64
			Brier       float64
			Confidences []float64
		}
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Cases) == 0 {
		t.Fatal(err, len(file.Cases))
	}
	for i, c := range file.Cases {
		var scores []float64
		for _, row := range c.Scores {
			scores = append(scores, row...)
		}
		temperature := Temperature(scores, c.Class)
		if math.Abs(temperature/c.Temperature-1) > 1e-5 {
			t.Errorf("case %d: temperature %v, want %v", i, temperature, c.Temperature)
		}
		var loss, brier float64
		for n, row := range c.Scores {
			j := Judge(row, c.Class[n], c.Temperature)
			loss, brier = loss+j.Loss/float64(len(c.Class)), brier+j.Brier/float64(len(c.Class))
			if math.Abs(j.Confidence-c.Confidences[n]) > 1e-9 {
				t.Errorf("case %d: confidence %v, want %v", i, j.Confidence, c.Confidences[n])
			}
		}
		if math.Abs(loss-c.Loss) > 1e-9 || math.Abs(brier-c.Brier) > 1e-9 {
			t.Errorf("case %d: loss %v and Brier score %v, want %v and %v", i, loss, brier, c.Loss, c.Brier)
		}
	}
}
