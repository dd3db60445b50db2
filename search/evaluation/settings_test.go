package evaluation

import (
	"encoding/json"
	"strings"
	"testing"

	"vs/data"
	"vs/encoder"
	"vs/report"
)

func TestSettingsThatMeanNothingAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Settings){
		"":                               func(*Settings) {},
		`--protocol "x": use one of`:     func(s *Settings) { s.Protocol = "x" },
		`--part "all": use one of`:       func(s *Settings) { s.Part = "all" },
		"--runs 0: use 1 to 100000":      func(s *Settings) { s.Runs = 0 },
		"--runs 100001: use 1 to 100000": func(s *Settings) { s.Protocol, s.Runs = report.Bootstrap, maxRuns+1 },
		"--part has no meaning":          func(s *Settings) { s.Protocol, s.Part = report.LeaveOneOut, "train" },
		"--folds 1: use at least 2":      func(s *Settings) { s.Protocol, s.Folds = report.KFold, 1 },
		"--top-k 0: use at least 1":      func(s *Settings) { s.TopK = 0 },
		"--confidence 1: use a value":    func(s *Settings) { s.Confidence = 1 },
		"--label-share 1.5: use a value": func(s *Settings) { s.LabelShare = 1.5 },
		"--short-run -1: use at least 1": func(s *Settings) { s.ShortRun = -1 },
		`--duplicates "x": choose keep`:  func(s *Settings) { s.Duplicates = data.Duplicates("x") },
		"outside [0, 1)":                 func(s *Settings) { s.ValidShare = 1 },
		`"vote"`:                         func(s *Settings) { s.Method.Pool = "vote" },
	} {
		s := usual()
		change(&s)
		err := s.Validate()
		if want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || !IsSettingsError(err) {
			t.Errorf("error %v, want a settings error with %q", err, want)
		}
	}
}

func TestComputeIsAnObjectOfStrings(t *testing.T) {
	how := Compute{Precision: encoder.BF16, Deterministic: true, BatchSize: 64, MaxBadShare: 0.25, ExifRotate: true}
	text, err := json.Marshal(how)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"batch-size":"64","deterministic":"true","exif-rotate":"true","max-bad-share":"0.25","precision":"bf16"}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var again Compute
	if err := json.Unmarshal(text, &again); err != nil || again != how {
		t.Errorf("read back: %+v, %v", again, err)
	}
	for text, want := range map[string]string{
		`{}`:                        "",
		`{"tile":"7"}`:              `option "tile" is unknown to this version; update vs`,
		`{"batch-size":"many"}`:     `option batch-size: value "many" is invalid`,
		`{"batch-size":"-1"}`:       "option batch-size: -1 is negative",
		`{"max-bad-share":"NaN"}`:   "option max-bad-share: NaN is not between 0 and 1",
		`{"precision":"fp64"}`:      `option precision: "fp64" is not one of`,
		`{"deterministic":"maybe"}`: `option deterministic: value "maybe" is invalid`,
	} {
		err := json.Unmarshal([]byte(text), &again)
		if want == "" && (err != nil || again != (Compute{Precision: encoder.FP32, Deterministic: true})) {
			t.Errorf("%s: %+v, %v", text, again, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}
