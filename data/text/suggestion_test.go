package text_test

import (
	"testing"

	"vs/data/text"
)

func TestSuggestion(t *testing.T) {
	names := []string{"shrinkage", "seed", "split", "épicéa", "top-k"}
	for wrong, want := range map[string]string{
		"shrinkge":  `: did you mean "shrinkage"?`,
		"SEED":      `: did you mean "seed"?`,
		"spilt":     "", // two letters of five are more than a third
		"epicea":    `: did you mean "épicéa"?`,
		"topk":      `: did you mean "top-k"?`,
		"":          "",
		"something": "",
	} {
		if got := text.Suggestion(wrong, names); got != want {
			t.Errorf("%q: %q, want %q", wrong, got, want)
		}
	}
}
