package report

import (
	"cmp"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

func TestMain(m *testing.M) {
	// The width of "±" depends on the locale; expected tables suppose one column.
	twwidth.SetEastAsian(false)
	os.Exit(m.Run())
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// goldenDir gives the directory of reference results; a relative VS_GOLDEN is
// relative to the folder of go.mod.
func goldenDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("VS_GOLDEN")
	if dir == "" {
		t.Skip("VS_GOLDEN is not set: no reference results to compare with")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", dir)
	}
	return dir
}

// near says whether got is within a relative tolerance of want; NaN is near NaN.
func near(got, want, tolerance float64) bool {
	if math.IsNaN(want) {
		return math.IsNaN(got)
	}
	return math.Abs(got-want) <= tolerance*math.Abs(want)
}

// sample is an evaluation of the given runs. outcomes[r] has one digit a
// picture, of the first three labels in turn: the place at which the true class
// is ranked.
func sample(t *testing.T, model string, setup Setup, outcomes ...string) *Evaluation {
	t.Helper()
	setup.Model = model
	if setup.Labels == nil {
		setup.Labels = []string{"agaric", "beaver", "cinema"}
	}
	if setup.Part == "" {
		setup.Part = "valid"
	}
	setup.NumPictures, setup.Seed, setup.TopK, setup.Confidence = 30, 17, 2, 0.95
	setup.EvalTrainRatio = 0.25
	var runs []Run
	for _, outcome := range outcomes {
		var run Run
		for i, place := range outcome {
			target := i % 3
			a, b := (target+1)%3, (target+2)%3
			ranked := map[rune][]int{'1': {target, a, b}, '2': {a, target, b}, '3': {a, b, target}}[place]
			run.Files = append(run.Files, setup.Labels[target]+"/"+string(rune('0'+i))+".jpg")
			run.Targets = append(run.Targets, target)
			run.TopK = append(run.TopK, ranked)
		}
		runs = append(runs, run)
	}
	e, err := Evaluate(setup, runs)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// answered is an evaluation of the classes a, b and c. A run has a word a picture: "a1>b" is the
// picture 1.jpg of class a that was taken for b, and "a1>bc" has c as the next best. A number after
// a colon is the margin.
func answered(t *testing.T, setup Setup, runs ...string) *Evaluation {
	t.Helper()
	setup.Labels, setup.Confidence, setup.TopK = []string{"a", "b", "c"}, cmp.Or(setup.Confidence, 0.95), max(setup.TopK, 1)
	setup.Part = cmp.Or(setup.Part, "valid")
	var list []Run
	for _, text := range runs {
		var run Run
		for word := range strings.FieldsSeq(text) {
			word, margin, known := strings.Cut(word, ":")
			picture, ranking, _ := strings.Cut(word, ">")
			run.Files = append(run.Files, picture[:1]+"/"+picture[1:]+".jpg")
			run.Targets = append(run.Targets, int(picture[0]-'a'))
			var ranked []int
			for _, class := range ranking {
				ranked = append(ranked, int(class-'a'))
			}
			run.TopK = append(run.TopK, ranked)
			if known {
				m, err := strconv.ParseFloat(margin, 32)
				if err != nil {
					t.Fatal(err)
				}
				run.Margins = append(run.Margins, float32(m))
			}
		}
		list = append(list, run)
	}
	e, err := Evaluate(setup, list)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
