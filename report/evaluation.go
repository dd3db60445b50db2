package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Setup says what was evaluated, and how.
type Setup struct {
	Model        string
	EmbeddingDim int
	NumParams    int64    // of the encoder, without a classification head
	Labels       []string // class names; Run.Targets and Run.TopK hold indices into it
	NumPictures  int      // in the data set, all parts together
	Method       string   // how pictures represent their class and are compared; "" for the mean with cosine similarity
	Protocol     Protocol // how the runs divide the pictures; "" for holdout
	Part         string   // the part evaluated: "train", "valid", "test"
	Seed         uint64
	TopK         int     // a picture counts as right where its class is among the first TopK
	Confidence   float64 // of the intervals, between 0 and 1

	// EvalTrainRatio is the number of pictures evaluated in a run over the
	// number of pictures trained on, for the corrected interval. It is ignored
	// for the part "train", and may be 0 where there is no such ratio.
	EvalTrainRatio float64

	Duplicates Duplicates // of equal content, among the pictures evaluated or trained on

	// ShortRun is the limit put on the work of a trial run, 0 for a full one.
	// Tables then warn that this was a trial run.
	ShortRun int
}

// Run is the outcome of one split, one entry a picture of the evaluated part.
type Run struct {
	Files   []string // "label/name", relative to the data folder
	Targets []int    // the true class
	TopK    [][]int  // ranked classes, best first; TopK[i][0] is the prediction

	// Margins say by how much a picture is more similar to the class predicted than to its own, 0
	// where the prediction is right. They put mistakes in order, worst first, and may be nil. One
	// that is not finite counts as 0.
	Margins []float32

	// Judgements say what probabilities the method gave, and may be nil.
	Judgements []Judgement
}

// RunResult is what a run comes to.
type RunResult struct {
	Accuracy         float64   // over pictures, not over classes
	TopKAccuracy     float64   // over pictures
	PerClassAccuracy []float64 // NaN for a class that has no picture in the part
	Files            []string
	Targets          []int
	Predictions      []int
	InTopK           []bool      // whether the true class is among the first TopK; nil where not known
	Margins          []float32   // nil where not known
	Judgements       []Judgement // nil where not known
	LogLoss          float64     // mean of the judgements
	Brier            float64     // mean of the judgements
}

// Evaluation is one model evaluated over all runs.
type Evaluation struct {
	Setup
	Accuracy     Estimate
	TopKAccuracy Estimate
	Runs         []RunResult

	// Cumulative is the cumulative accuracy of the last run.
	Cumulative Cumulative

	// Probabilities are nil where a run has no judgements.
	Probabilities *Probabilities

	// Hint is nil unless another method is clearly better, see [Evaluation.HintAt].
	Hint *Hint

	// OpenSet is nil unless classes were left out, see [Evaluation.AddOpenSet].
	OpenSet *OpenSet
}

// Evaluate summarises runs. The evaluation keeps the slices of the setup and
// the files and targets of the runs; they must not be changed afterwards.
func Evaluate(setup Setup, runs []Run) (*Evaluation, error) {
	if err := setup.check(); err != nil {
		return nil, fmt.Errorf("evaluate model %q: %w", setup.Model, err)
	}
	if err := setup.checkRuns(len(runs)); err != nil {
		return nil, fmt.Errorf("evaluate model %q: %w", setup.Model, err)
	}
	e := &Evaluation{Setup: setup, Runs: make([]RunResult, len(runs))}
	for i, run := range runs {
		result, err := evaluateRun(setup, run)
		if err != nil {
			return nil, fmt.Errorf("evaluate model %q: run %d: %w", setup.Model, i, err)
		}
		e.Runs[i] = result
	}
	e.summarise()
	return e, nil
}

// summarise estimates the means over the runs.
func (e *Evaluation) summarise() {
	accuracies, topK := make([]float64, len(e.Runs)), make([]float64, len(e.Runs))
	for i, run := range e.Runs {
		accuracies[i], topK[i] = run.Accuracy, run.TopKAccuracy
	}
	pictures := e.differentPictures()
	e.Accuracy, e.TopKAccuracy = e.estimate(accuracies, pictures), e.estimate(topK, pictures)
	e.Cumulative = CumulativeAccuracy(e.Runs[len(e.Runs)-1].PerClassAccuracy)
	e.Probabilities = e.probabilities()
}

func (s *Setup) check() error {
	switch {
	case len(s.Labels) == 0:
		return errors.New("no labels")
	case s.TopK < 1:
		return fmt.Errorf("top-k is %d, must be at least 1", s.TopK)
	case !(s.Confidence > 0 && (1+s.Confidence)/2 < 1): // also refuses 1 - 1e-16, whose quantile is infinite
		return fmt.Errorf("confidence is %v, must be between 0 and 1", s.Confidence)
	case !(s.EvalTrainRatio >= 0) || math.IsInf(s.EvalTrainRatio, 1):
		return fmt.Errorf("ratio of evaluated to training pictures is %v, must be 0 or more", s.EvalTrainRatio)
	}
	return s.Duplicates.checkCopies()
}

func evaluateRun(setup Setup, run Run) (RunResult, error) {
	n := len(run.Targets)
	if n == 0 {
		return RunResult{}, fmt.Errorf("part %q has no pictures", setup.Part)
	}
	if run.Margins != nil && len(run.Margins) != n {
		return RunResult{}, fmt.Errorf("%d margins for %d pictures, must be as many", len(run.Margins), n)
	}
	if err := checkJudgements(run.Judgements, n); err != nil {
		return RunResult{}, err
	}
	if len(run.Files) != n || len(run.TopK) != n {
		return RunResult{}, fmt.Errorf("%d files, %d targets and %d rankings, must be as many of each",
			len(run.Files), n, len(run.TopK))
	}
	classes := len(setup.Labels)
	// A ranking shorter than this would make top-k accuracy too small unnoticed.
	depth := min(setup.TopK, classes)
	result := RunResult{
		Files: run.Files, Targets: run.Targets, Predictions: make([]int, n),
		InTopK: make([]bool, n), Margins: finite(run.Margins), Judgements: run.Judgements,
	}
	for i, target := range run.Targets {
		if target < 0 || target >= classes {
			return RunResult{}, fmt.Errorf("%s: target %d, but there are %d labels", run.Files[i], target, classes)
		}
		ranked := run.TopK[i]
		if len(ranked) < depth {
			return RunResult{}, fmt.Errorf("%s: %d ranked classes, need %d", run.Files[i], len(ranked), depth)
		}
		ranked = ranked[:depth]
		for _, class := range ranked {
			if class < 0 || class >= classes {
				return RunResult{}, fmt.Errorf("%s: ranked class %d, but there are %d labels", run.Files[i], class, classes)
			}
		}
		result.Predictions[i] = ranked[0]
		result.InTopK[i] = slices.Contains(ranked, target)
	}
	result.count(classes)
	return result, nil
}

// count derives the accuracies from the pictures. Where InTopK is nil the top-k accuracy stays.
func (r *RunResult) count(classes int) {
	n := float64(len(r.Targets))
	classRight, classTotal := make([]int, classes), make([]int, classes)
	right := 0
	for i, target := range r.Targets {
		classTotal[target]++
		if r.Predictions[i] == target {
			right++
			classRight[target]++
		}
	}
	r.Accuracy = float64(right) / n
	if r.InTopK != nil {
		among := 0
		for _, in := range r.InTopK {
			if in {
				among++
			}
		}
		r.TopKAccuracy = float64(among) / n
	}
	r.PerClassAccuracy = make([]float64, classes)
	for c := range r.PerClassAccuracy {
		// 0/0 is NaN, which is what a class without pictures has.
		r.PerClassAccuracy[c] = float64(classRight[c]) / float64(classTotal[c])
	}
}

// finite copies margins only where one has to be replaced.
func finite(margins []float32) []float32 {
	bad := func(m float32) bool { return math.IsNaN(float64(m)) || math.IsInf(float64(m), 0) }
	if !slices.ContainsFunc(margins, bad) {
		return margins
	}
	margins = slices.Clone(margins)
	for i, m := range margins {
		if bad(m) {
			margins[i] = 0
		}
	}
	return margins
}
