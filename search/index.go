package search

import (
	"context"
	"fmt"

	"vs/torch"
)

// Index holds the normalised class means on a device, ready for queries.
type Index struct {
	labels []string
	dim    int
	device torch.Device
	means  *torch.Tensor // [D, C], columns of length one
}

// Hit is one answer to a query.
type Hit struct {
	Label string
	Score float32 // cosine similarity, −1 to 1
}

// NewIndex loads the class means onto a device.
func (d *DB) NewIndex(ctx context.Context, device torch.Device) (*Index, error) {
	x := &Index{device: device}
	var means []float32 // [C, D]
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		x.dim = m.EmbeddingDim
		classes, err := allClasses(ctx, q, m)
		for _, c := range classes {
			x.labels = append(x.labels, c.name)
			means = append(means, c.mean()...)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	if len(x.labels) == 0 {
		return nil, fmt.Errorf("database %s: it has no classes; fill it with: vs encode", d.path)
	}
	rows, err := onDevice(device, means, len(x.labels), x.dim)
	if err != nil {
		return nil, fmt.Errorf("load class means: %w", err)
	}
	defer rows.Close()
	unit, err := rows.Normalize()
	if err != nil {
		return nil, fmt.Errorf("load class means: %w", err)
	}
	defer unit.Close()
	if x.means, err = unit.Transpose(0, 1); err != nil {
		return nil, fmt.Errorf("load class means: %w", err)
	}
	return x, nil
}

// Labels returns the classes in the order of their names.
func (x *Index) Labels() []string { return x.labels }

// Close frees the means. It may be called more than once.
func (x *Index) Close() error { return x.means.Close() }

// Search returns the k most similar classes, best first, for each of the embeddings, [N, D]. Of equal similarities the
// class whose name comes first is first.
func (x *Index) Search(embeddings []float32, k int) ([][]Hit, error) {
	if err := checkTopK(k, len(x.labels)); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	n := len(embeddings) / x.dim
	scores, indices, err := x.search(embeddings, n, k)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	hits := make([][]Hit, n)
	for i := range hits {
		for j := i * k; j < (i+1)*k; j++ {
			hits[i] = append(hits[i], Hit{x.labels[indices[j]], scores[j]})
		}
	}
	return hits, nil
}

func checkTopK(k, classes int) error {
	if k < 1 || k > classes {
		return fmt.Errorf("top %d of %d classes; use 1 to %d", k, classes, classes)
	}
	return nil
}

func (x *Index) search(embeddings []float32, n, k int) ([]float32, []int64, error) {
	queries, err := onDevice(x.device, embeddings, n, x.dim)
	if err != nil {
		return nil, nil, err
	}
	defer queries.Close()
	unit, err := queries.Normalize()
	if err != nil {
		return nil, nil, err
	}
	defer unit.Close()
	similarities, err := torch.MatMul(unit, x.means)
	if err != nil {
		return nil, nil, err
	}
	defer similarities.Close()
	values, indices, err := similarities.TopK(k)
	if err != nil {
		return nil, nil, err
	}
	defer values.Close()
	defer indices.Close()
	scores, err := torch.ToSlice[float32](values)
	if err != nil {
		return nil, nil, err
	}
	best, err := torch.ToSlice[int64](indices)
	return scores, best, err
}
