package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"unicode/utf8"
)

// schema is the version of the JSON layout; it changes when a key changes its
// meaning or goes away. New keys do not change it.
const schema = 2

// The layout of the JSON file. A nil float is written as null. What is derived is written for the
// programs that read the file; ReadJSON computes it again.
type (
	jsonFile struct {
		Schema int         `json:"schema"`
		Models []jsonModel `json:"models"`
	}
	jsonModel struct {
		Model          string             `json:"model"`
		EmbeddingDim   int                `json:"embedding_dim"`
		NumParams      int64              `json:"num_params"`
		Labels         []string           `json:"labels"`
		NumPictures    int                `json:"num_pictures"`
		NumImages      int                `json:"num_images,omitempty"` // what schema 1 calls num_pictures; not written
		Method         string             `json:"method"`
		Protocol       Protocol           `json:"protocol"`
		Part           string             `json:"part"`
		Seed           uint64             `json:"seed"`
		TopK           int                `json:"top_k"`
		Confidence     float64            `json:"confidence"`
		EvalTrainRatio float64            `json:"eval_train_ratio"`
		ShortRun       int                `json:"short_run"`
		Duplicates     jsonDuplicates     `json:"duplicates"`
		Accuracy       jsonEstimate       `json:"accuracy"`
		TopKAccuracy   jsonEstimate       `json:"topk_accuracy"`
		Probabilities  *jsonProbabilities `json:"probabilities,omitempty"`
		Hint           *jsonHint          `json:"hint,omitempty"`
		OpenSet        *jsonOpenSet       `json:"open_set,omitempty"`
		Difference     *jsonDifference    `json:"difference_from_first"`
		Runs           []jsonRun          `json:"runs"`
		Cumulative     jsonCumulative     `json:"cumulative_accuracy"`
		PerClass       []jsonClass        `json:"per_class"`
		Confusion      [][3]int           `json:"confusion"`
		Suspicious     []jsonSuspicious   `json:"suspicious"`
	}
	jsonEstimate struct {
		Mean               *float64 `json:"mean"`
		HalfWidth          *float64 `json:"half_width"`
		CorrectedHalfWidth *float64 `json:"corrected_half_width"`
		Low                *float64 `json:"low"`
		High               *float64 `json:"high"`
		Interval           Interval `json:"interval"` // which Low and High are; "" where there is none
	}
	jsonDuplicates struct {
		Policy        string            `json:"policy"`
		Within        int               `json:"within"`
		Across        int               `json:"across"`
		LeftOut       int               `json:"left_out"`
		Contradictory int               `json:"contradictory"`
		Crossing      float64           `json:"crossing"`
		Copies        map[string]string `json:"copies"`
	}
	jsonDifference struct {
		Accuracy               jsonEstimate `json:"accuracy"`
		TopKAccuracy           jsonEstimate `json:"topk_accuracy"`
		ErrorRateReduction     *float64     `json:"error_rate_reduction"`
		TopKErrorRateReduction *float64     `json:"topk_error_rate_reduction"`
	}
	jsonRun struct {
		Accuracy         *float64   `json:"accuracy"`
		TopKAccuracy     *float64   `json:"topk_accuracy"`
		PerClassAccuracy []*float64 `json:"per_class_accuracy"`
		Files            []string   `json:"files"`
		Targets          []int      `json:"targets"`
		Predictions      []int      `json:"predictions"`
		TopKMisses       []int      `json:"topk_misses,omitzero"` // positions in Files; nil where not known
		Margins          []float32  `json:"margins,omitzero"`
		LogLoss          *float64   `json:"log_loss,omitempty"`
		BrierScore       *float64   `json:"brier_score,omitempty"`
		Confidences      []float32  `json:"confidences,omitzero"`
		LogLosses        []float32  `json:"log_losses,omitzero"`
		BrierScores      []float32  `json:"brier_scores,omitzero"`
	}
	jsonOpenSet struct {
		Share    float64         `json:"share"`
		Scores   []jsonRejection `json:"scores"`
		Accepted []jsonAccepted  `json:"accepted"`
	}
	jsonRejection struct {
		Score    string         `json:"score"`
		AUROC    jsonEstimate   `json:"auroc"`
		FPR95    jsonEstimate   `json:"false_positives_at_95"`
		Accuracy []jsonCoverage `json:"accuracy_at_coverage"`
		Risk     []float64      `json:"risk_at_percent_coverage"` // from 1 to 100
	}
	jsonCoverage struct {
		Coverage float64      `json:"coverage"`
		Accuracy jsonEstimate `json:"accuracy"`
	}
	jsonAccepted struct {
		File       string  `json:"file"`
		Target     int     `json:"target"`
		Prediction int     `json:"prediction"`
		Score      float64 `json:"score"`
		Runs       int     `json:"num_runs"`
	}
	jsonProbabilities struct {
		LogLoss          jsonEstimate     `json:"log_loss"`
		BrierScore       jsonEstimate     `json:"brier_score"`
		CalibrationError float64          `json:"expected_calibration_error"`
		Bins             []ReliabilityBin `json:"reliability"`
	}
	jsonCumulative struct {
		Shares     []float64 `json:"shares"`
		Accuracies []float64 `json:"accuracies"`
	}
	jsonClass struct {
		Label       string   `json:"label"`
		Support     float64  `json:"support"`
		NumPictures int      `json:"num_pictures"`
		Accuracy    *float64 `json:"accuracy"`
		Low         *float64 `json:"low"`
		High        *float64 `json:"high"`
		Precision   *float64 `json:"precision"`
		Recall      *float64 `json:"recall"`
		F1          *float64 `json:"f1"`
	}
	jsonSuspicious struct {
		File       string  `json:"file"`
		Target     int     `json:"target"`
		Prediction int     `json:"prediction"`
		Wrong      int     `json:"wrong"`
		Evaluated  int     `json:"evaluated"`
		Margin     float64 `json:"margin"`
	}
)

// WriteJSON writes evaluations with every prediction, on one line. Numbers have
// all their digits. Labels and file names must be valid UTF-8, since JSON could
// not hold them otherwise. Evaluations that [Compare] cannot compare with the first
// have no difference from it.
func WriteJSON(w io.Writer, evals []*Evaluation) error {
	file := jsonFile{Schema: schema, Models: []jsonModel{}}
	for i, e := range evals {
		if err := checkUTF8(e); err != nil {
			return fmt.Errorf("write JSON of model %q: %w", e.Model, err)
		}
		m := toJSON(e)
		if i > 0 {
			m.Difference = differenceJSON(evals[0], e)
		}
		file.Models = append(file.Models, m)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(file); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
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
		Labels: e.Labels, NumPictures: e.NumPictures, Method: e.Method, Protocol: e.protocol(), Part: e.Part, Seed: e.Seed,
		TopK: e.TopK, Confidence: e.Confidence, EvalTrainRatio: e.EvalTrainRatio, ShortRun: e.ShortRun,
		Accuracy: estimateJSON(e.Accuracy), TopKAccuracy: estimateJSON(e.TopKAccuracy),
		Cumulative: jsonCumulative(e.Cumulative),
		PerClass:   []jsonClass{}, Confusion: [][3]int{}, Suspicious: []jsonSuspicious{},
	}
	d := &e.Duplicates
	m.Duplicates = jsonDuplicates{
		Policy: cmp.Or(d.Policy, "keep"), LeftOut: d.LeftOut, Contradictory: d.Contradictory, Crossing: d.Crossing, Copies: map[string]string{},
	}
	m.Duplicates.Within, m.Duplicates.Across = d.Counts()
	maps.Copy(m.Duplicates.Copies, d.Copies)
	for _, run := range e.Runs {
		m.Runs = append(m.Runs, runJSON(&run))
	}
	m.Hint, m.OpenSet = hintJSON(e.Hint), openSetJSON(e.OpenSet)
	if p := e.Probabilities; p != nil {
		m.Probabilities = &jsonProbabilities{estimateJSON(p.LogLoss), estimateJSON(p.Brier), p.CalibrationError, p.Bins}
	}
	for _, c := range e.ClassStats() {
		m.PerClass = append(m.PerClass, jsonClass{
			Label: c.Label, Support: c.Support, NumPictures: c.NumPictures,
			Accuracy: orNull(c.Accuracy), Low: orNull(c.Low), High: orNull(c.High),
			Precision: orNull(c.Precision), Recall: orNull(c.Recall), F1: orNull(c.F1),
		})
	}
	for _, a := range e.answers() {
		m.Confusion = append(m.Confusion, [3]int{a.Target, a.Prediction, a.times})
	}
	for _, s := range e.Suspicious(math.MaxInt) {
		m.Suspicious = append(m.Suspicious, jsonSuspicious(s))
	}
	return m
}

func openSetJSON(o *OpenSet) *jsonOpenSet {
	if o == nil {
		return nil
	}
	j := &jsonOpenSet{Share: o.Share, Accepted: []jsonAccepted{}}
	for _, s := range o.Scores {
		rejection := jsonRejection{Score: s.Score, AUROC: estimateJSON(s.AUROC), FPR95: estimateJSON(s.FPR95), Risk: s.Risk}
		for i, accuracy := range s.Accuracy {
			rejection.Accuracy = append(rejection.Accuracy, jsonCoverage{Coverages[i], estimateJSON(accuracy)})
		}
		j.Scores = append(j.Scores, rejection)
	}
	for _, a := range o.Accepted {
		j.Accepted = append(j.Accepted, jsonAccepted(a))
	}
	return j
}

func runJSON(run *RunResult) jsonRun {
	j := jsonRun{
		Accuracy: orNull(run.Accuracy), TopKAccuracy: orNull(run.TopKAccuracy),
		PerClassAccuracy: make([]*float64, len(run.PerClassAccuracy)),
		Files:            run.Files, Targets: run.Targets, Predictions: run.Predictions, Margins: run.Margins,
	}
	for c, accuracy := range run.PerClassAccuracy {
		j.PerClassAccuracy[c] = orNull(accuracy)
	}
	if run.InTopK != nil {
		j.TopKMisses = []int{}
	}
	if run.Judgements != nil {
		j.LogLoss, j.BrierScore = &run.LogLoss, &run.Brier
	}
	for _, judgement := range run.Judgements {
		j.Confidences = append(j.Confidences, judgement.Confidence)
		j.LogLosses = append(j.LogLosses, judgement.Loss)
		j.BrierScores = append(j.BrierScores, judgement.Brier)
	}
	for i, in := range run.InTopK {
		if !in {
			j.TopKMisses = append(j.TopKMisses, i)
		}
	}
	return j
}

func estimateJSON(e Estimate) jsonEstimate {
	return jsonEstimate{orNull(e.Mean), orNull(e.HalfWidth), orNull(e.CorrectedHalfWidth), orNull(e.Low), orNull(e.High), e.Interval}
}

// differenceJSON is nil where there is no such difference.
func differenceJSON(first, e *Evaluation) *jsonDifference {
	d, err := Compare(first, e)
	if err != nil {
		return nil
	}
	return &jsonDifference{
		Accuracy: estimateJSON(d.Accuracy), TopKAccuracy: estimateJSON(d.TopKAccuracy),
		ErrorRateReduction: orNull(d.ErrorRateReduction), TopKErrorRateReduction: orNull(d.TopKErrorRateReduction),
	}
}

func orNull(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
