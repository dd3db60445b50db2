package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vs/search/classifier"
)

func TestMethodValidate(t *testing.T) {
	tests := []struct {
		name   string
		method Method
		want   string // part of the error; "" for none
	}{
		{"the zero value is a method", Method{}, ""},
		{"every pool goes with another metric", Method{Pool: "medoid", Metric: "l2"}, ""},
		{"prototypes are compared by cosine", Method{Prototypes: 2, Metric: "cosine"}, ""},
		{"one neighbour is enough", Method{Neighbours: 1}, ""},
		{"an unknown pool", Method{Pool: "mode"}, `no pool "mode": choose mean, normalized-mean, median, medoid`},
		{"an unknown metric", Method{Metric: "l1"}, `no metric "l1": choose cosine, dot, l2`},
		{"one prototype is a mean", Method{Prototypes: 1}, "--prototypes 1: use at least 2"},
		{"prototypes below 0", Method{Prototypes: -2}, "--prototypes -2"},
		{"neighbours below 0", Method{Neighbours: -1}, "--neighbours -1"},
		{"prototypes and neighbours", Method{Prototypes: 2, Neighbours: 2}, "--prototypes and --neighbours"},
		{"prototypes and a pool", Method{Prototypes: 2, Pool: "mean"}, "--pool makes one vector of a class and --prototypes several"},
		{"neighbours and a pool", Method{Neighbours: 2, Pool: "median"}, "--pool makes one vector of a class and --neighbours"},
		{"prototypes by dot product", Method{Prototypes: 2, Metric: "dot"}, "--metric dot: --prototypes"},
		{"neighbours by distance", Method{Neighbours: 2, Metric: "l2"}, "--metric l2: --neighbours"},
		{"the discriminant needs no parameters", Method{Classifier: classifier.Spec{Kind: "lda"}}, ""},
		{"an unknown classifier", Method{Classifier: classifier.Spec{Kind: "svm"}}, `no classifier "svm": choose lda, ridge, logistic`},
		{"the discriminant and neighbours", Method{Classifier: classifier.Spec{Kind: "lda"}, Neighbours: 3}, "--classifier lda is a method of its own"},
		{"the discriminant by distance", Method{Classifier: classifier.Spec{Kind: "lda"}, Metric: "l2"}, "--classifier lda is a method of its own"},
		{"shrinkage of the mean", Method{Classifier: classifier.Spec{Shrinkage: classifier.Given(0.1)}}, "are parameters of a --classifier; name one"},
		{"too much shrinkage", Method{Classifier: classifier.Spec{Kind: "lda", Shrinkage: classifier.Given(2)}}, "--shrinkage 2: use auto, or 0 to 1"},
		{"a power of zero", Method{Classifier: classifier.Spec{Kind: "lda", Power: classifier.Given(0)}}, "--power 0: use auto"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.method.Validate()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMethodString(t *testing.T) {
	for want, method := range map[string]Method{
		"mean, cosine":            {},
		"normalized-mean, cosine": {Pool: "normalized-mean"},
		"median, l2":              {Pool: "median", Metric: "l2"},
		"4 prototypes, cosine":    {Prototypes: 4, Seed: 3},
		"1 neighbour, cosine":     {Neighbours: 1},
		"10 neighbours, cosine":   {Neighbours: 10},
		"lda":                     {Classifier: classifier.Spec{Kind: "lda"}},
		"lda, power 0.5, shrinkage 0.3, priors by counts": {Classifier: classifier.Spec{
			Kind: "lda", Power: classifier.Given(0.5), Shrinkage: classifier.Given(0.3), Counts: true,
		}},
	} {
		if got := method.String(); got != want {
			t.Errorf("%+v is %q, want %q", method, got, want)
		}
	}
	if !(Method{Pool: "mean", Metric: "cosine", Seed: 17}).IsDefault() || (Method{Metric: "dot"}).IsDefault() || (Method{Neighbours: 1}).IsDefault() ||
		(Method{Classifier: classifier.Spec{Kind: "lda"}}).IsDefault() {
		t.Error("the default is not the mean with cosine alone")
	}
}

func TestSweepMethods(t *testing.T) {
	tests := []struct {
		name   string
		counts []int
		want   []string
	}{
		{"enough pictures for all", []int{48, 10}, []string{"mean, cosine", "normalized-mean, cosine", "median, cosine", "medoid, cosine",
			"2 prototypes, cosine", "4 prototypes, cosine", "8 prototypes, cosine",
			"1 neighbour, cosine", "5 neighbours, cosine", "10 neighbours, cosine", "20 neighbours, cosine", "mean, dot", "mean, l2", "lda", "ridge", "logistic"}},
		{"few pictures", []int{9, 3}, []string{"mean, cosine", "normalized-mean, cosine", "median, cosine", "medoid, cosine",
			"2 prototypes, cosine", "1 neighbour, cosine", "5 neighbours, cosine", "10 neighbours, cosine", "mean, dot", "mean, l2", "lda", "ridge", "logistic"}},
		{"one picture a class", []int{1, 1}, []string{"mean, cosine", "normalized-mean, cosine", "median, cosine", "medoid, cosine",
			"1 neighbour, cosine", "mean, dot", "mean, l2", "lda", "ridge", "logistic"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, m := range SweepMethods(tt.counts, 5) {
				if err := m.Validate(); err != nil {
					t.Errorf("%v: %v", m, err)
				}
				got = append(got, m.String())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	if m := SweepMethods([]int{2}, 5)[4]; fmt.Sprintf("%+v", m) != fmt.Sprintf("%+v", Method{Prototypes: 2, Seed: 5}) {
		t.Errorf("%+v has not the seed", m)
	}
}
