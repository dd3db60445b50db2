package page

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vs/report"
)

// hostile are names that would break a careless page. File systems allow all of them.
var hostile = []string{
	`</script><script>window.hacked = 1</script>`,
	`"><img src=x onerror="window.hacked = 1">`,
	"new\nline\tand \x1b[31mred",
	"\u202egnp.exe", // turns what follows around
	"<!--",
	`${window.hacked = 1}`,
	"line\u2028separator",
	"not utf-8 \xff\xfe",
	"__proto__",
}

func TestHostileNamesStayText(t *testing.T) {
	p := synthetic(t, hostile, 4, 3, 2)
	p.Title = hostile[0]
	p.Manifest = append(p.Manifest, [2]string{hostile[1], hostile[0]}, [2]string{"__proto__", hostile[2]})
	p.ManifestJSON = []byte(`{"label": "` + "\u202e" + `</script>"}`)
	html := string(written(t, p))
	if n := strings.Count(html, "<script"); n != 3 {
		t.Errorf("the page has %d script elements, not 3", n)
	}
	for _, bad := range []string{"<img", "\u202e", "\x1b", "<!--", "\u2028"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page contains %q as it is", bad)
		}
	}
	if got := payloadOf(t, html)["manifestJSON"]; got != `{"label": "\u202e</script>"}` {
		t.Errorf("the manifest reads %q", got)
	}
	labels := payloadOf(t, html)["labels"].([]any)
	for c, want := range []string{hostile[0], hostile[1], `new\nline\tand \x1b[31mred`, `\u202egnp.exe`, hostile[4], hostile[5], `line\u2028separator`, `not utf-8 \xff\xfe`, hostile[8]} {
		if labels[c] != want {
			t.Errorf("label %d reads %q, want %q", c, labels[c], want)
		}
	}
}

// payloadOf reads the first block of data.
func payloadOf(t *testing.T, html string) map[string]any {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(html)
	if found == nil {
		t.Fatal("the page has no data")
	}
	var data map[string]any
	if err := json.Unmarshal([]byte(found[1]), &data); err != nil {
		t.Fatalf("the page's data: %v", err)
	}
	return data
}

func TestThePageLoadsNothing(t *testing.T) {
	html := string(written(t, synthetic(t, classLabels(3), 5, 2, 1)))
	for _, address := range regexp.MustCompile(`(?:src|href|url|import)\s*[=(]\s*["']?([^"'\s)>]+)`).FindAllStringSubmatch(html, -1) {
		if a := address[1]; !strings.HasPrefix(a, "#") && !strings.HasPrefix(a, "data:") {
			t.Errorf("the page refers to %s", a)
		}
	}
	if !strings.Contains(html, "default-src &#39;none&#39;") {
		t.Error("the page's policy lets it load from anywhere")
	}
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	p := synthetic(t, classLabels(7), 10, 5, 2)
	first := written(t, p)
	for range 5 {
		if !bytes.Equal(written(t, p), first) {
			t.Fatal("two pages of the same input differ")
		}
	}
}

func TestTheDataAddUpToTheConfusionMatrix(t *testing.T) {
	p := synthetic(t, classLabels(5), 10, 4, 1)
	e := p.Models[0].Evaluation
	pictures, err := listPictures(p.Models)
	if err != nil {
		t.Fatal(err)
	}
	evaluated, wrong := outcomes(e, pictures)
	got := make([][]float64, 5)
	for c := range got {
		got[c] = make([]float64, 5)
	}
	for i, n := range evaluated {
		got[pictures.targets[i]][pictures.targets[i]] += float64(n)
	}
	for _, w := range wrong {
		target := pictures.targets[int(w[0])]
		got[target][target] -= float64(w[2])
		got[target][int(w[1])] += float64(w[2])
	}
	for r, row := range e.Confusion() {
		for c, want := range row {
			if math.Abs(got[r][c]/4-want) > 1e-9 {
				t.Errorf("class %d is taken for %d in %v pictures a run, want %v", r, c, got[r][c]/4, want)
			}
		}
	}
}

func TestFilesThatAreLookedAtComeFirst(t *testing.T) {
	p := synthetic(t, classLabels(4), 10, 1, 1)
	run := p.Models[0].Evaluation.Runs[0]
	unevaluated := slices.DeleteFunc(slices.Clone(p.Models[0].Files), func(file string) bool { return slices.Contains(run.Files, file) })
	p.Pairs.Pairs = []report.Pair{{First: run.Files[0], Second: unevaluated[30]}}
	files, err := p.Files()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 40 {
		t.Fatalf("%d files, want all 40", len(files))
	}
	rank := map[string]int{}
	for i, file := range run.Files {
		rank[file] = 2
		if run.Predictions[i] != run.Targets[i] {
			rank[file] = 3
		}
	}
	rank[run.Files[0]], rank[unevaluated[30]] = 3, 3 // alike
	for i, file := range files[1:] {
		if rank[file] > rank[files[i]] {
			t.Errorf("%s comes behind %s", file, files[i])
		}
	}
}

func TestSummary(t *testing.T) {
	p := synthetic(t, classLabels(3), 10, 5, 1)
	e := p.Models[0].Evaluation
	e.Accuracy = report.Estimate{Mean: 0.951, Low: 0.94, High: 0.962}
	e.TopKAccuracy.Mean = 0.993
	p.Threshold = 0
	want := "encoder-0 gives 95.1 % (interval 94.0 to 96.2 %) of the pictures the right one of 3 labels, " +
		"and their label is among the first 2 for 99.3 %; no class is below 0."
	if got := summary(p); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPagesThatAreRefused(t *testing.T) {
	base := func() *Page { return synthetic(t, classLabels(3), 5, 2, 2) }
	tests := []struct {
		name  string
		spoil func(p *Page)
		says  string
	}{
		{"without models", func(p *Page) { p.Models = nil }, "no models"},
		{"of models with different labels", func(p *Page) { p.Models[1] = syntheticModel(t, "other", classLabels(2), 5, 2, 9) }, "different labels"},
		{"with a map of other pictures", func(p *Page) { p.Models[0].Files = p.Models[0].Files[1:] }, "14 files for 15 points"},
		{"with a map of an unknown class", func(p *Page) { p.Models[0].Files[0] = "lynx/1.jpg" }, `its folder is not a label`},
		{"with a pair of a picture that it has not", func(p *Page) { p.Pairs.Pairs[0].Second = "lynx/1.jpg" }, "no model has both of them"},
		{"with too small a similarity", func(p *Page) { p.Models[1].Similarity = p.Models[1].Similarity[:2] }, "similarity of 2 classes"},
		{"with a short row of similarity", func(p *Page) { p.Models[1].Similarity[1] = nil }, "0 classes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := base()
			test.spoil(p)
			if err := Write(&bytes.Buffer{}, p); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got error %v, want one that says %q", err, test.says)
			}
		})
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteReportsAFullDisk(t *testing.T) {
	if err := Write(fullDisk{}, synthetic(t, classLabels(2), 5, 2, 1)); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

func TestThePageNamesABetterMethod(t *testing.T) {
	p := synthetic(t, []string{"ash", "birch"}, 4, 3, 2)
	if html := string(written(t, p)); strings.Contains(html, "is more accurate here") {
		t.Error("a hint that nobody gave")
	}
	p.Models[1].Evaluation.Hint = &report.Hint{Option: "--classifier lda", Difference: report.Estimate{Mean: 0.2, Low: 0.1, High: 0.3}, Runs: 3, Trained: 4, Training: 4}
	want := "encoder-1: --classifier lda is more accurate here: &#43;0.200 [0.100, 0.300], on the same splits."
	if html := string(written(t, p)); !strings.Contains(html, want) {
		t.Errorf("no %q on the page", want)
	}
}
