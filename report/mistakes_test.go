package report

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

func TestConfusion(t *testing.T) {
	e := answered(t, Setup{}, "a1>a a2>b b1>b c1>a", "a1>a a3>b b2>b b1>a")
	want := [][]float64{{1, 1, 0}, {0.5, 1, 0}, {0.5, 0, 0}}
	if got := e.Confusion(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMostConfused(t *testing.T) {
	const a, b, c = 0, 1, 2
	for _, row := range []struct {
		name string
		runs []string
		n    int
		want []Confused
	}{
		{
			"most first", []string{"a1>b a2>c a3>c b1>b", "a1>a a2>c b1>b"}, 10,
			[]Confused{{a, c, 1.5, 3. / 5, 3}, {a, b, 0.5, 1. / 5, 1}},
		},
		{
			"of equal counts the larger share of the class first", []string{"a1>b a2>a a3>a c1>b c2>c"}, 10,
			[]Confused{{c, b, 1, 1. / 2, 1}, {a, b, 1, 1. / 3, 1}},
		},
		{"then in label order", []string{"c1>a b1>c b2>a a1>a c2>c"}, 10, []Confused{{b, a, 1, 1. / 2, 1}, {b, c, 1, 1. / 2, 1}, {c, a, 1, 1. / 2, 1}}},
		{"no more than asked for", []string{"c1>a b1>c"}, 1, []Confused{{b, c, 1, 1, 1}}},
		{"none are asked for", []string{"c1>a b1>c"}, -1, nil},
		{"no mistakes", []string{"a1>a"}, 10, nil},
	} {
		if got := answered(t, Setup{}, row.runs...).MostConfused(row.n); !slices.Equal(got, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}

func TestSuspicious(t *testing.T) {
	const a, b, c = 0, 1, 2
	for _, row := range []struct {
		name string
		runs []string
		n    int
		want []Outcome
	}{
		{"wrong in half of the runs is not suspicious", []string{"a1>b", "a1>a"}, 10, nil},
		{
			"wrong in two of three runs, evaluated in three of four", []string{"a1>b", "a1>a", "a1>b", "b1>b"}, 10,
			[]Outcome{{"a/1.jpg", a, b, 2, 3, 0}},
		},
		{
			"taken most often for", []string{"a1>b", "a1>c", "a1>c"}, 10,
			[]Outcome{{"a/1.jpg", a, c, 3, 3, 0}},
		},
		{
			"of equally frequent classes the first", []string{"b1>c", "b1>a"}, 10,
			[]Outcome{{"b/1.jpg", b, a, 2, 2, 0}},
		},
		{
			"the larger share of wrong runs first, then more of them",
			[]string{"a1>b a2>b a3>b", "a1>b a2>b", "a1>a a2>b", "a4>a"}, 10,
			[]Outcome{{"a/2.jpg", a, b, 3, 3, 0}, {"a/3.jpg", a, b, 1, 1, 0}, {"a/1.jpg", a, b, 2, 3, 0}},
		},
		{
			"then the larger mean margin of the wrong runs", []string{"a1>b:0.25 a2>b:0.25", "a1>b:0.25 a2>b:0.75", "a1>a:0 a2>a:0"}, 10,
			[]Outcome{{"a/2.jpg", a, b, 2, 3, 0.5}, {"a/1.jpg", a, b, 2, 3, 0.25}},
		},
		{"no more than asked for", []string{"a1>b a2>b"}, 1, []Outcome{{"a/1.jpg", a, b, 1, 1, 0}}},
		{
			"a picture listed twice in a run counts once", []string{"a1>b a1>b", "a1>a"}, 10, nil,
		},
	} {
		if got := answered(t, Setup{}, row.runs...).Suspicious(row.n); !slices.Equal(got, row.want) {
			t.Errorf("%s: got %+v, want %+v", row.name, got, row.want)
		}
	}
}

func TestConfusionOfAllRunsAddsUp(t *testing.T) {
	e := answered(t, Setup{}, "a1>a a2>b b1>b c1>a", "a1>c a3>b b2>b b1>a")
	times := 0
	for _, answer := range e.answers() {
		times += answer.times
	}
	if times != 8 {
		t.Errorf("%d answers, want 8", times)
	}
	for _, c := range e.MostConfused(math.MaxInt) {
		if want := e.Confusion()[c.Target][c.Prediction]; c.Count != want {
			t.Errorf("%v: count %v, want %v", c, c.Count, want)
		}
	}
}
