package search

import (
	"context"
	"slices"

	"vs/data"
	"vs/data/progress"
	"vs/search/classifier"
	"vs/search/database"
	"vs/torch"
)

// fitAll answers the pictures of each split's part by a classifier that is fitted to its training
// part.
func (e *evaluation) fitAll(ctx context.Context, splits []data.Split, part string) ([]Answers, error) {
	return e.eachRun(ctx, splits, func(split data.Split) (Answers, error) {
		pictures, err := split.Part(part)
		if err != nil {
			return Answers{}, err
		}
		training, err := e.training(split)
		if err != nil {
			return Answers{}, err
		}
		fitted, err := e.method.Classifier.Fit(ctx, e.device, examplesOf(e.set, e.class, training))
		if err != nil {
			return Answers{}, err
		}
		w := e.newWriter(e.newAnswers(len(pictures)), calibrationOf(fitted).temperature())
		scores := newLinearScores(len(e.set.Labels))
		err = fitted.Scores(e.device, e.set.Vectors, pictures, scores.exact, func(i int) {
			w.putLinear(i, pictures[i], scores)
		})
		return w.answers, err
	})
}

// fitWithoutEach answers each picture by a classifier that is fitted to all others.
func (e *evaluation) fitWithoutEach(ctx context.Context, answers Answers) error {
	left, err := e.method.Classifier.LeaveOneOut(ctx, e.device, examplesOf(e.set, e.class, data.Indices(len(e.class))))
	if err != nil {
		return err
	}
	chunks := slices.Collect(slices.Chunk(data.Indices(len(e.class)), leftOutAtOnce))
	return shownParallel(ctx, "leaving out "+e.method.String(), "parts", len(chunks), func(i int) error {
		scores := newLinearScores(len(e.set.Labels))
		w := e.newWriter(answers, 1) // each example has its own
		return left.Scores(ctx, chunks[i], func(picture int, exact []float64, temperature float64) {
			copy(scores.exact, exact)
			w.temperature = temperature
			w.putLinear(picture, picture, scores)
		})
	})
}

// fitWithoutEqual answers the pictures that have equal ones by a classifier that is fitted to all
// of other content.
func (e *evaluation) fitWithoutEqual(ctx context.Context, answers Answers, equal [][]int) error {
	equal = slices.DeleteFunc(slices.Clone(equal), func(pictures []int) bool { return len(pictures) < 2 })
	return shownParallel(ctx, "leaving out equal pictures", "contents", len(equal), func(n int) error {
		out := equal[n]
		rest := slices.DeleteFunc(data.Indices(len(e.class)), func(i int) bool { _, left := slices.BinarySearch(out, i); return left })
		fitted, err := e.method.Classifier.Fit(ctx, e.device, examplesOf(e.set, e.class, rest))
		if err != nil {
			return err
		}
		w := e.newWriter(answers, fitted.Temperature)
		scores := newLinearScores(len(e.set.Labels))
		return fitted.Scores(e.device, e.set.Vectors, out, scores.exact, func(i int) {
			w.putLinear(out[i], out[i], scores)
		})
	})
}

// leftOutAtOnce is how many pictures one product takes, which leaves work for all workers.
const leftOutAtOnce = 256

// examplesOf are what some pictures count as.
func examplesOf(set *database.Embeddings, class, rows []int) *classifier.Examples {
	x := &classifier.Examples{Embeddings: set.TrainingVectors(), Dim: set.Dim, Classes: len(set.Labels), Class: class, Rows: rows}
	if set.Training != nil {
		x.Queries = set.Vectors
	}
	if set.Examples != nil {
		x.Embeddings, x.Instances = set.Examples, set.ExamplesEach()
	}
	return x
}

// linearScores are the scores of the classes for one picture, in float64 and as the ranking takes
// them.
type linearScores struct {
	exact []float64 // [C]
	float []float32 // [C]
}

func newLinearScores(classes int) *linearScores {
	return &linearScores{make([]float64, classes), make([]float32, classes)}
}

// behindBest returns by how much each score is below the best one. In float32 small differences
// would be lost beside a large score, but not as differences.
func (s *linearScores) behindBest() []float32 {
	best := slices.Max(s.exact)
	for c, v := range s.exact {
		s.float[c] = float32(v - best)
	}
	return s.float
}

// calibrationOf is what a classifier found of its scores.
func calibrationOf(l *classifier.Linear) *calibrated {
	return &calibrated{l.Temperature, l.Confidences}
}

// fitLinear fits a classifier to all pictures of a set.
func fitLinear(ctx context.Context, set *database.Embeddings, device torch.Device, m Method) (*classifier.Linear, error) {
	task := progress.Begin(ctx, "fitting "+m.String(), "", progress.Unknown)
	defer task.End()
	return m.Classifier.Fit(ctx, device, examplesOf(set, set.Classes(), data.Indices(len(set.Names))))
}

// searchLinear names the k most probable classes for each of the embeddings.
func (x *Index) searchLinear(embeddings []float32, k int, hits [][]Hit) error {
	scores := newLinearScores(len(x.labels))
	return x.linear.Scores(x.device, embeddings, data.Indices(len(hits)), scores.exact, func(i int) {
		best := bestClasses(scores.behindBest(), k)
		x.linear.Probabilities(scores.exact)
		for _, b := range best {
			hits[i] = append(hits[i], Hit{x.labels[b.Row], float32(scores.exact[b.Row]), scores.exact[b.Row]})
		}
	})
}
