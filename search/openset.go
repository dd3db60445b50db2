package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"vs/data"
	"vs/search/classifier"
	"vs/search/database"
	"vs/torch"
)

// OpenScores are the scores that may tell pictures of known classes from others; the larger, the
// more likely the class is known.
var OpenScores = []string{
	"cosine to the mean", "nearest picture", "Mahalanobis distance", "relative Mahalanobis distance", "probability",
}

// OpenAnswers are those of one run that knows only some of the classes, with pictures in the order
// of the evaluated part.
type OpenAnswers struct {
	Known       []bool      // [C] the classes that were trained on
	Predictions []int       // [P] label indices; each is of a known class
	Scores      [][]float64 // [len(OpenScores)][P]
}

// LeaveClassesOut answers the pictures of a part of each split, all classes included, from the
// training pictures of some of the classes: a share of them, at least one, drawn for each run, is
// left out. At least one stays.
func LeaveClassesOut(ctx context.Context, set *database.Embeddings, device torch.Device, splits []data.Split, part string, share float64, seed uint64, m Method) ([]OpenAnswers, error) {
	answers := make([]OpenAnswers, len(splits))
	err := alone(func() error {
		e, err := newEvaluation(set, device, 1, m)
		if err != nil {
			return err
		}
		defer e.close()
		if len(set.Labels) < 2 {
			return errors.New("leaving classes out takes at least 2 classes; add some")
		}
		return shownParallel(ctx, "leaving classes out", "runs", len(splits), func(r int) (err error) {
			known := knownClasses(len(set.Labels), share, seed, r)
			if answers[r], err = e.answerOpen(ctx, splits[r], part, known); err != nil {
				return fmt.Errorf("run %d: %w", r, err)
			}
			return nil
		})
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("evaluate with unknown classes: %w", err)
	}
	return answers, nil
}

// knownClasses draws the classes that a run knows, [C].
func knownClasses(classes int, share float64, seed uint64, run int) []bool {
	out := min(max(int(math.Round(share*float64(classes))), 1), classes-1)
	known := slices.Repeat([]bool{true}, classes)
	for _, c := range rand.New(rand.NewPCG(seed, uint64(run))).Perm(classes)[:out] {
		known[c] = false
	}
	return known
}

func (e *evaluation) answerOpen(ctx context.Context, split data.Split, part string, known []bool) (OpenAnswers, error) {
	pictures, err := split.Part(part)
	if err != nil {
		return OpenAnswers{}, err
	}
	training, err := e.training(split)
	if err != nil {
		return OpenAnswers{}, err
	}
	trained, labels := e.trainedOn(slices.DeleteFunc(training, func(i int) bool { return !known[e.class[i]] }))
	asked := make([]float32, 0, len(pictures)*e.set.Dim)
	for _, i := range pictures {
		asked = append(asked, e.set.Vectors[i*e.set.Dim:(i+1)*e.set.Dim]...)
	}
	out := OpenAnswers{Known: known, Predictions: make([]int, len(pictures)), Scores: make([][]float64, len(OpenScores))}
	for s := range out.Scores {
		out.Scores[s] = make([]float64, len(pictures))
	}
	label := make(map[string]int)
	for i, c := range labels {
		label[trained.Labels[i]] = c
	}
	best := func(m Method, f func(i int, hit Hit)) error {
		index, err := BuildIndex(ctx, trained, e.device, m)
		if err != nil {
			return err
		}
		defer index.Close()
		hits, err := index.Search(ctx, asked, 1)
		for i := range hits {
			f(i, hits[i][0])
		}
		return err
	}
	if err := best(Method{}, func(i int, hit Hit) { out.Scores[0][i] = float64(hit.Score) }); err != nil {
		return OpenAnswers{}, err
	}
	err = best(e.method, func(i int, hit Hit) {
		out.Predictions[i], out.Scores[4][i] = label[hit.Label], hit.Probability
		if math.IsNaN(hit.Probability) { // no class has two pictures
			out.Scores[4][i] = float64(hit.Score)
		}
	})
	if err != nil {
		return OpenAnswers{}, err
	}
	if out.Scores[1], err = nearestScores(ctx, trained, asked, e.device); err != nil {
		return OpenAnswers{}, err
	}
	out.Scores[2], out.Scores[3], err = mahalanobisScores(ctx, trained, asked, e.device)
	return out, err
}

// trainedOn returns the training pictures as a set of their own, in which each is asked about by
// what it trains with, and which of the labels it has.
func (e *evaluation) trainedOn(pictures []int) (trained *database.Embeddings, labels []int) {
	trained = &database.Embeddings{Dim: e.set.Dim}
	vectors := e.set.TrainingVectors()
	for _, i := range pictures {
		if c := e.class[i]; len(labels) == 0 || labels[len(labels)-1] != c {
			labels = append(labels, c)
			trained.Labels, trained.Counts = append(trained.Labels, e.set.Labels[c]), append(trained.Counts, 0)
		}
		trained.Counts[len(labels)-1]++
		row := func(of []float32) []float32 { return of[i*e.set.Dim : (i+1)*e.set.Dim] }
		trained.Names = append(trained.Names, e.set.Names[i])
		// A picture that counts twice is one content.
		trained.Hashes = append(trained.Hashes, contentHash(e.contents[i]))
		trained.Vectors = append(trained.Vectors, row(e.set.Vectors)...)
		if e.set.Training != nil {
			trained.Training = append(trained.Training, row(vectors)...)
		}
		if size := e.set.ExamplesEach() * e.set.Dim; e.set.Examples != nil {
			trained.Examples = append(trained.Examples, e.set.Examples[i*size:(i+1)*size]...)
		}
	}
	return trained, labels
}

// contentHash stands for the hash of a content, of which only equality counts.
func contentHash(content int) (hash [32]byte) {
	for i := range 8 {
		hash[i] = byte((content + 1) >> (8 * i))
	}
	return hash
}

// nearestScores are the cosine similarities with the most similar training picture, [P].
func nearestScores(ctx context.Context, trained *database.Embeddings, asked []float32, device torch.Device) ([]float64, error) {
	rows, queries := slices.Clone(trained.TrainingVectors()), slices.Clone(asked)
	Normalize(rows, trained.Dim)
	Normalize(queries, trained.Dim)
	found, err := Nearest(ctx, device, rows, queries, trained.Dim, 1, 1)
	if err != nil {
		return nil, err
	}
	scores := make([]float64, len(found))
	for i := range found {
		scores[i] = float64(found[i][0].Score)
	}
	return scores, nil
}

// mahalanobisScores are the negative distances from the nearest class, and by how much that is
// nearer than the background, [P] each.
func mahalanobisScores(ctx context.Context, trained *database.Embeddings, asked []float32, device torch.Device) (absolute, relative []float64, err error) {
	spec := classifier.Spec{Kind: classifier.LDA}
	m, err := spec.Mahalanobis(ctx, device, examplesOf(trained, trained.Classes(), data.Indices(len(trained.Names))))
	if err != nil {
		return nil, nil, err
	}
	nearest, background, err := m.Of(asked, data.Indices(len(asked)/trained.Dim))
	for i := range nearest {
		absolute, relative = append(absolute, -nearest[i]), append(relative, background[i]-nearest[i])
	}
	return absolute, relative, err
}
