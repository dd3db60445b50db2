package search

import (
	"context"
	"fmt"
	"slices"

	"vs/data"
	"vs/search/database"
	"vs/torch"
)

// Answers are those of one run, with pictures in the order of the evaluated part.
type Answers struct {
	Classes [][]int // [P][k] label indices, the most similar class first

	// Margins, [P], say by how much the score of the class that a picture was taken for exceeds
	// that of its own class: 0 where the answer is right.
	Margins []float32
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
	set     *database.Embeddings
	class   []int // [N]
	device  torch.Device
	queries *queries // nil for a classifier that is fitted
	k       int
	method  Method
}

func newEvaluation(set *database.Embeddings, device torch.Device, k int, m Method) (*evaluation, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	if err := checkTopK(k, len(set.Labels)); err != nil {
		return nil, err
	}
	e := &evaluation{set: set, class: set.Classes(), device: device, k: k, method: m}
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
	vectors := byClass(e.set, training, e.class)
	for c, rows := range vectors {
		if vectors[c], err = e.method.represent(ctx, rows, e.set.Labels[c]); err != nil {
			return Answers{}, err
		}
	}
	r, err := newClassVectors(e.queries.device, vectors, e.set.Dim, e.method.metric())
	if err != nil {
		return Answers{}, err
	}
	defer r.Close()
	answers := e.newAnswers(len(pictures))
	scores := make([]float32, len(e.set.Labels))
	err = r.compare(ctx, e.queries, pictures, func(i int, similarities []float32) error {
		r.classScores(similarities, scores)
		e.answer(answers, i, pictures[i], scores)
		return nil
	})
	return answers, err
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
	return Answers{Classes: make([][]int, pictures), Margins: make([]float32, pictures)}
}

// answer writes down what the scores of the classes say about a picture, in place i of the answers.
func (e *evaluation) answer(answers Answers, i, picture int, scores []float32) {
	best := bestClasses(scores, e.k)
	answers.Classes[i] = make([]int, e.k)
	for j, class := range best {
		answers.Classes[i][j] = class.Row
	}
	answers.Margins[i] = e.method.shown(best[0].Score) - e.method.shown(scores[e.class[picture]])
}

// bestClasses returns the k classes with the largest scores, best first, and of equal ones the
// first.
func bestClasses(scores []float32, k int) []Neighbour {
	h := heap{best: make([]Neighbour, 0, k)}
	h.offer(scores, 0)
	slices.SortFunc(h.best, compareNeighbours)
	return h.best
}
