package page

import (
	"strings"
	"testing"

	"vs/report"
)

// perfect makes every answer of a model right.
func perfect(t *testing.T, m *Model) {
	t.Helper()
	var runs []report.Run
	for _, run := range m.Evaluation.Runs {
		r := report.Run{Files: run.Files, Targets: run.Targets}
		for _, target := range run.Targets {
			r.TopK = append(r.TopK, []int{target, (target + 1) % len(m.Evaluation.Labels)})
		}
		runs = append(runs, r)
	}
	e, err := report.Evaluate(m.Evaluation.Setup, runs)
	if err != nil {
		t.Fatal(err)
	}
	m.Evaluation = e
}

func TestPageSaysWhichIntervalsItShows(t *testing.T) {
	p := synthetic(t, classLabels(3), 10, 5, 3)
	perfect(t, &p.Models[1])
	perfect(t, &p.Models[2])
	p.Models[0].Evaluation.TopKAccuracy = p.Models[0].Evaluation.Accuracy // which varies
	data := payloadOf(t, string(written(t, p)))
	text := data["intervals"].(string)
	for _, want := range []string{"Student-t interval", "quote the corrected one", "Where Wilson stands"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	kind := func(model int) any {
		return data["models"].([]any)[model].(map[string]any)["accuracy"].(map[string]any)["kind"]
	}
	if kind(0) != "" || kind(1) != "Wilson" {
		t.Errorf("kinds %q and %q", kind(0), kind(1))
	}

	p.Models = p.Models[1:]
	data = payloadOf(t, string(written(t, p)))
	difference := data["models"].([]any)[1].(map[string]any)["difference"].(map[string]any)["accuracy"].(map[string]any)
	if text := data["intervals"].(string); difference["kind"] != "score interval" || !strings.Contains(text, "A score interval is Tango's") {
		t.Errorf("difference %v, text %q", difference, text)
	}
}
