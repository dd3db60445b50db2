package search

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"vs/data"
)

// contents returns the hashes of all pictures in the database.
func (d *DB) contents(ctx context.Context) (map[[32]byte]bool, error) {
	known := make(map[[32]byte]bool)
	err := each(ctx, d.sql, func(rows *sql.Rows) error {
		var hash sql.RawBytes
		if err := rows.Scan(&hash); err != nil {
			return err
		}
		if len(hash) != 32 {
			return damagef("a content hash has %d bytes", len(hash))
		}
		known[[32]byte(hash)] = true
		return nil
	}, "SELECT DISTINCT hash FROM picture")
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, explain(err))
	}
	return known, nil
}

// store writes a batch in one transaction.
func (d *DB) store(ctx context.Context, folder *data.Folder, b *batch, dim int, gone displaced, summary *Ingested) error {
	count := *summary
	err := d.write(ctx, func(w *writer) error {
		w.sumLater = true
		w.displaced = gone
		next := 0
		for _, item := range b.items {
			picture := folder.Pictures[item.Index]
			label := folder.Labels[picture.Label]
			row := pictureRow{name: picture.Name, hash: item.Hash[:], size: item.Size}
			var err error
			switch {
			case item.Err != nil:
				count.Bad = append(count.Bad, data.BadPicture{File: folder.RelPath(item.Index), Err: item.Err})
				err = w.forget(label, row)
			case item.Known:
				count.Reused++
				err = w.reuse(label, row)
			default:
				count.New++
				row.embedding, row.training = b.vectors(next, 1+summary.Augmentation.Instances, dim)
				next++
				err = w.put(label, row)
			}
			if err != nil {
				return fmt.Errorf("picture %s: %w", folder.RelPath(item.Index), err)
			}
		}
		return nil
	})
	if err == nil {
		*summary = count
	}
	return err
}

// vectors returns the embedding and the training vector of the i-th picture that has pixels.
func (b *batch) vectors(i, crops, dim int) (embedding, training []float32) {
	all := b.embeddings[i*crops*dim:][:crops*dim]
	if crops > 1 {
		sum := make([]float64, dim)
		for v := range slices.Chunk(all, dim) {
			addTo(sum, v)
		}
		training = meanOf(sum, crops)
	}
	return all[:dim], training
}

// settle makes the sums that batches have left open. Were they made after each batch, a large class would be read as often as
// new pictures come between its own.
func (d *DB) settle(ctx context.Context) error {
	open := false
	see := func(*sql.Rows) error { open = true; return nil }
	const unsummed = "SELECT id FROM class WHERE length(sum) = 0"
	err := d.view(ctx, func(q querier) error { return each(ctx, q, see, unsummed) })
	if err == nil && open {
		err = d.write(ctx, func(w *writer) error {
			return each(ctx, w, func(rows *sql.Rows) error {
				var id int64
				if err := rows.Scan(&id); err != nil {
					return err
				}
				c, err := w.change(id)
				if err == nil {
					c.changed = true
				}
				return err
			}, unsummed)
		})
	}
	if err != nil {
		return fmt.Errorf("write database %s: %w", d.path, err)
	}
	return nil
}
