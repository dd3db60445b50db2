package evaluation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/encoder"
)

func manifestOf(t *testing.T, o *Outcome) *Manifest {
	t.Helper()
	m, err := NewManifest("test", o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// replayed reads the manifest of an outcome from a file, and runs it again.
func replayed(t *testing.T, o *Outcome, to Moves) (then, now *Manifest) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.json")
	if err := manifestOf(t, o).Write(path); err != nil {
		t.Fatal(err)
	}
	then, err := ReadManifest(path)
	if err != nil {
		t.Fatal(err)
	}
	in, st, err := then.Replay(to)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := mustRun(t, in, st)
	return then, manifestOf(t, again)
}

func TestAManifestGivesTheSameResults(t *testing.T) {
	_, db := encoded(t)
	stay := func(*Compute) {}
	first, _ := mustRun(t, Inputs{Databases: []string{db}}, usual())
	then, now := replayed(t, first, Moves{Compute: stay})
	if different := append(then.Differences(now), then.DifferentResults(now)...); len(different) > 0 {
		t.Errorf("it differs: %q", different)
	}

	moved := filepath.Join(t.TempDir(), "moved.db")
	if err := os.Rename(db, moved); err != nil {
		t.Fatal(err)
	}
	then, now = replayed(t, first, Moves{Inputs: Inputs{Databases: []string{moved}}, Compute: stay})
	if different := append(then.Differences(now), then.DifferentResults(now)...); len(different) > 0 {
		t.Errorf("it differs after a move: %q", different)
	}
	if _, _, err := then.Replay(Moves{Inputs: Inputs{Databases: []string{moved, moved}}, Compute: stay}); !IsSettingsError(err) {
		t.Errorf("two databases in place of one: %v", err)
	}
}

func TestAManifestNamesWhatDiffers(t *testing.T) {
	dir, db := encoded(t)
	first, _ := mustRun(t, Inputs{Databases: []string{db}}, usual())
	writePicture(t, filepath.Join(dir, "birch", "003.png"), 999, 250-120)
	writePicture(t, filepath.Join(dir, "cedar", "new.png"), 998, 80)
	other := filepath.Join(t.TempDir(), "other.db")
	encode(t, dir, other)
	then, now := replayed(t, first, Moves{Inputs: Inputs{Databases: []string{other}}, Compute: func(*Compute) {}})
	wantParts(t, strings.Join(then.Differences(now), "\n"), `pictures of the classes "birch", "cedar" (10 then, 11 now)`)
	if len(then.DifferentResults(now)) != 1 {
		t.Errorf("results: %q", then.DifferentResults(now))
	}
}

func TestAReplayTakesWhatIsGivenOtherwise(t *testing.T) {
	_, db := encoded(t)
	first, _ := mustRun(t, Inputs{Databases: []string{db}}, usual())
	_, st, err := manifestOf(t, first).Replay(Moves{Compute: func(how *Compute) { how.Precision = encoder.TF32 }})
	if err != nil || st.Compute.Precision != encoder.TF32 || !st.Compute.Deterministic {
		t.Errorf("%+v, %v", st.Compute, err)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format":1,"settings":{"protocol":"holdout","runs":2,"part":"valid","top_k":1,"confidence":0.95},"inputs":{"databases":["a"]},"models":[{}],"results":[{}]}`))
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := parseManifest(text); (err == nil) != (m != nil) {
			t.Errorf("manifest %v, error %v", m, err)
		}
	})
}
