package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// twoModels has labels that are wide, that look like markup, and that would
// break a line; the last has no pictures.
func twoModels(t *testing.T) []*Evaluation {
	labels := []string{"犬", "grey|fox", "_x_", "naïve\n"}
	return []*Evaluation{
		sample(t, "tiny_vit_5m_224.dist_in22k_ft_in1k", Setup{Labels: labels, NumParams: 5072688},
			"13121313", "13133313", "12131311"),
		sample(t, "tiny_vit_11m_224.dist_in22k_ft_in1k", Setup{Labels: labels, NumParams: 10551808},
			"11111113", "11111111", "11131111"),
	}
}

func tableText(t *testing.T, format Format, evals ...*Evaluation) string {
	t.Helper()
	var text strings.Builder
	if err := WriteTable(&text, evals, format); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestTerminalTable(t *testing.T) {
	const want = `Accuracy on part valid: 4 classes, 30 pictures, 3 runs, seed 17

Model                                   Encoder       Accuracy          Top-2
                                     parameters                      accuracy
                                            (M)
───────────────────────────────────  ──────────  ─────────────  ─────────────
tiny_vit_5m_224.dist_in22k_ft_in1k         5.07  0.500 ± 0.311  0.583 ± 0.474
  corrected for overlap                                ± 0.411        ± 0.627
tiny_vit_11m_224.dist_in22k_ft_in1k        10.6  0.917 ± 0.179  0.917 ± 0.179
  corrected for overlap                                ± 0.237        ± 0.237
  ↳ error-rate reduction                                83.3 %         80.0 %

± is the half-width of the 95 % Student-t interval of the mean over 3 runs.
The splits of the runs overlap, so it is too narrow.
"Corrected for overlap" allows for that (Nadeau and Bengio, 2003).

↳ compares the errors of a model with those of the model above it.

Class accuracy of tiny_vit_5m_224.dist_in22k_ft_in1k

Class     Pictures evaluated  Accuracy
                     per run
────────  ──────────────────  ────────
犬                         3     0.667
grey|fox                   3     0.333
_x_                        2     0.500
naïve\n                    0         –

Least accurate classes of tiny_vit_5m_224.dist_in22k_ft_in1k (below 0.8)

Class     Pictures evaluated  Accuracy
                     per run
────────  ──────────────────  ────────
grey|fox                   3     0.333
_x_                        2     0.500
犬                         3     0.667

Class accuracy of tiny_vit_11m_224.dist_in22k_ft_in1k

Class     Pictures evaluated  Accuracy
                     per run
────────  ──────────────────  ────────
犬                         3     0.889
grey|fox                   3     0.889
_x_                        2     1.000
naïve\n                    0         –

Least accurate classes of tiny_vit_11m_224.dist_in22k_ft_in1k (below 0.8)

None.
`
	if got := tableText(t, Terminal, twoModels(t)...); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestMarkdownTable(t *testing.T) {
	const want = `### Accuracy on part valid: 4 classes, 30 pictures, 3 runs, seed 17

| Model                               | Encoder parameters (M) |      Accuracy | Top-2 accuracy |
|:------------------------------------|-----------------------:|--------------:|---------------:|
| tiny_vit_5m_224.dist_in22k_ft_in1k  |                   5.07 | 0.500 ± 0.311 |  0.583 ± 0.474 |
|   corrected for overlap             |                        |       ± 0.411 |        ± 0.627 |
| tiny_vit_11m_224.dist_in22k_ft_in1k |                   10.6 | 0.917 ± 0.179 |  0.917 ± 0.179 |
|   corrected for overlap             |                        |       ± 0.237 |        ± 0.237 |
|   ↳ error-rate reduction            |                        |        83.3 % |         80.0 % |

± is the half-width of the 95 % Student-t interval of the mean over 3 runs.
The splits of the runs overlap, so it is too narrow.
"Corrected for overlap" allows for that (Nadeau and Bengio, 2003).

↳ compares the errors of a model with those of the model above it.

### Class accuracy of tiny_vit_5m_224.dist_in22k_ft_in1k

| Class     | Pictures evaluated per run | Accuracy |
|:----------|---------------------------:|---------:|
| 犬        |                          3 |    0.667 |
| grey\|fox |                          3 |    0.333 |
| \_x\_     |                          2 |    0.500 |
| naïve\\n  |                          0 |        – |

### Least accurate classes of tiny_vit_5m_224.dist_in22k_ft_in1k (below 0.8)

| Class     | Pictures evaluated per run | Accuracy |
|:----------|---------------------------:|---------:|
| grey\|fox |                          3 |    0.333 |
| \_x\_     |                          2 |    0.500 |
| 犬        |                          3 |    0.667 |

### Class accuracy of tiny_vit_11m_224.dist_in22k_ft_in1k

| Class     | Pictures evaluated per run | Accuracy |
|:----------|---------------------------:|---------:|
| 犬        |                          3 |    0.889 |
| grey\|fox |                          3 |    0.889 |
| \_x\_     |                          2 |    1.000 |
| naïve\\n  |                          0 |        – |

### Least accurate classes of tiny_vit_11m_224.dist_in22k_ft_in1k (below 0.8)

None.
`
	if got := tableText(t, Markdown, twoModels(t)...); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTableNotes(t *testing.T) {
	for _, row := range []struct {
		name    string
		evals   []*Evaluation
		want    []string
		without []string
	}{
		{
			"a single run has no interval", []*Evaluation{sample(t, "a", Setup{}, "113")},
			[]string{"1 run, seed 17", "0.667", "A single run, so no confidence interval."},
			[]string{"±", "corrected", "Corrected", "↳", "Short run"},
		},
		{
			"the training part has no correction", []*Evaluation{sample(t, "a", Setup{Part: "train"}, "113", "111")},
			[]string{"± 2.118", "No correction is known for pictures that were trained on."},
			[]string{"Nadeau"},
		},
		{
			"a short run is no result", []*Evaluation{sample(t, "a", Setup{ShortRun: 8}, "113")},
			[]string{"Short run, limited to 8: a trial of the set-up. The numbers are no result."},
			nil,
		},
		{
			"an unknown number of parameters", []*Evaluation{sample(t, "vit", Setup{}, "111")},
			[]string{"vit             –     1.000"},
			nil,
		},
		{
			"a class with a picture in some runs only", []*Evaluation{sample(t, "a", Setup{}, "11", "111")},
			[]string{"cinema                 0.5     1.000"},
			nil,
		},
		{
			"errors that cannot be reduced", []*Evaluation{sample(t, "a", Setup{}, "111"), sample(t, "b", Setup{}, "113")},
			[]string{"↳ error-rate reduction                     –         –"},
			nil,
		},
		{
			"errors that grew", []*Evaluation{sample(t, "a", Setup{}, "113"), sample(t, "b", Setup{}, "133")},
			[]string{"-100.0 %"},
			nil,
		},
	} {
		got := tableText(t, Terminal, row.evals...)
		for _, part := range row.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %q in\n%s", row.name, part, got)
			}
		}
		for _, part := range row.without {
			if strings.Contains(got, part) {
				t.Errorf("%s: %q in\n%s", row.name, part, got)
			}
		}
	}
}

func TestTableFitsATerminalOf80Columns(t *testing.T) {
	name := "mobilenetv4_conv_small.e2400_r224_in1k" // as long as the names of common models get
	e := sample(t, name, Setup{NumParams: 304_000_000}, "113", "133")
	for line := range strings.Lines(tableText(t, Terminal, e, e)) {
		if width := twwidth.Width(strings.TrimSuffix(line, "\n")); width > 80 {
			t.Errorf("%d columns: %s", width, line)
		}
	}
}

func TestTableOfNothingIsEmpty(t *testing.T) {
	if got := tableText(t, Terminal); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestTableRefusesEvaluationsThatDoNotCompare(t *testing.T) {
	for _, row := range []struct {
		change func(*Evaluation)
		want   string
	}{
		{func(e *Evaluation) { e.Labels = []string{"agaric", "beaver", "daisy"} }, "labels"},
		{func(e *Evaluation) { e.NumImages = 31 }, "numbers of pictures"},
		{func(e *Evaluation) { e.Part = "test" }, "parts"},
		{func(e *Evaluation) { e.Seed = 3 }, "seeds"},
		{func(e *Evaluation) { e.Runs = e.Runs[:1] }, "numbers of runs"},
		{func(e *Evaluation) { e.TopK = 1 }, "top-k"},
		{func(e *Evaluation) { e.Confidence = 0.9 }, "confidences"},
		{func(e *Evaluation) { e.ShortRun = 2 }, "short-run limits"},
	} {
		other := sample(t, "b", Setup{}, "111", "111")
		row.change(other)
		err := WriteTable(&bytes.Buffer{}, []*Evaluation{sample(t, "a", Setup{}, "111", "111"), other}, Terminal)
		want := `write table: models "a" and "b" (row 2) were evaluated with different ` + row.want + "; write them separately"
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestTableReportsAFailedWrite(t *testing.T) {
	for _, format := range []Format{Terminal, Markdown} {
		if err := WriteTable(fullDisk{}, twoModels(t), format); !errors.Is(err, errFull) {
			t.Errorf("error %v, want %v", err, errFull)
		}
	}
}
