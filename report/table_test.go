package report

import (
	"bytes"
	"errors"
	"fmt"
	"math"
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

func tableText(t *testing.T, format Layout, evals ...*Evaluation) string {
	t.Helper()
	var text strings.Builder
	if err := WriteTable(&text, evals, TableOptions{Format: format, Threshold: DefaultThreshold}); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestTerminalTable(t *testing.T) {
	const want = `Accuracy on part valid: 4 classes, 30 pictures, 3 runs, seed 17

Model                                Encoder       Accuracy          Top-2
                                      params                      accuracy
                                         (M)
───────────────────────────────────  ───────  ─────────────  ─────────────
tiny_vit_5m_224.dist_in22k_ft_in1k      5.07  0.500 ± 0.311  0.583 ± 0.474
  corrected for overlap                             ± 0.411        ± 0.627
tiny_vit_11m_224.dist_in22k_ft_in1k     10.6  0.917 ± 0.179  0.917 ± 0.179
  corrected for overlap                             ± 0.237        ± 0.237
  ↳ error-rate reduction                             83.3 %         80.0 %

± is the half-width of the 95 % Student-t interval of the mean over 3 runs.
The splits of the runs overlap, so it is too narrow.
"Corrected for overlap" allows for that (Nadeau and Bengio, 2003).

↳ compares the errors of a model with those of the model above it.

Paired differences from tiny_vit_5m_224.dist_in22k_ft_in1k

Model                                           Accuracy                Top-2
                                                                     accuracy
───────────────────────────────────  ───────────────────  ───────────────────
tiny_vit_11m_224.dist_in22k_ft_in1k       +0.417 ± 0.474       +0.333 ± 0.646
  corrected for overlap                          ± 0.627              ± 0.855
  error-rate reduction                            83.3 %               80.0 %
  verdict                            no clear difference  no clear difference

Each model less the first, run by run on the same splits. "Better" and "worse"
mean that the corrected interval excludes 0.

Class accuracy of tiny_vit_5m_224.dist_in22k_ft_in1k

Class              Pictures  Accuracy   95 % interval  Precision  Recall     F1
─────────────────  ────────  ────────  ──────────────  ─────────  ──────  ─────
犬                        3     0.667  [0.208, 0.939]      0.667   0.667  0.667
grey|fox                  3     0.333  [0.061, 0.792]      0.389   0.333  0.356
_x_                       2     0.500  [0.095, 0.905]      0.361   0.500  0.411
naïve\n                   0         –               –          –       –      –
mean over classes               0.500                      0.472   0.500  0.478

Pictures are the different ones evaluated in all runs together. The interval is
Wilson's for that many pictures. Precision, recall and F1 are means over runs.

Least accurate classes of tiny_vit_5m_224.dist_in22k_ft_in1k (below 0.8)

Class     Pictures  Accuracy   95 % interval  Precision  Recall     F1
────────  ────────  ────────  ──────────────  ─────────  ──────  ─────
grey|fox         3     0.333  [0.061, 0.792]      0.389   0.333  0.356
_x_              2     0.500  [0.095, 0.905]      0.361   0.500  0.411
犬               3     0.667  [0.208, 0.939]      0.667   0.667  0.667

Most confused pairs of tiny_vit_5m_224.dist_in22k_ft_in1k

Class     Taken for  Pictures   Share of
                      per run  the class
────────  ─────────  ────────  ─────────
grey|fox  _x_               2     66.7 %
_x_       犬                1     50.0 %
犬        grey|fox          1     33.3 %

Most suspicious pictures of tiny_vit_5m_224.dist_in22k_ft_in1k

Picture         Label     Taken for  Wrong in
                                         runs
──────────────  ────────  ─────────  ────────
grey|fox/1.jpg  grey|fox  _x_          3 of 3
犬/3.jpg        犬        grey|fox     3 of 3
_x_/5.jpg       _x_       犬           3 of 3
grey|fox/7.jpg  grey|fox  _x_          2 of 3

They are wrong in more than half of the runs that evaluate them. In practice,
where accuracy is high, these often are label errors: look at them first.

Class accuracy of tiny_vit_11m_224.dist_in22k_ft_in1k

Class              Pictures  Accuracy   95 % interval  Precision  Recall     F1
─────────────────  ────────  ────────  ──────────────  ─────────  ──────  ─────
犬                        3     0.889  [0.349, 0.992]      1.000   0.889  0.933
grey|fox                  3     0.889  [0.349, 0.992]      0.917   0.889  0.886
_x_                       2     1.000  [0.342, 1.000]      0.889   1.000  0.933
naïve\n                   0         –               –          –       –      –
mean over classes               0.926                      0.935   0.926  0.917

Least accurate classes of tiny_vit_11m_224.dist_in22k_ft_in1k (below 0.8)

None.

Most confused pairs of tiny_vit_11m_224.dist_in22k_ft_in1k

Class     Taken for  Pictures   Share of
                      per run  the class
────────  ─────────  ────────  ─────────
犬        grey|fox       0.33     11.1 %
grey|fox  _x_            0.33     11.1 %

Most suspicious pictures of tiny_vit_11m_224.dist_in22k_ft_in1k

None.
`
	if got := tableText(t, Terminal, twoModels(t)...); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestMarkdownTable(t *testing.T) {
	const want = `### Accuracy on part valid: 4 classes, 30 pictures, 3 runs, seed 17

| Model                               | Encoder params (M) |      Accuracy | Top-2 accuracy |
|:------------------------------------|-------------------:|--------------:|---------------:|
| tiny_vit_5m_224.dist_in22k_ft_in1k  |               5.07 | 0.500 ± 0.311 |  0.583 ± 0.474 |
|   corrected for overlap             |                    |       ± 0.411 |        ± 0.627 |
| tiny_vit_11m_224.dist_in22k_ft_in1k |               10.6 | 0.917 ± 0.179 |  0.917 ± 0.179 |
|   corrected for overlap             |                    |       ± 0.237 |        ± 0.237 |
|   ↳ error-rate reduction            |                    |        83.3 % |         80.0 % |

± is the half-width of the 95 % Student-t interval of the mean over 3 runs.
The splits of the runs overlap, so it is too narrow.
"Corrected for overlap" allows for that (Nadeau and Bengio, 2003).

↳ compares the errors of a model with those of the model above it.

### Paired differences from tiny_vit_5m_224.dist_in22k_ft_in1k

| Model                               |            Accuracy |      Top-2 accuracy |
|:------------------------------------|--------------------:|--------------------:|
| tiny_vit_11m_224.dist_in22k_ft_in1k |      +0.417 ± 0.474 |      +0.333 ± 0.646 |
|   corrected for overlap             |             ± 0.627 |             ± 0.855 |
|   error-rate reduction              |              83.3 % |              80.0 % |
|   verdict                           | no clear difference | no clear difference |

Each model less the first, run by run on the same splits. "Better" and "worse"
mean that the corrected interval excludes 0.

### Class accuracy of tiny_vit_5m_224.dist_in22k_ft_in1k

| Class             | Pictures | Accuracy |   95 % interval | Precision | Recall |    F1 |
|:------------------|---------:|---------:|----------------:|----------:|-------:|------:|
| 犬                |        3 |    0.667 | \[0.208, 0.939] |     0.667 |  0.667 | 0.667 |
| grey\|fox         |        3 |    0.333 | \[0.061, 0.792] |     0.389 |  0.333 | 0.356 |
| \_x\_             |        2 |    0.500 | \[0.095, 0.905] |     0.361 |  0.500 | 0.411 |
| naïve\\n          |        0 |        – |               – |         – |      – |     – |
| mean over classes |          |    0.500 |                 |     0.472 |  0.500 | 0.478 |

Pictures are the different ones evaluated in all runs together. The interval is
Wilson's for that many pictures. Precision, recall and F1 are means over runs.

### Least accurate classes of tiny_vit_5m_224.dist_in22k_ft_in1k (below 0.8)

| Class     | Pictures | Accuracy |   95 % interval | Precision | Recall |    F1 |
|:----------|---------:|---------:|----------------:|----------:|-------:|------:|
| grey\|fox |        3 |    0.333 | \[0.061, 0.792] |     0.389 |  0.333 | 0.356 |
| \_x\_     |        2 |    0.500 | \[0.095, 0.905] |     0.361 |  0.500 | 0.411 |
| 犬        |        3 |    0.667 | \[0.208, 0.939] |     0.667 |  0.667 | 0.667 |

### Most confused pairs of tiny_vit_5m_224.dist_in22k_ft_in1k

| Class     | Taken for | Pictures per run | Share of the class |
|:----------|:----------|-----------------:|-------------------:|
| grey\|fox | \_x\_     |                2 |             66.7 % |
| \_x\_     | 犬        |                1 |             50.0 % |
| 犬        | grey\|fox |                1 |             33.3 % |

### Most suspicious pictures of tiny_vit_5m_224.dist_in22k_ft_in1k

| Picture         | Label     | Taken for | Wrong in runs |
|:----------------|:----------|:----------|--------------:|
| grey\|fox/1.jpg | grey\|fox | \_x\_     |        3 of 3 |
| 犬/3.jpg        | 犬        | grey\|fox |        3 of 3 |
| \_x\_/5.jpg     | \_x\_     | 犬        |        3 of 3 |
| grey\|fox/7.jpg | grey\|fox | \_x\_     |        2 of 3 |

They are wrong in more than half of the runs that evaluate them. In practice,
where accuracy is high, these often are label errors: look at them first.

### Class accuracy of tiny_vit_11m_224.dist_in22k_ft_in1k

| Class             | Pictures | Accuracy |   95 % interval | Precision | Recall |    F1 |
|:------------------|---------:|---------:|----------------:|----------:|-------:|------:|
| 犬                |        3 |    0.889 | \[0.349, 0.992] |     1.000 |  0.889 | 0.933 |
| grey\|fox         |        3 |    0.889 | \[0.349, 0.992] |     0.917 |  0.889 | 0.886 |
| \_x\_             |        2 |    1.000 | \[0.342, 1.000] |     0.889 |  1.000 | 0.933 |
| naïve\\n          |        0 |        – |               – |         – |      – |     – |
| mean over classes |          |    0.926 |                 |     0.935 |  0.926 | 0.917 |

### Least accurate classes of tiny_vit_11m_224.dist_in22k_ft_in1k (below 0.8)

None.

### Most confused pairs of tiny_vit_11m_224.dist_in22k_ft_in1k

| Class     | Taken for | Pictures per run | Share of the class |
|:----------|:----------|-----------------:|-------------------:|
| 犬        | grey\|fox |             0.33 |             11.1 % |
| grey\|fox | \_x\_     |             0.33 |             11.1 % |

### Most suspicious pictures of tiny_vit_11m_224.dist_in22k_ft_in1k

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
			[]string{"±", "corrected", "Corrected", "↳", "Trial run"},
		},
		{
			"the training part has no correction", []*Evaluation{sample(t, "a", Setup{Part: "train"}, "113", "111")},
			[]string{"± 2.118", "No correction is known for pictures that were trained on."},
			[]string{"Nadeau"},
		},
		{
			"a trial run", []*Evaluation{sample(t, "a", Setup{ShortRun: 8}, "113")},
			[]string{"Trial run, limited to 8 pictures per class: do not quote these numbers."},
			nil,
		},
		{
			"out of bag", []*Evaluation{sample(t, "a", Setup{Protocol: Bootstrap}, "113", "111"), sample(t, "b", Setup{Protocol: Bootstrap}, "111", "111")},
			[]string{
				"Accuracy out of bag: 3 classes, 30 pictures, 2 bootstrap runs, seed 17", "0.833",
				"  95 % percentile interval           [0.675, 0.992]", "[ ] holds the middle 95 % of the accuracies of 2 bootstrap runs",
				"[ ] holds the middle\n95 % of the differences", "  95 % percentile interval  [0.008, 0.325]", "  verdict                           better", "2 runs are too few for this interval.\nUse 40 or more.",
			},
			[]string{"±", "orrected"},
		},
		{
			"the training part of a bootstrap is in the bag", []*Evaluation{sample(t, "a", Setup{Protocol: Bootstrap, Part: "train"}, "113", "111")},
			[]string{"Accuracy on part train: 3 classes, 30 pictures, 2 bootstrap runs"},
			[]string{"out of bag", "evaluates those that it did"},
		},
		{
			"leaving one out", []*Evaluation{sample(t, "a", Setup{Protocol: LeaveOneOut}, "113"), sample(t, "b", Setup{Protocol: LeaveOneOut}, "133")},
			[]string{
				"Accuracy, leaving one out: 3 classes, 30 pictures\n", "  95 % Wilson interval             [0.208, 0.939]",
				"Wilson interval of a share among 3 pictures", "-0.333 ± 0.653", "normal\ninterval", "no clear difference",
			},
			[]string{"seed", "A single run", "orrected"},
		},
		{
			"models by other methods than usual", []*Evaluation{
				sample(t, "a", Setup{Method: "median, l2"}, "113", "111"), sample(t, "b", Setup{Method: "median, l2"}, "111", "111"),
			},
			[]string{"  median, l2", "↳", "Paired differences from a, median, l2", "Class accuracy of b, median, l2"},
			[]string{"by method"},
		},
		{
			"a row that is worse", []*Evaluation{
				sample(t, "a", Setup{}, strings.Repeat("1", 30), strings.Repeat("1", 30), strings.Repeat("1", 30)),
				sample(t, "b", Setup{}, strings.Repeat("3", 20)+strings.Repeat("1", 10), strings.Repeat("3", 21)+strings.Repeat("1", 9), strings.Repeat("3", 22)+strings.Repeat("1", 8)),
			},
			[]string{"-0.700 ± 0.083", " worse\n"},
			nil,
		},
		{
			"three models", []*Evaluation{sample(t, "a", Setup{}, "113", "111"), sample(t, "b", Setup{}, "111", "111"), sample(t, "c", Setup{}, "111", "111")},
			[]string{"among many rows one may look better or worse by chance."},
			nil,
		},
		{
			"more mistakes than are listed", []*Evaluation{sample(t, "a", Setup{}, "333333333333")},
			[]string{"agaric/9.jpg", "The first 10 of 12."},
			[]string{"cinema/;.jpg"},
		},
		{
			"an unknown number of parameters", []*Evaluation{sample(t, "vit", Setup{}, "111")},
			[]string{"vit          –     1.000"},
			nil,
		},
		{
			"folds", []*Evaluation{sample(t, "a", Setup{Protocol: KFold}, "113", "111")},
			[]string{"30 pictures, 2 folds, seed 17", "mean over 2 folds.", "The training parts of the folds overlap", "means over folds"},
			nil,
		},
		{
			"errors that cannot be reduced", []*Evaluation{sample(t, "a", Setup{}, "111"), sample(t, "b", Setup{}, "113")},
			[]string{"↳ error-rate reduction                  –         –"},
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
	for protocol, outcomes := range map[Protocol][]string{Holdout: {"113", "133"}, Bootstrap: {"113", "133"}, LeaveOneOut: {"113"}} {
		e := sample(t, name, Setup{Protocol: protocol, NumParams: 304_000_000}, outcomes...)
		for line := range strings.Lines(tableText(t, Terminal, e, e)) {
			if width := twwidth.Width(strings.TrimSuffix(line, "\n")); width > 80 {
				t.Errorf("%s: %d columns: %s", protocol, width, line)
			}
		}
	}
}

func TestTableOfMethods(t *testing.T) {
	const want = `Accuracy of vit by method

Accuracy on part valid: 3 classes, 30 pictures, 3 runs, seed 17.

Method                         Accuracy  corrected           Top-2  corrected
                                               for        accuracy        for
                                           overlap                    overlap
───────────────────────  ──────────────  ─────────  ──────────────  ─────────
mean, cosine                      0.333                      0.667
  95 % Wilson interval   [0.061, 0.792]             [0.208, 0.939]
normalized-mean, cosine           0.333                      0.333
  95 % Wilson interval   [0.061, 0.792]             [0.061, 0.792]
10 neighbours, cosine     0.889 ± 0.478    ± 0.632   0.889 ± 0.478    ± 0.632

± is the half-width of the 95 % Student-t interval of the mean over 3 runs.
The splits of the runs overlap, so it is too narrow.
"Corrected for overlap" allows for that (Nadeau and Bengio, 2003).
The Wilson interval stands where the runs do not vary: it is that of a share
among 3 different pictures.

Paired differences from mean, cosine

Method                   Accuracy     95 % interval  Verdict               Top-2
───────────────────────  ────────  ────────────────  ───────────────────  ──────
normalized-mean, cosine     0.000  [-0.561, 0.561]¹  no clear difference  -0.333
10 neighbours, cosine      +0.556   [-0.077, 1.000]  no clear difference  +0.222

Each method less the first, run by run on the same splits. The interval is
corrected for overlap. "Better" and "worse" mean that it excludes 0. Each
interval holds for its row alone: among many rows one may look better or worse
by chance.
¹ The score interval is Tango's (1998) among 3 different pictures, where all
runs differ by the same.

Accuracy of other by method

Accuracy on part valid: 3 classes, 30 pictures, 3 runs, seed 17.

Method        Accuracy            95 %     Top-2            95 %
                                Wilson  accuracy          Wilson
                              interval                  interval
────────────  ────────  ──────────────  ────────  ──────────────
mean, cosine     1.000  [0.439, 1.000]     1.000  [0.439, 1.000]

[ ] is the 95 % Wilson interval of a share among 3 different pictures, because
the runs do not vary, which says nothing of pictures that were never seen.
`
	got := tableText(t, Terminal,
		sample(t, "vit", Setup{}, "123", "132", "213"),
		sample(t, "other", Setup{}, "111", "111", "111"),
		sample(t, "vit", Setup{Method: "normalized-mean, cosine"}, "133", "133", "313"),
		sample(t, "vit", Setup{Method: "10 neighbours, cosine"}, "111", "111", "311"))
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTableOfMethodsByProtocol(t *testing.T) {
	for _, row := range []struct {
		name     string
		protocol Protocol
		runs     []string
		others   []string // of the second method
		want     []string
	}{
		{"a single run", Holdout, []string{"113"}, []string{"113"}, []string{"mean, cosine     0.667     0.667\n", "median, l2       0.667     0.667\n", "A single run", "–"}},
		{"the bootstrap", Bootstrap, []string{"113", "111"}, []string{"113", "131"}, []string{"[0.675, 0.992]", "holds\nthe middle of the differences"}},
		{"leaving one out", LeaveOneOut, []string{"113"}, []string{"131"}, []string{"Wilson", "[0.208, 0.939]", "is the normal one of their\nmean"}},
		{"the training part", KFold, []string{"113", "111"}, []string{"113", "131"}, []string{"± 2.118", "The interval is\nStudent's t."}},
	} {
		setup := Setup{Protocol: row.protocol}
		if row.protocol == KFold {
			setup.Part = "train"
		}
		other := setup
		other.Method = "median, l2"
		got := tableText(t, Terminal, sample(t, "a", setup, row.runs...), sample(t, "a", other, row.others...))
		for _, part := range row.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %q in\n%s", row.name, part, got)
			}
		}
	}
}

func TestBriefTableHasModelsAlone(t *testing.T) {
	var text strings.Builder
	if err := WriteTable(&text, twoModels(t), TableOptions{Brief: true, Threshold: 0.8}); err != nil {
		t.Fatal(err)
	}
	if got := text.String(); !strings.HasPrefix(tableText(t, Terminal, twoModels(t)...), got) || !strings.Contains(got, "verdict") || strings.Contains(got, "Class") {
		t.Errorf("got\n%s", got)
	}
}

func TestTableThreshold(t *testing.T) {
	e := sample(t, "a", Setup{}, "131", "111")
	for _, row := range []struct {
		threshold float64
		want      string
		err       bool
	}{
		{0, "", false},
		{0.4, "Least accurate classes of a (below 0.4)\n\nNone.\n", false},
		{0.75, "Least accurate classes of a (below 0.75)\n\nClass ", false},
		{-0.1, "threshold is -0.1, must be between 0 and 1", true},
		{80, "threshold is 80, must be between 0 and 1", true},
		{math.NaN(), "threshold is NaN", true},
	} {
		var text strings.Builder
		err := WriteTable(&text, []*Evaluation{e}, TableOptions{Threshold: row.threshold})
		got := text.String()
		if row.err {
			got = fmt.Sprint(err)
		}
		if (err != nil) != row.err || !strings.Contains(got, row.want) || row.want == "" && strings.Contains(got, "Least") {
			t.Errorf("threshold %v: got %v\n%s", row.threshold, err, got)
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
		{func(e *Evaluation) { e.NumPictures = 31 }, "numbers of pictures"},
		{func(e *Evaluation) { e.Part = "test" }, "parts"},
		{func(e *Evaluation) { e.Protocol = KFold }, "protocols"},
		{func(e *Evaluation) { e.Runs[1].Files = []string{"agaric/0.jpg", "beaver/1.jpg", "cinema/9.jpg"} }, "pictures"},
		{func(e *Evaluation) { e.Runs[1].Targets = []int{0, 1, 1} }, "pictures"},
		{func(e *Evaluation) { e.Seed = 3 }, "seeds"},
		{func(e *Evaluation) { e.Runs = e.Runs[:1] }, "numbers of runs"},
		{func(e *Evaluation) { e.TopK = 1 }, "top-k"},
		{func(e *Evaluation) { e.Confidence = 0.9 }, "confidences"},
		{func(e *Evaluation) { e.ShortRun = 2 }, "short-run limits"},
	} {
		other := sample(t, "b", Setup{}, "111", "111")
		row.change(other)
		err := WriteTable(&bytes.Buffer{}, []*Evaluation{sample(t, "a", Setup{}, "111", "111"), other}, TableOptions{})
		want := `write table: models "a" and "b" (row 2) were evaluated with different ` + row.want + "; write them separately"
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestTableReportsAFailedWrite(t *testing.T) {
	for _, format := range []Layout{Terminal, Markdown} {
		if err := WriteTable(fullDisk{}, twoModels(t), TableOptions{Format: format}); !errors.Is(err, errFull) {
			t.Errorf("error %v, want %v", err, errFull)
		}
	}
}
