package database

import (
	"context"
	"errors"
	"fmt"

	"vs/data/progress"
	"vs/search/exchange"
)

// Table returns the set's pictures as a table. The names are all it says about them.
func (e *Embeddings) Table() *exchange.Table {
	t := &exchange.Table{What: exchange.Pictures, Files: e.Files(), Dim: e.Dim, Rows: e.Vectors}
	for _, c := range e.Classes() {
		t.Labels = append(t.Labels, e.Labels[c])
	}
	return t
}

// Export returns the classes, each with the mean of its pictures' training vectors, or the pictures
// with their embeddings, in the order of labels and names.
func (d *DB) Export(ctx context.Context, what exchange.What) (*exchange.Table, error) {
	if what != exchange.Classes && what != exchange.Pictures {
		return nil, fmt.Errorf("export %s: %q is neither %s nor %s", d.path, what, exchange.Classes, exchange.Pictures)
	}
	t := &exchange.Table{What: what}
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		described := m.Model
		t.Dim, t.Model = m.EmbeddingDim, &described
		classes, err := allClasses(ctx, q, m)
		if err != nil {
			return err
		}
		task := progress.Begin(ctx, "reading", "pictures", pictures(classes))
		defer task.End()
		for _, c := range classes {
			task.Add(c.count)
			if what == exchange.Classes {
				t.Labels = append(t.Labels, c.name)
				t.Counts = append(t.Counts, int64(c.count))
				t.Rows = append(t.Rows, c.mean()...)
				continue
			}
			err := picturesOf(ctx, q, c, m, func(p *pictureRow) {
				t.Labels = append(t.Labels, c.name)
				t.Files = append(t.Files, c.name+"/"+p.name)
				t.Hashes = append(t.Hashes, [32]byte(p.hash))
				t.Rows = append(t.Rows, p.embedding...)
			})
			if err != nil {
				return err
			}
		}
		if len(classes) == 0 {
			return errors.New("it has no classes; fill it with: vs encode")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return t, nil
}
