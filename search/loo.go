package search

import (
	"context"
	"fmt"
	"math"

	"vs/data"
	"vs/search/database"
	"vs/torch"
)

// LeaveOneOut answers every picture of the set from all others and names the k best classes for
// each, in the order of the set. What represents the picture's own class is made without the
// picture; other classes are as they are.
//
// The mean without a picture x of n is (n · mean − x) / (n − 1), computed in float64. The k-means
// of prototypes is run again for each picture.
func LeaveOneOut(ctx context.Context, set *database.Embeddings, device torch.Device, k int, m Method) (Answers, error) {
	return LeaveContentsOut(ctx, set, data.Indices(len(set.Names)), device, k, m)
}

// LeaveContentsOut answers every picture of the set from all pictures of other content, and is else
// as [LeaveOneOut]. What stands for a class is made without the picture and without all that are
// equal to it, whatever their class; a classifier is fitted again for each content that several
// pictures have. Contents name for each picture, [N], the first of equal content, see
// [data.Contents].
func LeaveContentsOut(ctx context.Context, set *database.Embeddings, contents []int, device torch.Device, k int, m Method) (Answers, error) {
	var answers Answers
	err := alone(func() (err error) {
		answers, err = leaveContentsOut(ctx, set, contents, device, k, m)
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

func leaveContentsOut(ctx context.Context, set *database.Embeddings, contents []int, device torch.Device, k int, m Method) (Answers, error) {
	e, err := newEvaluation(set, device, k, m)
	if err != nil {
		return Answers{}, err
	}
	defer e.close()
	if len(contents) != len(e.class) {
		return Answers{}, fmt.Errorf("%d contents for %d pictures; give one per picture", len(contents), len(e.class))
	}
	e.contents = contents
	for c, different := range e.trainingContents(nil) {
		switch n := set.Counts[c]; {
		case n == 1:
			return Answers{}, fmt.Errorf("class %q has one picture, without which it has no vector; add pictures, or leave it out", set.Labels[c])
		case different == 1:
			return Answers{}, fmt.Errorf("the %d pictures of class %q have one content, without which it has no vector; add other pictures, or leave it out",
				n, set.Labels[c])
		}
	}
	equal, most := equalPictures(contents), 0
	for _, pictures := range equal {
		most = max(most, len(pictures))
	}
	if err := m.checkNeighbours(len(set.Names) - most); err != nil {
		return Answers{}, err
	}
	answers := e.newAnswers(len(set.Names))
	switch {
	case m.fitted():
		if err = e.fitWithoutEach(ctx, answers); err == nil {
			err = e.fitWithoutEqual(ctx, answers, equal)
		}
	case m.Neighbours > 0:
		err = e.voteWithoutEach(ctx, answers, equal)
	default:
		err = e.leaveEachOut(ctx, answers, equal)
	}
	return answers, err
}

// equalPictures returns the pictures of each content, ascending, in the place of the first.
func equalPictures(contents []int) [][]int {
	equal := make([][]int, len(contents))
	for i, content := range contents {
		equal[content] = append(equal[content], i)
	}
	return equal
}

// leaveEachOut compares the pictures with all classes as they are, and then each with those classes
// that have its content without that.
func (e *evaluation) leaveEachOut(ctx context.Context, answers Answers, equal [][]int) error {
	r, err := represent(ctx, e.set, e.queries.device, e.method)
	if err != nil {
		return err
	}
	defer r.Close()
	trained := newTrainingPart(e.set, e.class, data.Indices(len(e.class)), e.contents, e.device, e.method)
	calibrated, err := trained.calibrate(ctx, r)
	if err != nil {
		return err
	}
	rows, first := trained.rows, trained.first
	// A class at a time, so that there is work for all workers however few products there are.
	return shownParallel(ctx, "leaving out "+e.method.String(), "classes", len(rows), func(c int) error {
		pictures := data.Indices(first[c] + len(rows[c]))[first[c]:]
		l := newLeaver(e.method, e.set.Labels, e.class, rows, first)
		w := e.newWriter(answers, calibrated.temperature())
		scores := make([]float32, len(rows))
		return r.compare(ctx, e.queries, pictures, func(i int, similarities []float32) error {
			picture := pictures[i]
			query := e.queries.host[picture*e.set.Dim : (picture+1)*e.set.Dim]
			if err := l.scores(ctx, r, query, equal[e.contents[picture]], similarities, scores); err != nil {
				return err
			}
			w.put(picture, picture, scores)
			return nil
		})
	})
}

// tieTrust is the difference of two cosine similarities above which one of them is larger, whatever
// the rounding of a product in float32.
const tieTrust = 1e-4

// bestOf returns the largest similarity of a query to some vectors, and what another similarity
// must differ by to be another one for sure.
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

// settleTies makes the similarities that are near to one that [similarity] has made comparable with
// it: products are rounded in another way, and of equal vectors none may win by that.
func (r *classVectors) settleTies(query, similarities []float32, own float32, near float64) {
	for j, s := range similarities {
		if math.Abs(float64(s)-float64(own)) <= near {
			similarities[j] = float32(similarity(r.metric, query, r.host[j*r.dim:(j+1)*r.dim]))
		}
	}
}
