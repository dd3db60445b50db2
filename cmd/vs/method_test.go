package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"vs/report"
)

func queryAnswer(t *testing.T, args ...string) report.Answer {
	t.Helper()
	var result struct{ Answers []report.Answer }
	if err := json.Unmarshal([]byte(mustVS(t, append([]string{"query", "--format", "json"}, args...)...).stdout), &result); err != nil {
		t.Fatal(err)
	}
	if len(result.Answers) != 1 || len(result.Answers[0].Hits) == 0 {
		t.Fatalf("%v: answers %+v, want one", args, result.Answers)
	}
	return result.Answers[0]
}

func TestQueryMethods(t *testing.T) {
	pictures, db := encoded(t)
	picture := filepath.Join(pictures, "birch", "003.jpg")
	tests := []struct {
		name   string
		args   []string
		lo, hi float32 // bounds of the best score
	}{
		{"the default", nil, 0.9, 1.00001},
		{"the mean of directions", []string{"--pool", "normalized-mean"}, 0.9, 1.00001},
		{"the median", []string{"--pool", "median"}, 0.9, 1.00001},
		{"the medoid", []string{"--pool", "medoid"}, 0.9, 1.00001},
		{"distances", []string{"--metric", "l2"}, -10, 0},
		{"prototypes", []string{"--prototypes", "2"}, 0.9, 1.00001},
		{"the picture itself as the only neighbour", []string{"--neighbours", "1"}, 1, 1},
		{"a vote", []string{"--neighbours", "5"}, 0.3, 1},
		{"least squares", []string{"--classifier", "ridge"}, 0.5, 1},
		{"least squares on random projections", []string{"--classifier", "ridge", "--projections", "20", "--penalty", "0.1"}, 0.5, 1},
		{"softmax regression", []string{"--classifier", "logistic"}, 0.5, 1},
		{"the discriminant", []string{"--classifier", "lda"}, 0.5, 1},
		{"the discriminant with its parameters", []string{"--classifier", "lda", "--power", "1", "--shrinkage", "0.5", "--priors", "counts"}, 0.5, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"--db", db, "--model", channelMeans}, tt.args...)
			answer := queryAnswer(t, append(args, picture)...)
			best := answer.Hits[0]
			if best.Label != "birch" || best.Score < tt.lo || best.Score > tt.hi || len(answer.Hits) != 3 {
				t.Errorf("%+v, want birch with %v to %v first of 3", answer.Hits, tt.lo, tt.hi)
			}
		})
	}
	base := []string{"query", "--db", db, "--model", channelMeans, "--format", "csv"}
	plain := mustVS(t, append(base, picture)...).stdout
	if named := mustVS(t, append(base, "--pool", "mean", "--metric", "cosine", picture)...).stdout; named != plain {
		t.Errorf("the default by its names gives %q, want %q", named, plain)
	}
	wantParts(t, mustVS(t, "query", "--help").stdout, "normalized-mean, median or", "cosine, dot or l2", "shares of the votes", "probabilities")
}

func TestMethodsThatMeanNothing(t *testing.T) {
	pictures, db := encoded(t)
	picture := filepath.Join(pictures, "birch", "003.jpg")
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"an unknown pool", []string{"--pool", "mode"}, exitUsage, `--pool "mode": use one of`},
		{"a pool and prototypes", []string{"--pool", "mean", "--prototypes", "2"}, exitUsage, "--pool makes one vector"},
		{"no prototypes", []string{"--prototypes", "0"}, exitUsage, "--prototypes 0"},
		{"no neighbours", []string{"--neighbours", "0"}, exitUsage, "--neighbours 0"},
		{"neighbours by distance", []string{"--neighbours", "2", "--metric", "l2"}, exitUsage, "--metric l2"},
		{"an unknown classifier", []string{"--classifier", "svm"}, exitUsage, `--classifier "svm": use one of`},
		{"shrinkage of the mean", []string{"--shrinkage", "0.2"}, exitUsage, "parameters of a --classifier"},
		{"shrinkage that is not a number", []string{"--classifier", "lda", "--shrinkage", "much"}, exitUsage, `--shrinkage "much" is neither auto nor a number`},
		{"too much shrinkage", []string{"--classifier", "lda", "--shrinkage", "1.5"}, exitUsage, "--shrinkage 1.5: use auto, or 0 to 1"},
		{"no power", []string{"--classifier", "lda", "--power", "0"}, exitUsage, "--power 0: use auto"},
		{"priors that are none", []string{"--classifier", "lda", "--priors", "many"}, exitUsage, "--priors"},
		{"a classifier for pictures", []string{"--pictures", "--classifier", "lda"}, exitUsage, "--pictures"},
		{"a metric for pictures", []string{"--pictures", "--metric", "l2"}, exitUsage, "--pictures"},
		{"more neighbours than pictures", []string{"--neighbours", "31"}, exitFailed, "only 30 training pictures"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vs(t, append(append([]string{"query", "--db", db, "--model", channelMeans}, tt.args...), picture)...)
			if o.code != tt.code {
				t.Errorf("exit code %d, want %d", o.code, tt.code)
			}
			wantParts(t, o.stderr, tt.want)
		})
	}
}
