package search

import (
	"context"
	"errors"
	"fmt"

	"vs/search/classifier"
	"vs/search/database"
	"vs/torch"
)

// Index holds the vectors that represent the classes on a device, ready for queries.
type Index struct {
	labels  []string
	dim     int
	device  torch.Device
	method  Method
	vectors *classVectors      // nil for a classifier that is fitted
	linear  *classifier.Linear // else nil
}

// Hit is one answer to a query.
type Hit struct {
	Label string
	Score float32 // by the metric, such as the cosine similarity, −1 to 1; of a vote the share of the votes; of a classifier that is fitted the probability
}

// MeanIndex loads the class means of a database onto a device, for queries by the default method.
// It reads the sums of the classes, not their pictures.
func MeanIndex(ctx context.Context, db *database.DB, device torch.Device) (*Index, error) {
	classes, err := db.Classes(ctx)
	if err != nil {
		return nil, err
	}
	if len(classes) == 0 {
		return nil, fmt.Errorf("database %s: it has no classes; fill it with: vs encode", db.Path())
	}
	x := &Index{device: device, dim: len(classes[0].Mean)}
	var means [][][]float32
	for _, c := range classes {
		x.labels = append(x.labels, c.Label)
		means = append(means, [][]float32{c.Mean})
	}
	err = alone(func() (err error) {
		x.vectors, err = newClassVectors(device, means, x.dim, metricCosine)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load class means: %w", err)
	}
	return x, nil
}

// BuildIndex makes what represents the classes from all pictures of a set, and loads it onto a
// device.
func BuildIndex(ctx context.Context, set *database.Embeddings, device torch.Device, m Method) (*Index, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	if len(set.Labels) == 0 {
		return nil, errors.New("make index: there are no classes; give at least one picture")
	}
	if err := m.checkNeighbours(len(set.Names)); err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	x := &Index{labels: set.Labels, dim: set.Dim, device: device, method: m}
	err := alone(func() (err error) {
		if m.fitted() {
			x.linear, err = fitLinear(ctx, set, device, m)
			return err
		}
		x.vectors, err = represent(ctx, set, device, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	return x, nil
}

// Labels returns the classes in the order of their names.
func (x *Index) Labels() []string { return x.labels }

// Close frees the vectors. It may be called more than once.
func (x *Index) Close() error {
	if x.vectors == nil {
		return nil
	}
	return x.vectors.Close()
}

// Search returns the k most similar classes, best first, for each of the embeddings, [N, D]. Of
// equal scores the class whose name comes first is first.
func (x *Index) Search(ctx context.Context, embeddings []float32, k int) ([][]Hit, error) {
	if err := checkTopK(k, len(x.labels)); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	hits := make([][]Hit, len(embeddings)/x.dim)
	if x.linear != nil {
		return hits, alone(func() error { return x.searchLinear(embeddings, k, hits) })
	}
	if err := alone(func() error { return x.search(ctx, embeddings, k, hits) }); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return hits, nil
}

func (x *Index) search(ctx context.Context, embeddings []float32, k int, hits [][]Hit) error {
	q, err := newQueries(x.device, embeddings, x.dim, x.method.metric())
	if err != nil {
		return err
	}
	defer q.Close()
	scores := make([]float32, len(x.labels))
	v := newVotes(x.method.Neighbours, k, len(x.labels), x.vectors.class)
	return x.vectors.compare(ctx, q, numbersTo(len(hits)), func(i int, similarities []float32) error {
		if x.method.Neighbours > 0 {
			v.compare(similarities)
			v.count(nil, scores)
		} else {
			x.vectors.classScores(similarities, scores)
		}
		for _, best := range bestClasses(scores, k) {
			hits[i] = append(hits[i], Hit{x.labels[best.Row], x.method.shown(best.Score)})
		}
		return nil
	})
}

func checkTopK(k, classes int) error {
	if k < 1 || k > classes {
		return fmt.Errorf("top %d of %d classes; use 1 to %d", k, classes, classes)
	}
	return nil
}
