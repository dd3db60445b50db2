package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// hinted is an evaluation whose first run is right about a third of 60 pictures.
func hinted(t *testing.T, protocol Protocol) *Evaluation {
	t.Helper()
	var run Run
	for i := range 60 {
		run.Files = append(run.Files, fmt.Sprintf("ash/%d", i))
		run.Targets = append(run.Targets, i%3)
		run.TopK = append(run.TopK, []int{0})
	}
	e, err := Evaluate(Setup{Model: "tiny", Labels: []string{"ash", "birch", "cedar"}, NumPictures: 300, Protocol: protocol, Part: "valid", TopK: 1, Confidence: 0.95}, []Run{run})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestHint(t *testing.T) {
	e := hinted(t, Holdout)
	better, alike, worse := map[string]int{}, map[string]int{}, map[string]int{}
	for i, file := range e.Runs[0].Files {
		better[file], alike[file], worse[file] = i%3, 0, 1
	}
	worse[e.Runs[0].Files[1]] = 0
	hint := func(predictions ...map[string]int) *Hint { return e.HintAt("--classifier lda", predictions, 200, 240) }
	for name, predictions := range map[string]map[string]int{"alike": alike, "worse": worse, "none": nil, "one": {e.Runs[0].Files[1]: 1}} {
		if h := hint(predictions); h != nil {
			t.Errorf("%s: %+v", name, h)
		}
	}
	e.Hint = hint(better)
	// Of 60 pictures 40 are gained; the interval is that of scripts/make_paired_score.py.
	if e.Hint == nil || e.Hint.Difference.Interval != PairedScore {
		t.Fatalf("%+v", e.Hint)
	}
	want := "--classifier lda is more accurate here: +0.667 [0.541, 0.773], from 200 of the 240 training pictures."
	if e.HintText() != want {
		t.Errorf("%s, want %s", e.HintText(), want)
	}
	var text bytes.Buffer
	if err := WriteTable(&text, []*Evaluation{e}, TableOptions{}); err != nil || !strings.Contains(strings.ReplaceAll(text.String(), "\n", " "), want) {
		t.Errorf("%v\n%s", err, &text)
	}
	text.Reset()
	if err := WriteJSON(&text, []*Evaluation{e}); err != nil || !strings.Contains(text.String(), `"hint":{"option":"--classifier lda","difference":{"mean":0.66`) {
		t.Errorf("%v\n%s", err, &text)
	}

	// Several runs have an interval over runs.
	run := e.Runs[0]
	e.Runs = append(e.Runs, run, run, run, run, run)
	several := []map[string]int{better, better, better, better, {run.Files[1]: 1, run.Files[0]: 0}}
	if e.Hint = hint(several...); e.Hint == nil || e.Hint.Difference.Interval != StudentT || e.Hint.Difference.Mean != (4*2./3+1./2)/5 {
		t.Fatalf("%+v", e.Hint)
	}
	for _, tt := range []struct {
		runs, trained int
		want          string
	}{
		{1, 200, "in the first run, from 200 of its 240 training pictures."}, {1, 240, "in the first run."},
		{5, 240, "in the first 5 runs."}, {6, 240, "on the same splits."},
	} {
		e.Hint.Runs, e.Hint.Trained = tt.runs, tt.trained
		if text := e.HintText(); !strings.HasSuffix(text, ", "+tt.want) {
			t.Errorf("%s, want %s", text, tt.want)
		}
	}
	left := hinted(t, LeaveOneOut)
	left.Hint = left.HintAt("--classifier lda", []map[string]int{better}, 60, 60)
	if text := left.HintText(); !strings.HasSuffix(text, "where each of 60 pictures is left out.") {
		t.Error(text)
	}
}
