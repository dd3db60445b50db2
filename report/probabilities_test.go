package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"

	"strings"
	"testing"
)

// The reference is scikit-learn's calibration_curve, see scripts/make_calibration_fixtures.py.
func TestReliabilityIsThatOfTheReference(t *testing.T) {
	text, err := os.ReadFile("testdata/reliability.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Confidences     []float32
			Right           []bool
			Bins            int
			MeanConfidences []float64 `json:"mean_confidences"`
			Accuracies      []float64
		}
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Cases) == 0 {
		t.Fatal(err, len(file.Cases))
	}
	for i, c := range file.Cases {
		judgements := make([]Judgement, len(c.Confidences))
		for n, confidence := range c.Confidences {
			judgements[n].Confidence = confidence
		}
		bins := reliability(judgements, c.Right, c.Bins)
		if len(bins) != len(c.Accuracies) {
			t.Fatalf("case %d: %d bins, want %d", i, len(bins), len(c.Accuracies))
		}
		answers := 0
		for b, bin := range bins {
			if math.Abs(bin.Confidence-c.MeanConfidences[b]) > 1e-6 || math.Abs(bin.Accuracy-c.Accuracies[b]) > 1e-9 {
				t.Errorf("case %d, bin %d: %+v, want %v and %v", i, b, bin, c.MeanConfidences[b], c.Accuracies[b])
			}
			answers += bin.Answers
		}
		if answers != len(c.Confidences) {
			t.Errorf("case %d: %d answers, want %d", i, answers, len(c.Confidences))
		}
	}
}

// judged is an evaluation of two runs of two pictures.
func judged(t *testing.T, protocol Protocol, runs ...[]Judgement) *Evaluation {
	t.Helper()
	var all []Run
	for _, judgements := range runs {
		all = append(all, Run{
			Files: []string{"ash/1.png", "birch/1.png"}, Targets: []int{0, 1}, TopK: [][]int{{0}, {0}}, Judgements: judgements,
		})
	}
	e, err := Evaluate(Setup{Model: "tiny", Labels: []string{"ash", "birch"}, NumPictures: 4, Protocol: protocol, Part: "valid", TopK: 1, Confidence: 0.95}, all)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestProbabilitiesOfRuns(t *testing.T) {
	e := judged(t, Holdout, []Judgement{{0.75, 0.25, 0.125}, {0.5, 0.75, 0.5}}, []Judgement{{1, 0, 0}, {0.5, 1.5, 1}})
	p := e.Probabilities
	if p == nil || p.LogLoss.Mean != 0.625 || p.Brier.Mean != 0.40625 || e.Runs[0].LogLoss != 0.5 || e.Runs[1].Brier != 0.5 {
		t.Fatalf("%+v", p)
	}
	// The confidences 0.5, 0.5, 0.75 and 1 are right never, never, once and once.
	if want := (2*0.5 + 0.25) / 4; math.Abs(p.CalibrationError-want) > 1e-12 {
		t.Errorf("calibration error %v, want %v; %+v", p.CalibrationError, want, p.Bins)
	}
	left := judged(t, LeaveOneOut, []Judgement{{0.75, 0.25, 0.125}, {0.5, 0.75, 0.5}}).Probabilities
	if left.LogLoss.Mean != 0.5 || left.LogLoss.Interval != Normal || math.Abs(left.LogLoss.HalfWidth-0.49) > 0.001 {
		t.Errorf("%+v", left.LogLoss)
	}
	if e := judged(t, Holdout, []Judgement{{0.75, 0.25, 0.125}, {0.5, 0.75, 0.5}}, nil); e.Probabilities != nil {
		t.Error("a run has no judgements, and there are probabilities")
	}

	var text bytes.Buffer
	if err := WriteTable(&text, []*Evaluation{e}, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Probabilities", "0.406", "0.312", "log loss of 0.693"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
	text.Reset()
	if err := WriteJSON(&text, []*Evaluation{e}); err != nil {
		t.Fatal(err)
	}
	again, err := ReadJSON(bytes.NewReader(text.Bytes()))
	if err != nil || fmt.Sprint(again[0].Probabilities) != fmt.Sprint(p) {
		t.Errorf("%+v come back as %+v (%v)", p, again[0].Probabilities, err)
	}
	for old, wrong := range map[string]string{`"confidences":[0.75,`: `"confidences":[`, `"log_losses":[0.25,`: `"log_losses":[-1,`, `"brier_scores":[0.125,`: `"brier_scores":[3,`} {
		if _, err := ReadJSON(strings.NewReader(strings.Replace(text.String(), old, wrong, 1))); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", wrong, err)
		}
	}
	text.Reset()
	if err := WriteCSV(&text, []*Evaluation{e}); err != nil || !strings.Contains(text.String(), ",0.625,0.40625,0.3125\n") {
		t.Errorf("%v\n%s", err, &text)
	}
}

func TestJudgementsThatCannotBe(t *testing.T) {
	run := Run{Files: []string{"ash/1.png"}, Targets: []int{0}, TopK: [][]int{{0}}}
	setup := Setup{Model: "tiny", Labels: []string{"ash"}, NumPictures: 1, Part: "valid", TopK: 1, Confidence: 0.95}
	nan := float32(math.NaN())
	for _, judgements := range [][]Judgement{{}, {{}, {}}, {{1.1, 0, 0}}, {{nan, 0, 0}}, {{1, -1, 0}}, {{1, float32(math.Inf(1)), 0}}, {{1, 0, 2.5}}, {{1, 0, nan}}} {
		run.Judgements = judgements
		if _, err := Evaluate(setup, []Run{run}); err == nil {
			t.Errorf("%v: no error", judgements)
		}
	}
}
