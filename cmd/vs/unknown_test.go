package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvalLeavesClassesOut(t *testing.T) {
	pictures, db := encoded(t)
	dir := t.TempDir()
	o := mustVS(t, "eval", "--db", db, "--open-set", "0.3", "--runs", "4", "--plots", filepath.Join(dir, "plots"))
	wantParts(t, o.stdout, "Unknown classes: channel_means, 30.0 % left out in each run", "AUROC", "relative Mahalanobis distance", "Pictures of unknown classes that score highest")
	for _, name := range []string{"reliability.png", "reliability.csv", "channel_means.risk_coverage.svg", "channel_means.risk_coverage.csv"} {
		if _, err := os.Stat(filepath.Join(dir, "plots", name)); err != nil {
			t.Error(err)
		}
	}
	var file struct {
		Models []struct {
			OpenSet struct {
				Share  float64
				Scores []struct {
					Score string
					AUROC struct{ Mean float64 }
				}
			} `json:"open_set"`
		}
	}
	text := mustVS(t, "eval", "--db", db, "--open-set", "0.3", "--runs", "4", "--format", "json").stdout
	if err := json.Unmarshal([]byte(text), &file); err != nil || file.Models[0].OpenSet.Share != 0.3 || len(file.Models[0].OpenSet.Scores) != 5 {
		t.Fatalf("%v: %.400s", err, text)
	}
	// Classes of pictures of one colour are easily told apart.
	if s := file.Models[0].OpenSet.Scores[0]; s.Score != "cosine to the mean" || s.AUROC.Mean < 0.9 {
		t.Errorf("%+v", s)
	}
	out := filepath.Join(dir, "report")
	mustVS(t, "report", "--db", db, "--data", pictures, "--out", out, "--open-set", "0.3", "--runs", "4")
	wantParts(t, string(readFile(t, filepath.Join(out, "index.html"))), `id="unknown"`, `id="probabilities"`, "classes left out", `"openSet":{"share":0.3`)
}

func TestOpenSetsThatMeanNothing(t *testing.T) {
	_, db := encoded(t)
	for want, args := range map[string][]string{
		"--open-set 0: use a share":           {"--open-set", "0"},
		"--open-set 1: use a share":           {"--open-set", "1"},
		"--open-set -0.1: use a share":        {"--open-set", "-0.1"},
		"--open-set NaN: use a share":         {"--open-set", "NaN"},
		"which --protocol leave-one-out does": {"--open-set", "0.2", "--protocol", "leave-one-out"},
		"leave out --sweep":                   {"--open-set", "0.2", "--sweep"},
	} {
		o := vs(t, append([]string{"eval", "--db", db}, args...)...)
		if o.code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, o.code, exitUsage)
		}
		wantParts(t, o.stderr, want)
	}
}

func TestQuerySaysWhatIsUnknown(t *testing.T) {
	pictures, db := encoded(t)
	picture := filepath.Join(pictures, "ash", "000.jpg")
	for _, method := range [][]string{nil, {"--classifier", "lda"}, {"--neighbours", "3"}, {"--prototypes", "2"}} {
		for share, want := range map[string]string{"0": `"unknown":false`, "1": `"unknown":true`} {
			o := mustVS(t, append([]string{"query", "--db", db, "--model", channelMeans, "--format", "json", "--unknown", share, picture}, method...)...)
			wantParts(t, o.stdout, want, `"probability":`)
		}
	}
	o := mustVS(t, "query", "--db", db, "--model", channelMeans, "--unknown", "1", picture)
	if first := strings.Fields(strings.SplitN(o.stdout, "\n", 2)[0]); len(first) != 2 || first[1] != "unknown" {
		t.Errorf("%q", o.stdout)
	}
	for want, args := range map[string][]string{
		"--unknown 1.5: use a share": {"--unknown", "1.5"},
		"--unknown NaN: use a share": {"--unknown", "NaN"},
		"leave out one of them":      {"--unknown", "0.1", "--pictures"},
	} {
		o := vs(t, append([]string{"query", "--db", db, "--model", channelMeans, picture}, args...)...)
		if o.code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, o.code, exitUsage)
		}
		wantParts(t, o.stderr, want)
	}
}
