package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ReadJSON reads what [WriteJSON] wrote. Everything that follows from the predictions is computed
// again, so that a file that was changed cannot contradict itself. Files of earlier versions lack
// the ratio that corrected intervals need, and the pictures outside the first k: they come back
// without corrected intervals, and with top-k accuracies as they stand.
func ReadJSON(r io.Reader) ([]*Evaluation, error) {
	var file jsonFile
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("read JSON of results: %w", err)
	}
	if file.Schema < 1 || file.Schema > schema {
		return nil, fmt.Errorf("read JSON of results: schema %d, but this version reads schemas 1 to %d", file.Schema, schema)
	}
	var evals []*Evaluation
	for i, m := range file.Models {
		if file.Schema == 1 {
			m.NumPictures = m.NumImages
		}
		e, err := m.evaluation()
		if err != nil {
			return nil, fmt.Errorf("read JSON of results: model %d (%q): %w", i, m.Model, err)
		}
		evals = append(evals, e)
	}
	return evals, nil
}

// evaluation checks all that the rest of the package relies on.
func (m *jsonModel) evaluation() (*Evaluation, error) {
	e := &Evaluation{Setup: Setup{
		Model: m.Model, EmbeddingDim: m.EmbeddingDim, NumParams: m.NumParams,
		Labels: m.Labels, NumPictures: m.NumPictures, Method: m.Method, Protocol: m.Protocol, Part: m.Part, Seed: m.Seed,
		TopK: m.TopK, Confidence: m.Confidence, EvalTrainRatio: m.EvalTrainRatio, ShortRun: m.ShortRun,
		Duplicates: Duplicates{
			Policy: m.Duplicates.Policy, Copies: m.Duplicates.Copies, Crossing: m.Duplicates.Crossing,
			LeftOut: m.Duplicates.LeftOut, Contradictory: m.Duplicates.Contradictory,
		},
	}}
	if len(e.Duplicates.Copies) == 0 {
		e.Duplicates.Copies = nil
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := e.checkRuns(len(m.Runs)); err != nil {
		return nil, err
	}
	for i, run := range m.Runs {
		result, err := run.result(len(e.Labels))
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", i, err)
		}
		e.Runs = append(e.Runs, result)
	}
	e.summarise()
	return e, nil
}

func (j *jsonRun) result(classes int) (RunResult, error) {
	r := RunResult{Files: j.Files, Targets: j.Targets, Predictions: j.Predictions, Margins: j.Margins}
	n := len(r.Targets)
	switch {
	case n == 0:
		return r, errors.New("no pictures")
	case len(r.Files) != n || len(r.Predictions) != n:
		return r, fmt.Errorf("%d files, %d targets and %d predictions, must be as many of each", len(r.Files), n, len(r.Predictions))
	case r.Margins != nil && len(r.Margins) != n:
		return r, fmt.Errorf("%d margins for %d pictures, must be as many", len(r.Margins), n)
	}
	for i := range r.Targets {
		if min(r.Targets[i], r.Predictions[i]) < 0 || max(r.Targets[i], r.Predictions[i]) >= classes {
			return r, fmt.Errorf("%s: target %d, prediction %d, but there are %d labels",
				r.Files[i], r.Targets[i], r.Predictions[i], classes)
		}
	}
	if err := j.readJudgements(&r); err != nil {
		return r, err
	}
	if err := j.readTopK(&r); err != nil {
		return r, err
	}
	r.count(classes)
	return r, nil
}

// readJudgements reads what probabilities say, if the file has them.
func (j *jsonRun) readJudgements(r *RunResult) error {
	n := len(j.Confidences)
	if len(j.LogLosses) != n || len(j.BrierScores) != n {
		return fmt.Errorf("%d confidences, %d log losses and %d Brier scores, must be as many of each", n, len(j.LogLosses), len(j.BrierScores))
	}
	for i, confidence := range j.Confidences {
		r.Judgements = append(r.Judgements, Judgement{confidence, j.LogLosses[i], j.BrierScores[i]})
	}
	return checkJudgements(r.Judgements, len(r.Targets))
}

// readTopK finds which pictures have their class among the first k, or if the file does not tell,
// how many.
func (j *jsonRun) readTopK(r *RunResult) error {
	if j.TopKMisses == nil {
		if j.TopKAccuracy == nil || !isShare(*j.TopKAccuracy) {
			return errors.New("the top-k accuracy is missing or not between 0 and 1")
		}
		r.TopKAccuracy = *j.TopKAccuracy
		return nil
	}
	r.InTopK = make([]bool, len(r.Targets))
	for i := range r.InTopK {
		r.InTopK[i] = true
	}
	for _, i := range j.TopKMisses {
		switch {
		case i < 0 || i >= len(r.InTopK):
			return fmt.Errorf("picture %d is outside the first k, but there are %d pictures", i, len(r.InTopK))
		case r.Predictions[i] == r.Targets[i]:
			return fmt.Errorf("%s: predicted right, but outside the first k", r.Files[i])
		}
		r.InTopK[i] = false
	}
	return nil
}

func isShare(x float64) bool { return x >= 0 && x <= 1 }
