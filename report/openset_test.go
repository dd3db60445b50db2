package report

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// The reference is scikit-learn, see scripts/make_calibration_fixtures.py.
func TestRejectionIsThatOfTheReference(t *testing.T) {
	text, err := os.ReadFile("testdata/rejection.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Known, Unknown []float64
			AUROC          float64
			FalsePositives float64 `json:"false_positives"`
		}
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Cases) == 0 {
		t.Fatal(err, len(file.Cases))
	}
	for i, c := range file.Cases {
		slices.Sort(c.Known)
		slices.Sort(c.Unknown)
		if got := area(c.Known, c.Unknown); math.Abs(got-c.AUROC) > 1e-12 {
			t.Errorf("case %d: AUROC %v, want %v", i, got, c.AUROC)
		}
		if got := falsePositives(c.Known, c.Unknown, 0.95); math.Abs(got-c.FalsePositives) > 1e-12 {
			t.Errorf("case %d: false positives %v, want %v", i, got, c.FalsePositives)
		}
	}
}

// openRun asks about four pictures of a known class and two of an unknown one.
func openRun(scores ...float64) OpenRun {
	return OpenRun{
		Files:       []string{"ash/1", "ash/2", "ash/3", "ash/4", "birch/1", "birch/2"},
		Targets:     []int{0, 0, 0, 0, 1, 1},
		Predictions: []int{0, 0, 2, 0, 2, 0},
		Known:       []bool{true, true, true, true, false, false},
		Scores:      [][]float64{scores},
	}
}

func openEvaluation(t *testing.T) *Evaluation {
	t.Helper()
	run := Run{Files: []string{"ash/1"}, Targets: []int{0}, TopK: [][]int{{0}}}
	e, err := Evaluate(Setup{Model: "tiny", Labels: []string{"ash", "birch", "cedar"}, NumPictures: 9, Part: "valid", TopK: 1, Confidence: 0.95}, []Run{run, run})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestOpenSet(t *testing.T) {
	e := openEvaluation(t)
	err := e.AddOpenSet(0.3, []string{"cosine"}, []OpenRun{openRun(6, 5, 4, 3, 2, 1), openRun(2, 3, 4, 5, 6, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := e.OpenSet.Scores[0]
	// In the first run all is told apart; in the second one unknown picture is above all others.
	if s.AUROC.Mean != 0.75 || s.FPR95.Mean != 0.25 {
		t.Errorf("AUROC %v, false positives %v", s.AUROC.Mean, s.FPR95.Mean)
	}
	// Of the first 5 of 6 the second run has the unknown one, too; of all, 3 of 6 are right.
	for i, want := range []float64{3. / 5, 3. / 5, 3. / 6} {
		if got := s.Accuracy[i].Mean; math.Abs(got-want) > 1e-12 {
			t.Errorf("accuracy at coverage %v: %v, want %v", Coverages[i], got, want)
		}
	}
	if len(s.Risk) != 100 || s.Risk[0] != 0.5 || math.Abs(s.Risk[99]-0.5) > 1e-12 {
		t.Errorf("risk %v", s.Risk)
	}
	if got := e.OpenSet.Accepted; len(got) != 2 || got[0] != (Accepted{"birch/1", 1, 2, 4, 2}) || got[1] != (Accepted{"birch/2", 1, 0, 1, 2}) {
		t.Errorf("%+v", got)
	}

	var text bytes.Buffer
	if err := WriteTable(&text, []*Evaluation{e}, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Unknown classes: tiny, 30.0 % left out in each run", "cosine", "0.750", "0.250", "0.600", "birch/1  birch  cedar"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
	text.Reset()
	if err := WriteJSON(&text, []*Evaluation{e}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"open_set":{"share":0.3,"scores":[{"score":"cosine","auroc":{"mean":0.75,`, `{"file":"birch/1","target":1,"prediction":2,"score":4,"num_runs":2}`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
}

func TestTheScoreThatRejectsBestOrdersWhatIsAccepted(t *testing.T) {
	e := openEvaluation(t)
	run := openRun(1, 2, 3, 4, 5, 6)
	run.Scores = append(run.Scores, []float64{6, 5, 4, 3, 1, 2})
	if err := e.AddOpenSet(0.3, []string{"bad", "good"}, []OpenRun{run, run}); err != nil {
		t.Fatal(err)
	}
	if o := e.OpenSet; o.Best().Score != "good" || o.Accepted[0].File != "birch/2" {
		t.Errorf("best %s, accepted %v", o.Best().Score, o.Accepted)
	}
}

func TestOpenSetsThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(r *OpenRun){
		"fewer targets":     func(r *OpenRun) { r.Targets = r.Targets[:3] },
		"fewer scores":      func(r *OpenRun) { r.Scores[0] = r.Scores[0][:3] },
		"no scores":         func(r *OpenRun) { r.Scores = nil },
		"not a number":      func(r *OpenRun) { r.Scores[0][2] = math.NaN() },
		"a label too many":  func(r *OpenRun) { r.Predictions[2] = 3 },
		"nothing known":     func(r *OpenRun) { r.Known = make([]bool, 6) },
		"everything known":  func(r *OpenRun) { r.Known = slices.Repeat([]bool{true}, 6) },
		"a negative target": func(r *OpenRun) { r.Targets[0] = -1 },
	} {
		run := openRun(1, 2, 3, 4, 5, 6)
		change(&run)
		e := openEvaluation(t)
		if err := e.AddOpenSet(0.3, []string{"cosine"}, []OpenRun{openRun(1, 2, 3, 4, 5, 6), run}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
		if err := e.AddOpenSet(0.3, []string{"cosine"}, []OpenRun{run}); err == nil {
			t.Errorf("one run of two: no error")
		}
	}
}
