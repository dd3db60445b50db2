package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"vs/data/progress"
	"vs/search/moments"
)

// countAtOnce is how many pictures one transaction counts, which bounds memory and how long others
// wait.
const countAtOnce = 4096

// CountPictures brings the sums for classifiers up to date, in as many transactions as it takes.
// Multiply computes products of features, which is most of the work. It does nothing while fewer
// pictures are open than embeddings have elements: writing the sums would take longer than whoever
// reads them needs for these. Where there are too few pictures for sums it drops them.
func (d *DB) CountPictures(ctx context.Context, multiply moments.Multiply) error {
	open, few, err := d.uncounted(ctx)
	if errors.Is(err, errUnbound) {
		return nil
	}
	if err == nil && (open > 0 || few) {
		err = d.prepareWriting(ctx)
	}
	if err == nil && few {
		err = d.write(ctx, (*writer).forgetMoments)
	}
	if err == nil && open > 0 {
		task := progress.Begin(ctx, "adding up features", "pictures", open)
		defer task.End()
		for more := true; more && err == nil; {
			err = d.write(ctx, func(w *writer) (err error) {
				more, err = w.countSome(multiply, task)
				return err
			})
		}
	}
	if err != nil {
		return fmt.Errorf("add up the pictures of database %s: %w", d.path, err)
	}
	return nil
}

// uncounted returns how many pictures are to be added or taken away, 0 if that can wait, and
// reports whether there are sums and too few pictures for them.
func (d *DB) uncounted(ctx context.Context) (open int, few bool, err error) {
	err = d.viewModel(ctx, func(q querier, m *modelRow) error {
		_, kept, err := readMoments(ctx, q, m)
		if err != nil {
			return err
		}
		number := func(query string) (n int) {
			if err == nil {
				err = each(ctx, q, func(rows *sql.Rows) error { return rows.Scan(&n) }, query)
			}
			return n
		}
		pictures := number("SELECT ifnull(sum(count), 0) FROM class")
		if !m.hasSums(pictures) {
			few = kept
			return err
		}
		open = pictures
		if kept {
			open += number("SELECT count(*) FROM moment_gone") - number("SELECT ifnull(sum(count), 0) FROM moment_class")
		}
		if open < m.EmbeddingDim {
			open = 0
		}
		return err
	})
	return open, few, err
}

// countSome counts some pictures, takes some away that have gone, and reports whether there are
// more.
func (w *writer) countSome(multiply moments.Multiply, task *progress.Task) (more bool, err error) {
	row, err := w.moments()
	if err != nil {
		return false, err
	}
	var products [len(moments.Powers)]*moments.Products
	if row == nil {
		w.sums.kept, w.sums.row = true, momentsRow{}
		row = &w.sums.row
		for i := range products {
			products[i] = moments.NewProducts(w.model.EmbeddingDim)
		}
	} else if products, err = readProducts(w.ctx, w, &w.model, row); err != nil {
		return false, err
	}
	adder := adder{dim: w.model.EmbeddingDim, products: products, multiply: multiply}
	added, removed := 0, 0
	err = readPictures(w.ctx, w, &w.model, func(p *pictureRow, damage error) error {
		if damage != nil {
			return damage
		}
		c, err := w.classMoments(p.class)
		if err != nil {
			return err
		}
		c.add(p.name, adder.add(p.examples(), 1), 1)
		c.changed = true
		row.counted = p.id
		added++
		task.Add(1)
		return nil
	}, "WHERE id > ? ORDER BY id LIMIT ?", row.counted, countAtOnce)
	if err != nil {
		return false, err
	}
	if err := adder.flush(1); err != nil {
		return false, err
	}
	last := int64(0)
	sum, err := readGone(w.ctx, w, &w.model, countAtOnce, func(id int64, examples []float32) error {
		adder.add(examples, -1)
		last = id
		removed++
		task.Add(1)
		return nil
	})
	if err != nil {
		return false, err
	}
	if err := adder.flush(-1); err != nil {
		return false, err
	}
	row.gone -= sum
	if _, err := w.exec("DELETE FROM moment_gone WHERE id <= ?", last); err != nil {
		return false, err
	}
	return added == countAtOnce || removed == countAtOnce, w.writeProducts(products)
}

// adder adds products a block of pictures at a time.
type adder struct {
	rounder
	dim      int
	products [len(moments.Powers)]*moments.Products
	multiply moments.Multiply
	open     [len(moments.Powers)][]int64 // [n, D]
	err      error
}

// add counts the examples of a picture, or with sign −1 takes them away, and returns their
// features. Pictures of one sign come together, with a flush after them.
func (a *adder) add(examples []float32, sign int64) []features {
	list := a.features(examples, a.dim)
	for _, f := range list {
		for i := range a.open {
			a.open[i] = append(a.open[i], f[i]...)
		}
	}
	if len(a.open[0]) >= countAtOnce*a.dim {
		a.err = errors.Join(a.err, a.flush(sign))
	}
	return list
}

// flush adds what is open.
func (a *adder) flush(sign int64) error {
	for i := range a.open {
		if err := a.products[i].Add(a.open[i], sign, a.multiply); err != nil {
			return err
		}
		a.open[i] = a.open[i][:0]
	}
	return a.err
}
