package search

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vs/data"
)

// temperature of the vote, as in Caron et al., Emerging properties in self-supervised vision transformers, ICCV 2021, and
// Wu et al., Unsupervised feature learning via non-parametric instance discrimination, CVPR 2018.
const temperature = 0.07

// votes holds the vectors that a vote needs, so that thousands of votes can use them again.
type votes struct {
	neighbours int
	classes    int
	training   []float32 // similarities of the training pictures
	best       []float32 // [C] largest similarity to a training picture of the class
}

// count turns the similarities of a query with all pictures into the scores of the classes. Only the pictures that training lists,
// in ascending order, take part; the k most similar of them vote with weight exp(similarity / temperature), and of equal ones the
// lower number.
//
// A class's score is its share of the votes. A class without a vote gets what keeps it behind the others and in the order of its most
// similar picture: the similarity less noVote.
func (v *votes) count(similarities []float32, training, class []int, scores []float32) {
	v.training = v.training[:0]
	v.best = slices.Grow(v.best[:0], v.classes)[:v.classes]
	for c := range v.best {
		v.best[c] = float32(math.Inf(-1))
	}
	for _, i := range training {
		s := similarities[i]
		v.training = append(v.training, s)
		v.best[class[i]] = max(v.best[class[i]], s)
	}
	nearest := bestClasses(v.training, v.neighbours)
	shares := make([]float64, v.classes)
	var total float64
	for _, n := range nearest {
		weight := math.Exp((float64(n.Score) - float64(nearest[0].Score)) / temperature)
		shares[class[training[n.Row]]] += weight
		total += weight
	}
	for c, share := range shares {
		scores[c] = float32(share / total)
		if share == 0 {
			scores[c] = v.best[c] - noVote
		}
	}
}

// noVote exceeds every cosine similarity, rounding included, so that the scores of classes without a vote are negative.
const noVote = 2

// place is where an answer belongs.
type place struct{ run, picture int }

// voteAll answers the pictures of each split's part by a vote. A picture is compared once with all others, and for each run those of the
// training part are used.
func (e *evaluation) voteAll(ctx context.Context, splits []data.Split, part string) ([]Answers, error) {
	answers := make([]Answers, len(splits))
	training := make([][]int, len(splits))
	places := make([][]place, len(e.class)) // for each picture
	for r, split := range splits {
		pictures, err := split.Part(part)
		if err == nil {
			training[r], err = e.training(split)
		}
		if err == nil {
			err = e.method.checkNeighbours(len(split.Train))
		}
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", r, err)
		}
		answers[r] = e.newAnswers(len(pictures))
		for i, picture := range pictures {
			places[picture] = append(places[picture], place{r, i})
		}
	}
	return answers, e.compareAll(ctx, func(v *votes, picture int, similarities, scores []float32) {
		for _, p := range places[picture] {
			v.count(similarities, training[p.run], e.class, scores)
			e.answer(answers[p.run], p.picture, picture, scores)
		}
	})
}

// compareAll calls f for each picture with its similarities to all pictures, [N], which f may change, and room for scores, [C]. The
// products are the same whatever is asked of them, so that no answer depends on another.
func (e *evaluation) compareAll(ctx context.Context, f func(v *votes, picture int, similarities, scores []float32)) error {
	r, err := e.pictures()
	if err != nil {
		return err
	}
	defer r.Close()
	chunks := slices.Collect(slices.Chunk(numbersTo(len(e.class)), r.rowsAtOnce()))
	return parallel(ctx, len(chunks), func(i int) error {
		v := &votes{neighbours: e.method.Neighbours, classes: len(e.set.Labels)}
		scores := make([]float32, v.classes)
		return r.compare(e.queries, chunks[i], func(j int, similarities []float32) {
			f(v, chunks[i][j], similarities, scores)
		})
	})
}

// pictures are the training vectors of all pictures. Without augmentation they share the memory of the queries.
func (e *evaluation) pictures() (*representatives, error) {
	r := &representatives{metric: metricCosine, dim: e.set.Dim, class: e.class}
	rows := e.queries.rows
	if e.set.Training != nil {
		var err error
		if rows, err = prepared(e.queries.device, e.set.Training, e.set.Dim, metricCosine); err != nil {
			return nil, err
		}
		defer rows.Close()
	}
	var err error
	r.columns, err = rows.Transpose(0, 1)
	return r, err
}
