package report

import "fmt"

// Hint says that another method is clearly better on the same pictures.
type Hint struct {
	Option     string   // that chooses it
	Difference Estimate // of the accuracies on the pictures that were tried
	Runs       int      // that were tried, the first ones
	Trained    int      // pictures that it was trained on
	Training   int      // pictures that could have been; the evaluation trained on all
}

// leastGain is the smallest difference of accuracies that is worth a hint.
const leastGain = 0.01

// leastRuns is how many runs it takes to compare means over runs. Of fewer the first is taken, and
// compared picture by picture.
const leastRuns = 5

// HintAt compares answers of another method with those of the first runs, by file; of the only run
// it may have answered some of the files. Training is how many pictures the first run trained on,
// and trained how many of them the other method. It is nil where the other method is not clearly
// better: where the interval of the difference does not exclude 0, or the difference is small.
func (e *Evaluation) HintAt(option string, predictions []map[string]int, trained, training int) *Hint {
	if len(predictions) < leastRuns {
		predictions = predictions[:1]
	}
	differences := make([]float64, len(predictions))
	var gained, lost, n float64 // of the last run
	for r, answers := range predictions {
		gained, lost, n = e.Runs[r].compare(answers)
		if n == 0 {
			return nil
		}
		differences[r] = (gained - lost) / n
	}
	difference := pairedScoreEstimate(differences, gained/n, lost/n, int(n), e.Confidence)
	if len(predictions) > 1 {
		difference = e.overRuns(differences).within(-1, 1)
	}
	if !(difference.Low > 0 && difference.Mean >= leastGain) {
		return nil
	}
	return &Hint{option, difference, len(predictions), trained, training}
}

// compare counts of the files that have another prediction those where it alone is right, those
// where the run's alone is, and all.
func (r *RunResult) compare(predictions map[string]int) (gained, lost, n float64) {
	for i, file := range r.Files {
		prediction, asked := predictions[file]
		if !asked {
			continue
		}
		n++
		before, after := r.Predictions[i] == r.Targets[i], prediction == r.Targets[i]
		switch {
		case after && !before:
			gained++
		case before && !after:
			lost++
		}
	}
	return gained, lost, n
}

// HintText says it in a line, or is "" where there is nothing to say.
func (e *Evaluation) HintText() string {
	h := e.Hint
	if h == nil {
		return ""
	}
	where := "on the same splits"
	switch {
	case e.protocol() == LeaveOneOut:
		where = fmt.Sprintf("where each of %s is left out", count(h.Trained, "picture", "pictures"))
	case h.Runs < len(e.Runs) && h.Trained < h.Training:
		where = fmt.Sprintf("in the first run, from %d of its %d training pictures", h.Trained, h.Training)
	case h.Trained < h.Training:
		where = fmt.Sprintf("from %d of the %d training pictures", h.Trained, h.Training)
	case h.Runs == 1 && len(e.Runs) > 1:
		where = "in the first run"
	case h.Runs < len(e.Runs):
		where = fmt.Sprintf("in the first %d runs", h.Runs)
	}
	return fmt.Sprintf("%s is more accurate here: +%s %s, %s.", h.Option, fixed(h.Difference.Mean, 3), brackets(h.Difference.Low, h.Difference.High, 3), where)
}

// HintTexts are the hints of evaluations, each with its model where there are several.
func HintTexts(evals []*Evaluation) (texts []string) {
	for _, e := range evals {
		text := e.HintText()
		if text == "" {
			continue
		}
		if len(evals) > 1 {
			text = Printable(e.Model) + ": " + text
		}
		texts = append(texts, text)
	}
	return texts
}

// jsonHint is nil where there is none.
type jsonHint struct {
	Option     string       `json:"option"`
	Difference jsonEstimate `json:"difference"`
	Runs       int          `json:"num_runs"`
	Trained    int          `json:"num_trained"`
	Training   int          `json:"num_training"`
}

func hintJSON(h *Hint) *jsonHint {
	if h == nil {
		return nil
	}
	return &jsonHint{h.Option, estimateJSON(h.Difference), h.Runs, h.Trained, h.Training}
}
