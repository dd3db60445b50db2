package gallery

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"vs/report"
)

// answer is what a run says of a picture of the class ant (0), bee (1) or cow (2).
type answer struct {
	file               string
	target, prediction int
	margin             float32
}

func evaluation(t *testing.T, margins bool, runs ...[]answer) *report.Evaluation {
	t.Helper()
	var all []report.Run
	for _, answers := range runs {
		var run report.Run
		for _, a := range answers {
			run.Files = append(run.Files, a.file)
			run.Targets = append(run.Targets, a.target)
			run.TopK = append(run.TopK, []int{a.prediction})
			if margins {
				run.Margins = append(run.Margins, a.margin)
			}
		}
		all = append(all, run)
	}
	e, err := report.Evaluate(report.Setup{
		Model: "m", Labels: []string{"ant", "bee", "cow"}, Part: "valid", TopK: 1, Confidence: 0.95,
	}, all)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestMistakes(t *testing.T) {
	tests := []struct {
		name    string
		margins bool
		runs    [][]answer
		want    []string
	}{
		{"no mistakes", true, [][]answer{{{"ant/1", 0, 0, 0}}}, nil},
		{"the larger margin comes first", true,
			[][]answer{{{"ant/1", 0, 1, 0.1}, {"ant/2", 0, 2, 0.3}, {"ant/3", 0, 0, 0}}},
			[]string{"ant/2 is a cow, 1 of 1, 0.3", "ant/1 is a bee, 1 of 1, 0.1"}},
		{"the margin is a mean over wrong runs only", true,
			[][]answer{{{"ant/1", 0, 1, 0.2}, {"ant/2", 0, 1, 0.25}}, {{"ant/1", 0, 1, 0.4}}, {{"ant/1", 0, 0, 0}}},
			[]string{"ant/1 is a bee, 2 of 3, 0.3", "ant/2 is a bee, 1 of 1, 0.25"}},
		{"the most frequent wrong label counts", true,
			[][]answer{{{"ant/1", 0, 1, 0.1}}, {{"ant/1", 0, 2, 0.1}}, {{"ant/1", 0, 2, 0.1}}},
			[]string{"ant/1 is a cow, 3 of 3, 0.1"}},
		{"of equally frequent labels the first counts", true,
			[][]answer{{{"ant/1", 0, 2, 0.1}}, {{"ant/1", 0, 1, 0.1}}},
			[]string{"ant/1 is a bee, 2 of 2, 0.1"}},
		{"a run that lists a picture twice counts once", true,
			[][]answer{{{"ant/1", 0, 1, 0.1}, {"ant/1", 0, 1, 0.1}}},
			[]string{"ant/1 is a bee, 1 of 1, 0.1"}},
		{"without margins the larger share of wrong runs comes first", false,
			[][]answer{
				{{"ant/1", 0, 1, 0}, {"ant/2", 0, 1, 0}, {"ant/3", 0, 1, 0}},
				{{"ant/1", 0, 0, 0}, {"ant/3", 0, 1, 0}},
			},
			[]string{"ant/3 is a bee, 2 of 2, 0", "ant/2 is a bee, 1 of 1, 0", "ant/1 is a bee, 1 of 2, 0"}},
		{"equal ones stay in the order of evaluation", true,
			[][]answer{{{"cow/9", 2, 0, 0.1}, {"ant/1", 0, 1, 0.1}}},
			[]string{"cow/9 is a ant, 1 of 1, 0.1", "ant/1 is a bee, 1 of 1, 0.1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := evaluation(t, test.margins, test.runs...)
			worst, total := Mistakes(e, 10)
			var got []string
			for _, p := range worst {
				got = append(got, fmt.Sprintf("%s is a %s, %d of %d, %.2g", p.File, p.Prediction, p.Wrong, p.Evaluated, p.Margin))
			}
			if !slices.Equal(got, test.want) || total != len(test.want) {
				t.Errorf("%d: %q, want %q", total, got, test.want)
			}
			if first, n := Mistakes(e, 1); len(first) != min(1, total) || n != total {
				t.Errorf("the first of %d mistakes is %v of %d", total, first, n)
			}
			if none, n := Mistakes(e, -1); len(none) != 0 || n != total {
				t.Errorf("-1 of %d mistakes are %v of %d", total, none, n)
			}
		})
	}
}

func TestMarginsOfSomeRunsAreIgnored(t *testing.T) {
	e := evaluation(t, true, []answer{{"ant/1", 0, 1, 0.5}, {"ant/2", 0, 1, 0.6}}, []answer{{"ant/1", 0, 1, 0.5}, {"ant/2", 0, 0, 0}})
	e.Runs[1].Margins = nil
	worst, _ := Mistakes(e, 2)
	if worst[0].File != "ant/1" || worst[0].Margin != 0 {
		t.Errorf("%+v, want ant/1 first, which is wrong in both runs", worst)
	}
}

func TestRandom(t *testing.T) {
	var first []answer
	for i := range 50 {
		first = append(first, answer{fmt.Sprintf("ant/%02d", i), 0, i % 3, 0})
	}
	e := evaluation(t, true, append(first, first[:9]...), []answer{{"cow/of another run", 2, 0, 0.9}})
	chosen := Random(e, 12, 17)
	if len(chosen) != 12 {
		t.Fatalf("%d pictures, want 12", len(chosen))
	}
	if again := Random(e, 12, 17); !reflect.DeepEqual(again, chosen) {
		t.Error("the same seed draws others")
	}
	if other := Random(e, 12, 18); reflect.DeepEqual(other, chosen) {
		t.Error("another seed draws the same")
	}
	all := Random(e, 1000, 17)
	seen := map[string]bool{}
	for _, p := range all {
		var i int
		if _, err := fmt.Sscanf(p.File, "ant/%d", &i); err != nil || seen[p.File] {
			t.Errorf("%s: from another run, or twice", p.File)
		}
		seen[p.File] = true
		if want := e.Labels[i%3]; p.Target != "ant" || p.Prediction != want || p.Evaluated != 1 {
			t.Errorf("%+v, want the prediction %s", p, want)
		}
	}
	if len(all) != 50 {
		t.Errorf("%d pictures, want all 50", len(all))
	}
	if none := Random(e, -1, 17); len(none) != 0 {
		t.Errorf("-1 pictures are %v", none)
	}
	if none := Random(&report.Evaluation{}, 3, 17); len(none) != 0 {
		t.Errorf("of no runs %v are drawn", none)
	}
}
