package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"
)

// schema is the version of the JSON layout; it changes when a key changes its
// meaning or goes away.
const schema = 1

// The layout of the JSON file. A nil float is written as null.
type (
	jsonFile struct {
		Schema int         `json:"schema"`
		Models []jsonModel `json:"models"`
	}
	jsonModel struct {
		Model        string         `json:"model"`
		EmbeddingDim int            `json:"embedding_dim"`
		NumParams    int64          `json:"num_params"`
		Labels       []string       `json:"labels"`
		NumImages    int            `json:"num_images"`
		Part         string         `json:"part"`
		Seed         uint64         `json:"seed"`
		TopK         int            `json:"top_k"`
		Confidence   float64        `json:"confidence"`
		Accuracy     jsonEstimate   `json:"accuracy"`
		TopKAccuracy jsonEstimate   `json:"topk_accuracy"`
		Runs         []jsonRun      `json:"runs"`
		Cumulative   jsonCumulative `json:"cumulative_accuracy"`
	}
	jsonEstimate struct {
		Mean               *float64 `json:"mean"`
		HalfWidth          *float64 `json:"half_width"`
		CorrectedHalfWidth *float64 `json:"corrected_half_width"`
	}
	jsonRun struct {
		Accuracy         *float64   `json:"accuracy"`
		TopKAccuracy     *float64   `json:"topk_accuracy"`
		PerClassAccuracy []*float64 `json:"per_class_accuracy"`
		Files            []string   `json:"files"`
		Targets          []int      `json:"targets"`
		Predictions      []int      `json:"predictions"`
	}
	jsonCumulative struct {
		Shares     []float64 `json:"shares"`
		Accuracies []float64 `json:"accuracies"`
	}
)

// WriteJSON writes evaluations with every prediction, on one line. Numbers have
// all their digits. Labels and file names must be valid UTF-8, since JSON could
// not hold them otherwise.
func WriteJSON(w io.Writer, evals []*Evaluation) error {
	file := jsonFile{Schema: schema, Models: []jsonModel{}}
	for _, e := range evals {
		if err := checkUTF8(e); err != nil {
			return fmt.Errorf("write JSON of model %q: %w", e.Model, err)
		}
		file.Models = append(file.Models, toJSON(e))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(file); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// ReadJSON reads what [WriteJSON] wrote. EvalTrainRatio and ShortRun are not in
// the file and come back as 0.
func ReadJSON(r io.Reader) ([]*Evaluation, error) {
	var file jsonFile
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("read JSON of results: %w", err)
	}
	if file.Schema != schema {
		return nil, fmt.Errorf("read JSON of results: schema %d, but this version reads schema %d", file.Schema, schema)
	}
	var evals []*Evaluation
	for i, m := range file.Models {
		e, err := m.evaluation()
		if err != nil {
			return nil, fmt.Errorf("read JSON of results: model %d (%q): %w", i, m.Model, err)
		}
		evals = append(evals, e)
	}
	return evals, nil
}

func checkUTF8(e *Evaluation) error {
	for _, label := range e.Labels {
		if !utf8.ValidString(label) {
			return fmt.Errorf("label %q is not valid UTF-8; rename its folder", label)
		}
	}
	for _, run := range e.Runs {
		for _, file := range run.Files {
			if !utf8.ValidString(file) {
				return fmt.Errorf("file name %q is not valid UTF-8; rename the file", file)
			}
		}
	}
	return nil
}

func toJSON(e *Evaluation) jsonModel {
	m := jsonModel{
		Model: e.Model, EmbeddingDim: e.EmbeddingDim, NumParams: e.NumParams,
		Labels: e.Labels, NumImages: e.NumImages, Part: e.Part, Seed: e.Seed,
		TopK: e.TopK, Confidence: e.Confidence,
		Accuracy:     jsonEstimate{orNull(e.Accuracy.Mean), orNull(e.Accuracy.HalfWidth), orNull(e.Accuracy.CorrectedHalfWidth)},
		TopKAccuracy: jsonEstimate{orNull(e.TopKAccuracy.Mean), orNull(e.TopKAccuracy.HalfWidth), orNull(e.TopKAccuracy.CorrectedHalfWidth)},
		Cumulative:   jsonCumulative(e.Cumulative),
	}
	for _, run := range e.Runs {
		perClass := make([]*float64, len(run.PerClassAccuracy))
		for c, accuracy := range run.PerClassAccuracy {
			perClass[c] = orNull(accuracy)
		}
		m.Runs = append(m.Runs, jsonRun{
			orNull(run.Accuracy), orNull(run.TopKAccuracy), perClass, run.Files, run.Targets, run.Predictions,
		})
	}
	return m
}

// evaluation checks all that the rest of the package relies on.
func (m *jsonModel) evaluation() (*Evaluation, error) {
	e := &Evaluation{
		Setup: Setup{
			Model: m.Model, EmbeddingDim: m.EmbeddingDim, NumParams: m.NumParams,
			Labels: m.Labels, NumImages: m.NumImages, Part: m.Part, Seed: m.Seed,
			TopK: m.TopK, Confidence: m.Confidence,
		},
		Accuracy:     m.Accuracy.estimate(),
		TopKAccuracy: m.TopKAccuracy.estimate(),
		Cumulative:   Cumulative(m.Cumulative),
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	if !isShare(e.Accuracy.Mean) || !isShare(e.TopKAccuracy.Mean) {
		return nil, errors.New("a mean is missing or not between 0 and 1")
	}
	if len(e.Cumulative.Shares) != len(e.Cumulative.Accuracies) {
		return nil, fmt.Errorf("cumulative accuracy has %d shares but %d accuracies",
			len(e.Cumulative.Shares), len(e.Cumulative.Accuracies))
	}
	if len(m.Runs) == 0 {
		return nil, errors.New("no runs")
	}
	for i, run := range m.Runs {
		result, err := run.result(len(e.Labels))
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", i, err)
		}
		e.Runs = append(e.Runs, result)
	}
	return e, nil
}

func (j jsonEstimate) estimate() Estimate {
	return Estimate{orNaN(j.Mean), orNaN(j.HalfWidth), orNaN(j.CorrectedHalfWidth)}
}

func (j *jsonRun) result(classes int) (RunResult, error) {
	r := RunResult{
		Accuracy: orNaN(j.Accuracy), TopKAccuracy: orNaN(j.TopKAccuracy),
		PerClassAccuracy: make([]float64, len(j.PerClassAccuracy)),
		Files:            j.Files, Targets: j.Targets, Predictions: j.Predictions,
	}
	if !isShare(r.Accuracy) || !isShare(r.TopKAccuracy) {
		return r, errors.New("an accuracy is missing or not between 0 and 1")
	}
	if len(j.PerClassAccuracy) != classes {
		return r, fmt.Errorf("%d class accuracies, but there are %d labels", len(j.PerClassAccuracy), classes)
	}
	for c, accuracy := range j.PerClassAccuracy {
		r.PerClassAccuracy[c] = orNaN(accuracy)
		if accuracy != nil && !isShare(*accuracy) {
			return r, fmt.Errorf("accuracy %v of class %d is not between 0 and 1", *accuracy, c)
		}
	}
	if len(r.Files) != len(r.Targets) || len(r.Predictions) != len(r.Targets) {
		return r, fmt.Errorf("%d files, %d targets and %d predictions, must be as many of each",
			len(r.Files), len(r.Targets), len(r.Predictions))
	}
	for i := range r.Targets {
		if min(r.Targets[i], r.Predictions[i]) < 0 || max(r.Targets[i], r.Predictions[i]) >= classes {
			return r, fmt.Errorf("%s: target %d, prediction %d, but there are %d labels",
				r.Files[i], r.Targets[i], r.Predictions[i], classes)
		}
	}
	return r, nil
}

func isShare(x float64) bool { return x >= 0 && x <= 1 }

func orNull(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}
