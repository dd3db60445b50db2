package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestWriteJSON(t *testing.T) {
	single := sample(t, "vit<a&b>", Setup{EmbeddingDim: 320, NumParams: 5072688}, "12")
	const want = `{"schema":1,"models":[{"model":"vit<a&b>","embedding_dim":320,"num_params":5072688,` +
		`"labels":["agaric","beaver","cinema"],"num_images":30,"part":"valid","seed":17,"top_k":2,"confidence":0.95,` +
		`"accuracy":{"mean":0.5,"half_width":null,"corrected_half_width":null},` +
		`"topk_accuracy":{"mean":1,"half_width":null,"corrected_half_width":null},` +
		`"runs":[{"accuracy":0.5,"topk_accuracy":1,"per_class_accuracy":[1,0,null],` +
		`"files":["agaric/0.jpg","beaver/1.jpg"],"targets":[0,1],"predictions":[0,2]}],` +
		`"cumulative_accuracy":{"shares":[0,0.5,1],"accuracies":[0,0,1]}}]}` + "\n"
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
	if err := WriteJSON(&got, nil); err != nil || got.String() != `{"schema":1,"models":[]}`+"\n" {
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
	for _, row := range []struct {
		name  string
		evals []*Evaluation
	}{
		{"several runs", []*Evaluation{sample(t, "a", Setup{}, "1231", "1111", "3311"), sample(t, "b", Setup{}, "111", "131")}},
		{"undefined numbers", []*Evaluation{sample(t, "a", Setup{Part: "train"}, "1")}},
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
			if !reflect.DeepEqual(read[i].Runs[0].Files, e.Runs[0].Files) || read[i].Accuracy.Mean != e.Accuracy.Mean {
				t.Errorf("%s: model %d: got %+v", row.name, i, read[i])
			}
		}
	}
}

func TestReadJSONRefuses(t *testing.T) {
	good := jsonText(t, []*Evaluation{sample(t, "a", Setup{}, "123", "111")})
	for _, row := range []struct{ name, old, new, want string }{
		{"an empty file", good, "", "EOF"},
		{"no JSON", good, "model,accuracy", "invalid character"},
		{"another schema", `"schema":1`, `"schema":2`, "schema 2, but this version reads schema 1"},
		{"another file's JSON", good, `{"format":1}`, "schema 0"},
		{"a negative seed", `"seed":17`, `"seed":-1`, "seed"},
		{"no labels", `["agaric","beaver","cinema"]`, `[]`, `model 0 ("a"): no labels`},
		{"a label too many", `"cinema"]`, `"cinema","daisy"]`, "run 0: 3 class accuracies, but there are 4 labels"},
		{"confidence in percent", `"confidence":0.95`, `"confidence":95`, "confidence is 95"},
		{"a mean of null", `"accuracy":{"mean":0.6666666666666666`, `"accuracy":{"mean":null`, "a mean is missing"},
		{"a mean in percent", `"topk_accuracy":{"mean":0.8333333333333333`, `"topk_accuracy":{"mean":83.3`, "a mean is missing or not between"},
		{"a run without accuracy", `{"accuracy":0.3333333333333333,`, `{`, "run 0: an accuracy is missing"},
		{"a class accuracy in percent", `"per_class_accuracy":[1,`, `"per_class_accuracy":[100,`, "run 0: accuracy 100 of class 0"},
		{"an unknown target", `"targets":[0,1,2]`, `"targets":[0,1,3]`, "cinema/2.jpg: target 3"},
		{"a negative prediction", `"predictions":[0,2,0]`, `"predictions":[-1,2,1]`, "prediction -1"},
		{"a missing prediction", `"predictions":[0,2,0]`, `"predictions":[0,2]`, "3 files, 3 targets and 2 predictions"},
		{"a missing share", `"shares":[0,`, `"shares":[`, "3 shares but 4 accuracies"},
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
	f.Add([]byte(`{"schema":1,"models":[]}`))
	f.Add([]byte(`{"schema":1,"models":[{"model":"m","labels":["a","b"],"part":"valid","seed":17,"top_k":1,"confidence":0.95,` +
		`"accuracy":{"mean":0.5,"half_width":null},"topk_accuracy":{"mean":1},` +
		`"runs":[{"accuracy":0.5,"topk_accuracy":1,"per_class_accuracy":[0.5,null],"files":["a/1","a/2"],"targets":[0,0],"predictions":[0,1]}],` +
		`"cumulative_accuracy":{"shares":[0,1],"accuracies":[0,0.5]}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		evals, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			return
		}
		written := jsonText(t, evals)
		if !json.Valid([]byte(written)) {
			t.Fatalf("not JSON: %s", written)
		}
		if checkComparable(evals) != nil {
			return
		}
		for _, format := range []Format{Terminal, Markdown} {
			if err := WriteTable(&bytes.Buffer{}, evals, format); err != nil {
				t.Fatal(err)
			}
		}
	})
}
