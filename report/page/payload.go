package page

import (
	"fmt"
	"slices"

	"vs/report"
)

// How much of a list the page holds.
const (
	maxConfused   = 20
	maxSuspicious = 240
	maxAccepted   = 60
	maxMatrix     = 500 // classes; the script draws no larger matrix
)

// payload is the data of the page's script.
type payload struct {
	Labels     []string       `json:"labels"`
	Pictures   [][]string     `json:"pictures"` // names of each label's pictures; a picture's index counts through them
	TopK       int            `json:"topK"`
	Confidence float64        `json:"confidence"`
	Seed       uint32         `json:"seed"` // of the sample of pictures
	Threshold  float64        `json:"threshold"`
	Coverages  []float64      `json:"coverages"`
	Intervals  string         `json:"intervals"`
	Models     []modelPayload `json:"models"`
	Manifest   [][2]string    `json:"manifest"`
	Alike      *alike         `json:"alike"`

	ManifestJSON string `json:"manifestJSON"`
}

type modelPayload struct {
	Name       string       `json:"name"`
	Parameters string       `json:"parameters"` // in millions
	Dim        int          `json:"dim"`
	Accuracy   estimate     `json:"accuracy"`
	TopK       estimate     `json:"topk"`
	Difference *difference  `json:"difference"` // from the first model
	Runs       []number     `json:"runs"`       // accuracy of each
	Cumulative []number     `json:"cumulative"` // of the classes over all runs
	Classes    []classStats `json:"classes"`
	Evaluated  []int        `json:"evaluated"`  // how often each picture was
	Wrong      [][4]number  `json:"wrong"`      // picture, wrong prediction, how often, mean margin
	Confused   [][4]number  `json:"confused"`   // target, prediction, count per run, share
	Suspicious []int        `json:"suspicious"` // pictures
	Similarity [][]coarse   `json:"similarity"`
	Points     [][3]coarse  `json:"points"` // picture, first and second component
	Explained  []number     `json:"explained"`

	Probabilities *probabilities `json:"probabilities"` // null where there are none
	OpenSet       *openSet       `json:"openSet"`       // null where no classes were left out
}

type openSet struct {
	Share    number      `json:"share"`
	Scores   []rejection `json:"scores"`
	Best     string      `json:"best"`     // score that orders what is accepted
	Accepted [][3]number `json:"accepted"` // picture, prediction, mean score
	All      int         `json:"all"`      // how many there are
}

type rejection struct {
	Name     string     `json:"name"`
	AUROC    estimate   `json:"auroc"`
	FPR95    estimate   `json:"fpr95"`
	Accuracy []estimate `json:"accuracy"` // at report.Coverages
	Risk     []number   `json:"risk"`
}

type probabilities struct {
	LogLoss estimate    `json:"logLoss"`
	Brier   estimate    `json:"brier"`
	Error   number      `json:"error"` // of the calibration
	Bins    [][3]number `json:"bins"`  // confidence, accuracy, answers
}

type estimate struct {
	Mean      number `json:"mean"`
	Half      number `json:"half"`
	Corrected number `json:"corrected"`
	Low       number `json:"low"`
	High      number `json:"high"`
	Kind      string `json:"kind"` // of the interval, where it is not the one beside the mean
}

type difference struct {
	Accuracy   estimate `json:"accuracy"`
	TopK       estimate `json:"topk"`
	Errors     number   `json:"errors"`
	TopKErrors number   `json:"topkErrors"`
}

type classStats struct {
	Accuracy  number `json:"accuracy"`
	Low       number `json:"low"`
	High      number `json:"high"`
	Precision number `json:"precision"`
	Recall    number `json:"recall"`
	F1        number `json:"f1"`
	Support   number `json:"support"`
}

func newPayload(p *Page, pictures *pictures) (*payload, error) {
	first := p.Models[0].Evaluation
	data := &payload{
		Labels: allVisible(first.Labels), Pictures: pictures.names, TopK: first.TopK, Confidence: first.Confidence,
		Seed: uint32(first.Seed), Threshold: p.Threshold, Coverages: report.Coverages, Manifest: [][2]string{},
		ManifestJSON: visibleJSON(p.ManifestJSON),
	}
	var err error
	if data.Alike, err = pictures.pairs(p.Pairs); err != nil {
		return nil, err
	}
	for _, pair := range p.Manifest {
		data.Manifest = append(data.Manifest, [2]string{report.Printable(pair[0]), report.Printable(pair[1])})
	}
	names := report.DisplayNames(evaluations(p.Models))
	for i, m := range p.Models {
		out, err := newModel(m, pictures)
		if err != nil {
			return nil, err
		}
		out.Name = report.Printable(names[i])
		if i > 0 {
			if out.Difference, err = newDifference(first, m.Evaluation); err != nil {
				return nil, err
			}
		}
		data.Models = append(data.Models, out)
	}
	data.Intervals = intervals(data.Models, first)
	return data, nil
}

func newModel(m Model, pictures *pictures) (modelPayload, error) {
	e := m.Evaluation
	out := modelPayload{
		Parameters: report.Millions(e.NumParams), Dim: e.EmbeddingDim,
		Accuracy: newEstimate(e.Accuracy), TopK: newEstimate(e.TopKAccuracy),
		Classes: []classStats{}, Confused: [][4]number{}, Suspicious: []int{},
	}
	for _, run := range e.Runs {
		out.Runs = append(out.Runs, number(run.Accuracy))
	}
	var accuracies []float64
	for _, s := range e.ClassStats() {
		accuracies = append(accuracies, s.Accuracy)
		out.Classes = append(out.Classes, classStats{number(s.Accuracy), number(s.Low), number(s.High),
			number(s.Precision), number(s.Recall), number(s.F1), number(s.Support)})
	}
	out.Cumulative = numbers(report.CumulativeAccuracy(accuracies).Accuracies)
	for _, c := range e.MostConfused(maxConfused) {
		out.Confused = append(out.Confused, [4]number{number(c.Target), number(c.Prediction), number(c.Count), number(c.Share)})
	}
	for _, s := range e.Suspicious(maxSuspicious) {
		out.Suspicious = append(out.Suspicious, pictures.index[s.File])
	}
	if p := e.Probabilities; p != nil {
		out.Probabilities = &probabilities{newEstimate(p.LogLoss), newEstimate(p.Brier), number(p.CalibrationError), [][3]number{}}
		for _, b := range p.Bins {
			out.Probabilities.Bins = append(out.Probabilities.Bins, [3]number{number(b.Confidence), number(b.Accuracy), number(b.Answers)})
		}
	}
	out.OpenSet = newOpenSet(e, pictures)
	out.Evaluated, out.Wrong = outcomes(e, pictures)
	if err := out.addEmbeddings(m, pictures); err != nil {
		return out, fmt.Errorf("model %q: %w", e.Model, err)
	}
	return out, nil
}

func newOpenSet(e *report.Evaluation, pictures *pictures) *openSet {
	o := e.OpenSet
	if o == nil {
		return nil
	}
	out := &openSet{Share: number(o.Share), Best: o.Best().Score, Accepted: [][3]number{}, All: len(o.Accepted)}
	for _, s := range o.Scores {
		r := rejection{Name: s.Score, AUROC: newEstimate(s.AUROC), FPR95: newEstimate(s.FPR95), Risk: numbers(s.Risk)}
		for _, accuracy := range s.Accuracy {
			r.Accuracy = append(r.Accuracy, newEstimate(accuracy))
		}
		out.Scores = append(out.Scores, r)
	}
	for _, a := range o.Accepted[:min(maxAccepted, len(o.Accepted))] {
		out.Accepted = append(out.Accepted, [3]number{number(pictures.index[a.File]), number(a.Prediction), number(a.Score)})
	}
	return out
}

// addEmbeddings adds what is known of the embeddings themselves.
func (out *modelPayload) addEmbeddings(m Model, pictures *pictures) error {
	classes := len(m.Evaluation.Labels)
	if m.Similarity != nil && len(m.Similarity) != classes {
		return fmt.Errorf("similarity of %d classes, but there are %d labels", len(m.Similarity), classes)
	}
	if classes <= maxMatrix {
		for _, row := range m.Similarity {
			if len(row) != classes {
				return fmt.Errorf("a row of the similarity has %d classes, but there are %d labels", len(row), classes)
			}
			values := make([]coarse, classes)
			for c, v := range row {
				values[c] = coarse(v)
			}
			out.Similarity = append(out.Similarity, values)
		}
	}
	if m.Projection == nil {
		return nil
	}
	for i, point := range m.Projection.Points {
		out.Points = append(out.Points, [3]coarse{coarse(pictures.index[m.Files[i]]), coarse(point[0]), coarse(point[1])})
	}
	out.Explained = numbers(m.Projection.Explained[:])
	return nil
}

// outcomes counts over all runs how often each picture was evaluated, and lists the wrong
// predictions in the order of the pictures, then of the classes.
func outcomes(e *report.Evaluation, pictures *pictures) (evaluated []int, wrong [][4]number) {
	type mistake struct{ picture, prediction int }
	type sum struct{ count, margin float64 }
	evaluated = make([]int, len(pictures.files))
	sums := map[mistake]sum{}
	for _, run := range e.Runs {
		for i, file := range run.Files {
			picture := pictures.index[file]
			evaluated[picture]++
			if run.Predictions[i] == run.Targets[i] {
				continue
			}
			key := mistake{picture, run.Predictions[i]}
			s := sums[key]
			s.count++
			if run.Margins != nil {
				s.margin += float64(run.Margins[i])
			}
			sums[key] = s
		}
	}
	wrong = [][4]number{}
	for key, s := range sums {
		wrong = append(wrong, [4]number{number(key.picture), number(key.prediction), number(s.count), number(s.margin / s.count)})
	}
	slices.SortFunc(wrong, func(a, b [4]number) int { return slices.Compare(a[:2], b[:2]) })
	return evaluated, wrong
}

// The kinds of intervals that the page names beside their bounds.
const (
	wilson = "Wilson"
	score  = "score interval"
)

func newEstimate(e report.Estimate) estimate {
	kinds := map[report.Interval]string{report.WilsonScore: wilson, report.PairedScore: score}
	return estimate{number(e.Mean), number(e.HalfWidth), number(e.CorrectedHalfWidth), number(e.Low), number(e.High), kinds[e.Interval]}
}

func newDifference(base, other *report.Evaluation) (*difference, error) {
	d, err := report.Compare(base, other)
	if err != nil {
		return nil, err
	}
	return &difference{newEstimate(d.Accuracy), newEstimate(d.TopKAccuracy), number(d.ErrorRateReduction), number(d.TopKErrorRateReduction)}, nil
}
