package search

import (
	"context"
	"fmt"
	"slices"

	"vs/data"
	"vs/search/calibration"
	"vs/search/database"
	"vs/torch"
)

// Answers are those of one run, with pictures in the order of the evaluated part.
type Answers struct {
	Classes [][]int // [P][k] label indices, the most similar class first

	// Margins, [P], say by how much the score of the class that a picture was taken for exceeds
	// that of its own class: 0 where the answer is right.
	Margins []float32

	// Judgements, [P], are what the probabilities of the classes say. The temperature that makes
	// them of scores is found on training pictures, each left out; nil where none can be.
	Judgements []calibration.Judgement
}

// Evaluate answers every picture of a part of each split from the split's training part, and names
// the k best classes for each. A training part may list a picture more than once, which then counts
// as often.
//
// The embeddings stay on the device, and each run is one product with the vectors that represent
// its classes. Runs share nothing, so an answer does not depend on the other runs.
func Evaluate(ctx context.Context, set *database.Embeddings, device torch.Device, splits []data.Split, part string, k int, m Method) ([]Answers, error) {
	var answers []Answers
	err := alone(func() error {
		e, err := newEvaluation(set, device, k, m)
		if err != nil {
			return err
		}
		defer e.close()
		switch {
		case m.fitted():
			answers, err = e.fitAll(ctx, splits, part)
		case m.Neighbours > 0:
			answers, err = e.voteAll(ctx, splits, part)
		default:
			answers, err = e.runAll(ctx, splits, part)
		}
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	return answers, nil
}

// evaluation is what the runs share.
type evaluation struct {
	set      *database.Embeddings
	class    []int // [N]
	contents []int // [N] as [data.Contents]
	device   torch.Device
	queries  *queries // nil for a classifier that is fitted
	k        int
	method   Method
}

func newEvaluation(set *database.Embeddings, device torch.Device, k int, m Method) (*evaluation, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if err := checkTopK(k, len(set.Labels)); err != nil {
		return nil, err
	}
	e := &evaluation{set: set, class: set.Classes(), contents: set.Contents(), device: device, k: k, method: m}
	if m.fitted() {
		return e, nil
	}
	var err error
	e.queries, err = newQueries(device, set.Vectors, set.Dim, m.metric())
	return e, err
}

func (e *evaluation) close() {
	if e.queries != nil {
		e.queries.Close()
	}
}

func (e *evaluation) runAll(ctx context.Context, splits []data.Split, part string) ([]Answers, error) {
	return e.eachRun(ctx, splits, func(split data.Split) (Answers, error) { return e.run(ctx, split, part) })
}

// eachRun calls f for each split.
func (e *evaluation) eachRun(ctx context.Context, splits []data.Split, f func(data.Split) (Answers, error)) ([]Answers, error) {
	answers := make([]Answers, len(splits))
	err := shownParallel(ctx, "evaluating "+e.method.String(), "runs", len(splits), func(r int) (err error) {
		if answers[r], err = f(splits[r]); err != nil {
			return fmt.Errorf("run %d: %w", r, err)
		}
		return nil
	})
	return answers, err
}

// run answers the pictures of one split's part.
func (e *evaluation) run(ctx context.Context, split data.Split, part string) (Answers, error) {
	pictures, err := split.Part(part)
	if err != nil {
		return Answers{}, err
	}
	training, err := e.training(split)
	if err != nil {
		return Answers{}, err
	}
	trained := newTrainingPart(e.set, e.class, training, e.contents, e.device, e.method)
	r, err := trained.vectors(ctx)
	if err != nil {
		return Answers{}, err
	}
	defer r.Close()
	calibrated, err := trained.calibrate(ctx, r)
	if err != nil {
		return Answers{}, err
	}
	w := e.newWriter(e.newAnswers(len(pictures)), calibrated.temperature())
	scores := make([]float32, len(e.set.Labels))
	err = r.compare(ctx, e.queries, pictures, func(i int, similarities []float32) error {
		r.classScores(similarities, scores)
		w.put(i, pictures[i], scores)
		return nil
	})
	return w.answers, err
}

// training returns the pictures of a split's training part in ascending order. Every class needs
// one.
func (e *evaluation) training(split data.Split) ([]int, error) {
	training := slices.Sorted(slices.Values(split.Train))
	counts := make([]int, len(e.set.Labels))
	for _, i := range training {
		counts[e.class[i]]++
	}
	if c := slices.Index(counts, 0); c >= 0 {
		return nil, fmt.Errorf("class %q has no training pictures; give it some, or leave it out", e.set.Labels[c])
	}
	return training, nil
}

func (e *evaluation) newAnswers(pictures int) Answers {
	return Answers{Classes: make([][]int, pictures), Margins: make([]float32, pictures), Judgements: make([]calibration.Judgement, pictures)}
}

// writer writes answers, for one goroutine.
type writer struct {
	*evaluation
	answers     Answers
	temperature float64   // 0 where it is not known
	shown       []float64 // [C]
}

func (e *evaluation) newWriter(answers Answers, temperature float64) *writer {
	if temperature == 0 {
		answers.Judgements = nil
	}
	return &writer{e, answers, temperature, make([]float64, len(e.set.Labels))}
}

// put writes down what the scores of the classes say about a picture, in place i of the answers.
func (w writer) put(i, picture int, scores []float32) {
	w.rank(i, picture, scores)
	if w.temperature == 0 {
		return
	}
	for c, s := range scores {
		w.shown[c] = float64(w.method.shown(s))
	}
	w.answers.Judgements[i] = calibration.Judge(w.shown, w.class[picture], w.temperature)
}

// putLinear is put for the scores of a classifier that is fitted.
func (w writer) putLinear(i, picture int, scores *linearScores) {
	w.rank(i, picture, scores.behindBest())
	if w.temperature == 0 {
		return
	}
	w.answers.Judgements[i] = calibration.Judge(scores.exact, w.class[picture], w.temperature)
}

func (w writer) rank(i, picture int, scores []float32) {
	best := bestClasses(scores, w.k)
	w.answers.Classes[i] = make([]int, w.k)
	for j, class := range best {
		w.answers.Classes[i][j] = class.Row
	}
	w.answers.Margins[i] = w.method.shown(best[0].Score) - w.method.shown(scores[w.class[picture]])
}

// bestClasses returns the k classes with the largest scores, best first, and of equal ones the
// first.
func bestClasses(scores []float32, k int) []Neighbour {
	h := heap{best: make([]Neighbour, 0, k)}
	h.offer(scores, 0)
	slices.SortFunc(h.best, compareNeighbours)
	return h.best
}
