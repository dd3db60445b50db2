package database

import (
	"context"
	"fmt"
)

// Sample is some pictures of a database, and the sums of its classes.
type Sample struct {
	Labels []string    // [C] of the classes
	Counts []int       // [C] pictures of each class
	Sums   [][]float64 // [C][D] of the vectors that represent them
	Chosen *Embeddings // [B]
	Class  []int       // [B] of the chosen pictures, among all classes
}

// Sample reads the sums of the classes, and the pictures that choose names by their places in the
// order of [Embeddings] where classes have that many.
func (d *DB) Sample(ctx context.Context, choose func(counts []int) []int) (*Sample, error) {
	out := &Sample{}
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		classes, err := allClasses(ctx, q, m)
		if err != nil {
			return err
		}
		place := make(map[string]int)
		for c, row := range classes {
			place[row.name] = c
			out.Labels = append(out.Labels, row.name)
			out.Counts, out.Sums = append(out.Counts, row.count), append(out.Sums, row.sum)
		}
		r := &sumsReader{ctx: ctx, q: q, m: m, classes: classes}
		if out.Chosen, err = r.chosen(choose(out.Counts)); err != nil {
			return err
		}
		for c, n := range out.Chosen.Counts {
			for range n {
				out.Class = append(out.Class, place[out.Chosen.Labels[c]])
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return out, nil
}
