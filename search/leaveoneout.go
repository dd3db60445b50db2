package search

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vs/torch"
)

// LeaveOneOut answers every picture of the set from all others and names the k best classes for each, in the order of
// the set. What stands for the picture's own class is made without the picture; other classes are as they are.
//
// The mean without a picture x of n is (n · mean − x) / (n − 1), computed in float64. Medians, medoids and prototypes are made anew for each picture.
func LeaveOneOut(ctx context.Context, set *Set, device torch.Device, k int, m Method) (Answers, error) {
	answers, err := leaveOneOut(ctx, set, device, k, m)
	switch {
	case ctx.Err() != nil:
		return Answers{}, ctx.Err()
	case err != nil:
		return Answers{}, fmt.Errorf("leave one out: %w", err)
	}
	return answers, nil
}

func leaveOneOut(ctx context.Context, set *Set, device torch.Device, k int, m Method) (Answers, error) {
	e, err := newEvaluation(set, device, k, m)
	if err != nil {
		return Answers{}, err
	}
	defer e.close()
	if c := slices.Index(set.Counts, 1); c >= 0 {
		return Answers{}, fmt.Errorf("class %q has one picture, without which nothing stands for it; add pictures, or leave it out", set.Labels[c])
	}
	if err := m.checkNeighbours(len(set.Names) - 1); err != nil {
		return Answers{}, err
	}
	answers := e.newAnswers(len(set.Names))
	if m.Neighbours == 0 {
		return answers, e.leaveEachOut(ctx, answers)
	}
	training := numbersTo(len(set.Names))
	return answers, e.compareAll(ctx, func(v *votes, picture int, similarities, scores []float32) {
		similarities[picture] = float32(math.Inf(-1))
		v.count(similarities, training, e.class, scores)
		e.answer(answers, picture, picture, scores)
	})
}

// leaveEachOut compares the pictures with all classes as they are, and then each with its own class without it.
func (e *evaluation) leaveEachOut(ctx context.Context, answers Answers) error {
	r, err := e.set.represent(ctx, e.queries.device, e.method)
	if err != nil {
		return err
	}
	defer r.Close()
	without := newLeftOut(e)
	// A class at a time, so that there is work for all workers however few products there are.
	first := make([]int, len(e.set.Counts))
	for c := 1; c < len(first); c++ {
		first[c] = first[c-1] + e.set.Counts[c-1]
	}
	return parallel(ctx, len(first), func(c int) error {
		pictures := numbersTo(first[c] + e.set.Counts[c])[first[c]:]
		scores := make([]float32, len(first))
		return r.compare(e.queries, pictures, func(i int, similarities []float32) {
			r.classScores(similarities, scores)
			scores[c] = without.score(c, i, pictures[i])
			e.answer(answers, pictures[i], pictures[i], scores)
		})
	})
}

// leftOut compares pictures with their own classes.
type leftOut struct {
	e    *evaluation
	rows [][][]float32 // of each class
	sums [][]float64   // of each class; nil unless the pool is a mean
}

func newLeftOut(e *evaluation) *leftOut {
	l := &leftOut{e: e, rows: e.set.byClass(numbersTo(len(e.class)), e.class)}
	if pool := e.method.pool(); e.method.Prototypes == 0 && (pool == poolMean || pool == poolNormalizedMean) {
		for _, rows := range l.rows {
			l.sums = append(l.sums, e.method.sum(rows))
		}
	}
	return l
}

// score compares a picture, the i-th of class c, with the class without it.
func (l *leftOut) score(c, i, picture int) float32 {
	dim := l.e.set.Dim
	query := l.e.set.Embeddings[picture*dim : (picture+1)*dim]
	best := math.Inf(-1)
	for _, vector := range l.represent(c, i) {
		best = max(best, similarity(l.e.method.metric(), query, vector))
	}
	return float32(best)
}

// represent returns what stands for class c without its i-th picture.
func (l *leftOut) represent(c, i int) [][]float32 {
	rows := l.rows[c]
	if l.sums != nil {
		sum := slices.Clone(l.sums[c])
		l.e.method.addTo(sum, -1, rows[i])
		return [][]float32{quotient(sum, len(rows)-1)}
	}
	return l.e.method.represent(slices.Concat(rows[:i], rows[i+1:]), c)
}
