package classifier

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"vs/torch"
)

// The reference is made by scripts/make_classifier_fixtures.py.
func TestMahalanobisDistancesAreThoseOfTheReference(t *testing.T) {
	text, err := os.ReadFile("testdata/mahalanobis.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			reference
			Nearest, Background []float64
		}
	}
	if err := json.Unmarshal(text, &file); err != nil || len(file.Cases) == 0 {
		t.Fatal(err, len(file.Cases))
	}
	for i, r := range file.Cases {
		r.kind = LDA
		m, err := r.spec().Mahalanobis(t.Context(), torch.CPU, r.examples())
		if err != nil {
			t.Fatal(err)
		}
		rows := make([]int, len(r.Nearest))
		for n := range rows {
			rows[n] = n
		}
		nearest, background, err := m.Of(r.Queries, rows)
		if err != nil {
			t.Fatal(err)
		}
		for n := range rows {
			if math.Abs(nearest[n]/r.Nearest[n]-1) > 1e-6 || math.Abs(background[n]/r.Background[n]-1) > 1e-6 {
				t.Errorf("case %d, query %d: %v and %v, want %v and %v", i, n, nearest[n], background[n], r.Nearest[n], r.Background[n])
			}
		}
	}
}
