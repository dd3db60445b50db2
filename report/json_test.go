package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestWriteJSON(t *testing.T) {
	single := sample(t, "vit<a&b>", Setup{EmbeddingDim: 320, NumParams: 5072688}, "12")
	const want = `{"schema":2,"models":[{"model":"vit<a&b>","embedding_dim":320,"num_params":5072688,` +
		`"labels":["agaric","beaver","cinema"],"num_pictures":30,"method":"","protocol":"holdout","part":"valid","seed":17,` +
		`"top_k":2,"confidence":0.95,"eval_train_ratio":0.25,"short_run":0,` +
		`"duplicates":{"policy":"keep","within":0,"across":0,"left_out":0,"contradictory":0,"crossing":0,"copies":{}},` +
		`"accuracy":{"mean":0.5,"half_width":null,"corrected_half_width":null,"low":null,"high":null,"interval":""},` +
		`"topk_accuracy":{"mean":1,"half_width":null,"corrected_half_width":null,"low":null,"high":null,"interval":""},` +
		`"difference_from_first":null,` +
		`"runs":[{"accuracy":0.5,"topk_accuracy":1,"per_class_accuracy":[1,0,null],` +
		`"files":["agaric/0.jpg","beaver/1.jpg"],"targets":[0,1],"predictions":[0,2],"topk_misses":[],"margins":[0,0.25]}],` +
		`"cumulative_accuracy":{"shares":[0,0.5,1],"accuracies":[0,0,1]},` +
		`"per_class":[` +
		`{"label":"agaric","support":1,"num_pictures":1,"accuracy":1,"low":0.20654931437723745,"high":1,"precision":1,"recall":1,"f1":1},` +
		`{"label":"beaver","support":1,"num_pictures":1,"accuracy":0,"low":0,"high":0.7934506856227626,"precision":null,"recall":0,"f1":0},` +
		`{"label":"cinema","support":0,"num_pictures":0,"accuracy":null,"low":null,"high":null,"precision":0,"recall":null,"f1":0}],` +
		`"confusion":[[0,0,1],[1,2,1]],` +
		`"suspicious":[{"file":"beaver/1.jpg","target":1,"prediction":2,"wrong":1,"evaluated":1,"margin":0.25}]}]}` + "\n"
	single.Runs[0].Margins = []float32{0, 0.25}
	var got strings.Builder
	if err := WriteJSON(&got, []*Evaluation{single}); err != nil {
		t.Fatal(err)
	}
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestWriteJSONOfNoModels(t *testing.T) {
	var got strings.Builder
	if err := WriteJSON(&got, nil); err != nil || got.String() != `{"schema":2,"models":[]}`+"\n" {
		t.Errorf("got %q, %v", got.String(), err)
	}
}

// jsonText gives evaluations as text, in which NaN equals NaN.
func jsonText(t *testing.T, evals []*Evaluation) string {
	t.Helper()
	var text strings.Builder
	if err := WriteJSON(&text, evals); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestReadJSONGivesBackWhatWasWritten(t *testing.T) {
	boot := Setup{Protocol: Bootstrap, Method: "median", EvalTrainRatio: 0.5}
	for _, row := range []struct {
		name  string
		evals []*Evaluation
	}{
		{"several runs", []*Evaluation{sample(t, "a", Setup{}, "1231", "1111", "3311"), sample(t, "b", Setup{}, "1211", "1311", "3311")}},
		{"evaluations that do not compare", []*Evaluation{sample(t, "a", Setup{}, "1231", "1111"), sample(t, "b", Setup{}, "111", "131")}},
		{"undefined numbers", []*Evaluation{sample(t, "a", Setup{Part: "train"}, "1")}},
		{"a trial run", []*Evaluation{sample(t, "a", Setup{ShortRun: 8}, "12", "13")}},
		{"runs of different sizes, with margins", []*Evaluation{answered(t, boot, "a1>a:0 b1>c:0.125", "a2>b:0.1")}},
		{"leave one out", []*Evaluation{answered(t, Setup{Protocol: LeaveOneOut}, "a1>a b1>c"), answered(t, Setup{Protocol: LeaveOneOut}, "a1>a b1>b")}},
	} {
		written := jsonText(t, row.evals)
		read, err := ReadJSON(strings.NewReader(written))
		if err != nil {
			t.Fatal(err)
		}
		if again := jsonText(t, read); again != written {
			t.Errorf("%s: read and written again:\n%swant\n%s", row.name, again, written)
		}
		for i, e := range row.evals {
			if !reflect.DeepEqual(read[i].Setup, withProtocol(e.Setup)) || !sameRuns(read[i].Runs, e.Runs) {
				t.Errorf("%s: model %d: got %+v", row.name, i, read[i])
			}
			if got, want := fmt.Sprintf("%+v", read[i].Accuracy), fmt.Sprintf("%+v", e.Accuracy); got != want {
				t.Errorf("%s: model %d: accuracy %s, want %s", row.name, i, got, want)
			}
		}
	}
}

func withProtocol(s Setup) Setup {
	s.Protocol = s.protocol()
	if s.Duplicates.Policy == "" {
		s.Duplicates.Policy = "keep"
	}
	return s
}

// sameRuns prints, since NaN is not equal to NaN.
func sameRuns(a, b []RunResult) bool { return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b) }

func TestReadJSONTrustsPredictionsAlone(t *testing.T) {
	good := jsonText(t, []*Evaluation{sample(t, "a", Setup{}, "123", "111"), sample(t, "b", Setup{}, "111", "113")})
	for _, row := range []struct{ name, old, new string }{
		{"a mean of null", `"accuracy":{"mean":0.6666666666666666`, `"accuracy":{"mean":null`},
		{"a mean in percent", `"topk_accuracy":{"mean":0.8333333333333333`, `"topk_accuracy":{"mean":83.3`},
		{"a run of another accuracy", `{"accuracy":0.3333333333333333,`, `{"accuracy":0.9,`},
		{"a class accuracy in percent", `"per_class_accuracy":[1,`, `"per_class_accuracy":[100,`},
		{"a cumulative accuracy without a share", `"shares":[0,`, `"shares":[`},
		{"a difference", `"difference_from_first":{"accuracy":{"mean":`, `"difference_from_first":{"accuracy":{"mean":1`},
		{"a class's precision", `"precision":`, `"precision":7`},
		{"a confusion", `"confusion":[[0,0,2],`, `"confusion":[[0,0,9],`},
		{"a suspicion", `"suspicious":[]`, `"suspicious":[{"file":"agaric/0.jpg"}]`},
	} {
		changed := strings.Replace(good, row.old, row.new, 1)
		if changed == good {
			t.Fatalf("%s: %q is not in %s", row.name, row.old, good)
		}
		read, err := ReadJSON(strings.NewReader(changed))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		} else if got := jsonText(t, read); got != good {
			t.Errorf("%s: got\n%swant\n%s", row.name, got, good)
		}
	}
}

func TestReadJSONOfAnEarlierVersion(t *testing.T) {
	const old = `{"schema":1,"models":[{"model":"m","embedding_dim":6,"num_params":0,"labels":["a","b"],"num_images":10,"part":"valid",` +
		`"seed":17,"top_k":2,"confidence":0.95,"accuracy":{"mean":0.75,"half_width":3.2,"corrected_half_width":4},"topk_accuracy":{"mean":1},` +
		`"runs":[{"accuracy":0.5,"topk_accuracy":0.75,"per_class_accuracy":[0.5,null],"files":["a/1","a/2"],"targets":[0,0],"predictions":[0,1]},` +
		`{"accuracy":1,"topk_accuracy":1,"per_class_accuracy":[1,null],"files":["a/1","a/2"],"targets":[0,0],"predictions":[0,0]}],` +
		`"cumulative_accuracy":{"shares":[0,1],"accuracies":[0,1]}}]}`
	read, err := ReadJSON(strings.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	e := read[0]
	if e.Accuracy.Mean != 0.75 || math.IsNaN(e.Accuracy.HalfWidth) || !math.IsNaN(e.Accuracy.CorrectedHalfWidth) {
		t.Errorf("accuracy %+v", e.Accuracy)
	}
	if e.TopKAccuracy.Mean != 0.875 || e.Runs[0].InTopK != nil {
		t.Errorf("top-k accuracy %+v of %+v", e.TopKAccuracy, e.Runs[0])
	}
}

func TestReadJSONRefuses(t *testing.T) {
	good := jsonText(t, []*Evaluation{sample(t, "a", Setup{}, "123", "111")})
	for _, row := range []struct{ name, old, new, want string }{
		{"an empty file", good, "", "EOF"},
		{"no JSON", good, "model,accuracy", "invalid character"},
		{"another schema", `"schema":2`, `"schema":3`, "schema 3, but this version reads schemas 1 to 2"},
		{"another file's JSON", good, `{"format":1}`, "schema 0"},
		{"a negative seed", `"seed":17`, `"seed":-1`, "seed"},
		{"no labels", `["agaric","beaver","cinema"]`, `[]`, `model 0 ("a"): no labels`},
		{"confidence in percent", `"confidence":0.95`, `"confidence":95`, "confidence is 95"},
		{"a negative ratio", `"eval_train_ratio":0.25`, `"eval_train_ratio":-1`, "is -1, must be 0 or more"},
		{"a protocol that does not exist", `"protocol":"holdout"`, `"protocol":"jackknife"`, `unknown protocol "jackknife"`},
		{"two runs of leave-one-out", `"protocol":"holdout"`, `"protocol":"leave-one-out"`, "2 runs, but leave-one-out has one"},
		{"a run without pictures", `"targets":[0,1,2]`, `"targets":[]`, "run 0: no pictures"},
		{"an unknown target", `"targets":[0,1,2]`, `"targets":[0,1,3]`, "cinema/2.jpg: target 3"},
		{"a negative prediction", `"predictions":[0,2,0]`, `"predictions":[-1,2,1]`, "prediction -1"},
		{"a missing prediction", `"predictions":[0,2,0]`, `"predictions":[0,2]`, "3 files, 3 targets and 2 predictions"},
		{"a miss that is not a picture", `"topk_misses":[2]`, `"topk_misses":[3]`, "picture 3 is outside the first k, but there are 3 pictures"},
		{"a miss that is right", `"topk_misses":[2]`, `"topk_misses":[0]`, "agaric/0.jpg: predicted right, but outside the first k"},
		{"top-k accuracy in percent, without misses", `"topk_misses":[2]`, `"topk_misses":null,"topk_accuracy":66.7`, "the top-k accuracy is missing or not between"},
		{"a margin too many", `"topk_misses":[2]`, `"topk_misses":[2],"margins":[0,0,0.5,0]`, "4 margins for 3 pictures"},
		{"a margin that is no float32", `"topk_misses":[2]`, `"topk_misses":[2],"margins":[0,0,1e99]`, "1e99"},
		{"no runs", good[strings.Index(good, `"runs":`):strings.Index(good, `"cumulative`)], "", "no runs"},
	} {
		broken := strings.Replace(good, row.old, row.new, 1)
		if broken == good {
			t.Fatalf("%s: %q is not in %s", row.name, row.old, good)
		}
		_, err := ReadJSON(strings.NewReader(broken))
		if err == nil || !strings.Contains(err.Error(), row.want) || !strings.HasPrefix(err.Error(), "read JSON of results: ") {
			t.Errorf("%s: error %v, want one with %q", row.name, err, row.want)
		}
	}
}

func TestWriteJSONRefusesNamesThatJSONCannotHold(t *testing.T) {
	label := sample(t, "a", Setup{}, "111")
	label.Labels[1] = "b\xff"
	file := sample(t, "a", Setup{}, "111")
	file.Runs[0].Files[2] = "cinema/\xff.jpg"
	for _, row := range []struct {
		name string
		eval *Evaluation
		want string
	}{
		{"a label", label, `write JSON of model "a": label "b\xff" is not valid UTF-8; rename its folder`},
		{"a file", file, `write JSON of model "a": file name "cinema/\xff.jpg" is not valid UTF-8; rename the file`},
	} {
		if err := WriteJSON(&bytes.Buffer{}, []*Evaluation{row.eval}); err == nil || err.Error() != row.want {
			t.Errorf("%s: error %v, want %q", row.name, err, row.want)
		}
	}
}

func TestWriteJSONReportsAFailedWrite(t *testing.T) {
	if err := WriteJSON(fullDisk{}, nil); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}

// FuzzReadJSON: what is read can be summarised, tabulated and written again.
func FuzzReadJSON(f *testing.F) {
	f.Add([]byte(`{"schema":2,"models":[]}`))
	f.Add([]byte(`{"schema":2,"models":[{"model":"m","labels":["a","b"],"part":"valid","seed":17,"top_k":1,"confidence":0.95,` +
		`"accuracy":{"mean":0.5,"half_width":null},"topk_accuracy":{"mean":1},` +
		`"runs":[{"accuracy":0.5,"topk_accuracy":1,"per_class_accuracy":[0.5,null],"files":["a/1","a/2"],"targets":[0,0],"predictions":[0,1]}],` +
		`"cumulative_accuracy":{"shares":[0,1],"accuracies":[0,0.5]}}]}`))
	f.Add([]byte(`{"schema":2,"models":[{"model":"m","method":"median","protocol":"bootstrap","labels":["a","b"],"part":"valid",` +
		`"top_k":1,"confidence":0.9,"eval_train_ratio":0.5,"short_run":3,"runs":[` +
		`{"files":["a/1","b/1"],"targets":[0,1],"predictions":[0,0],"topk_misses":[1],"margins":[0,0.5]},` +
		`{"files":["a/2"],"targets":[0],"predictions":[1],"topk_misses":[0],"margins":[0.25]}]}]}`))
	f.Add([]byte(`{"schema":2,"models":[{"model":"m","protocol":"leave-one-out","labels":["a","b"],"top_k":1,"confidence":0.9,"runs":[` +
		`{"files":["a/1","b/1"],"targets":[0,1],"predictions":[0,0],"topk_misses":[1]}]},` +
		`{"model":"m","method":"x","protocol":"leave-one-out","labels":["a","b"],"top_k":1,"confidence":0.9,"runs":[` +
		`{"files":["a/1","b/1"],"targets":[0,1],"predictions":[1,0],"topk_misses":[]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		evals, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			return
		}
		written := jsonText(t, evals)
		if !json.Valid([]byte(written)) {
			t.Fatalf("not JSON: %s", written)
		}
		again, err := ReadJSON(strings.NewReader(written))
		if err != nil {
			t.Fatalf("%v in %s", err, written)
		}
		if text := jsonText(t, again); text != written {
			t.Fatalf("read and written again:\n%swant\n%s", text, written)
		}
		if CheckComparable(evals) != nil {
			return
		}
		for _, write := range []func(io.Writer, []*Evaluation) error{
			WriteCSV, WriteClassCSV, WriteConfusionCSV, WriteSuspiciousCSV, WriteRunsCSV,
		} {
			if err := write(&bytes.Buffer{}, evals); err != nil {
				t.Fatal(err)
			}
		}
		for _, format := range []Layout{Terminal, Markdown} {
			if err := WriteTable(&bytes.Buffer{}, evals, TableOptions{Format: format, Threshold: DefaultThreshold}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
