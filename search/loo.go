package search

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vs/search/database"
	"vs/torch"
)

// LeaveOneOut answers every picture of the set from all others and names the k best classes for each, in the order of
// the set. What stands for the picture's own class is made without the picture; other classes are as they are.
//
// The mean without a picture x of n is (n · mean − x) / (n − 1), computed in float64. The k-means of prototypes is run anew for each picture.
func LeaveOneOut(ctx context.Context, set *database.Embeddings, device torch.Device, k int, m Method) (Answers, error) {
	var answers Answers
	err := alone(func() (err error) {
		answers, err = leaveOneOut(ctx, set, device, k, m)
		return err
	})
	switch {
	case ctx.Err() != nil:
		return Answers{}, ctx.Err()
	case err != nil:
		return Answers{}, fmt.Errorf("leave one out: %w", err)
	}
	return answers, nil
}

func leaveOneOut(ctx context.Context, set *database.Embeddings, device torch.Device, k int, m Method) (Answers, error) {
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
	if m.Classifier != "" {
		return answers, e.fitWithoutEach(ctx, answers)
	}
	if m.Neighbours == 0 {
		return answers, e.leaveEachOut(ctx, answers)
	}
	return answers, e.compareAll(ctx, func(v *votes, picture int, similarities, scores []float32) error {
		similarities[picture] = float32(math.Inf(-1))
		v.compare(similarities)
		v.count(nil, scores)
		e.answer(answers, picture, picture, scores)
		return nil
	})
}

// leaveEachOut compares the pictures with all classes as they are, and then each with its own class without it.
func (e *evaluation) leaveEachOut(ctx context.Context, answers Answers) error {
	r, err := represent(ctx, e.set, e.queries.device, e.method)
	if err != nil {
		return err
	}
	defer r.Close()
	rows := byClass(e.set, numbersTo(len(e.class)), e.class)
	// A class at a time, so that there is work for all workers however few products there are.
	first := make([]int, len(rows))
	for c := 1; c < len(first); c++ {
		first[c] = first[c-1] + e.set.Counts[c-1]
	}
	return parallel(ctx, len(rows), func(c int) error {
		pictures := numbersTo(first[c] + len(rows[c]))[first[c]:]
		without, err := e.method.leavingOut(ctx, rows[c], e.set.Labels[c])
		if err != nil {
			return err
		}
		scores := make([]float32, len(rows))
		return r.compare(ctx, e.queries, pictures, func(i int, similarities []float32) error {
			vectors, err := without(i)
			if err != nil {
				return err
			}
			query := e.queries.host[pictures[i]*e.set.Dim : (pictures[i]+1)*e.set.Dim]
			own, near := bestOf(e.method.metric(), query, vectors)
			r.settleTies(query, similarities, own, near)
			r.classScores(similarities, scores)
			scores[c] = own
			e.answer(answers, pictures[i], pictures[i], scores)
			return nil
		})
	})
}

// tieTrust is the difference of two cosine similarities above which one of them is larger, whatever the rounding of a product in float32.
const tieTrust = 1e-4

// bestOf returns the largest similarity of a query to some vectors, and what another similarity must differ by to be another one for sure.
func bestOf(metric string, query []float32, vectors [][]float32) (best float32, near float64) {
	best, near = float32(math.Inf(-1)), tieTrust
	for _, v := range vectors {
		if s := float32(similarity(metric, query, v)); s > best {
			best = s
			if metric == metricDot {
				near = tieTrust * math.Sqrt(dot(query, query)*dot(v, v))
			}
		}
	}
	return best, near
}

// settleTies makes the similarities that are near to one that [similarity] has made comparable with it: products are rounded in another way, and of
// equal vectors none may win by that.
func (r *classVectors) settleTies(query, similarities []float32, own float32, near float64) {
	for j, s := range similarities {
		if math.Abs(float64(s)-float64(own)) <= near {
			similarities[j] = float32(similarity(r.metric, query, r.host[j*r.dim:(j+1)*r.dim]))
		}
	}
}
