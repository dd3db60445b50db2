package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vs/data"
)

// contents returns the hashes of all pictures in the database.
func (d *DB) contents(ctx context.Context) (map[[32]byte]bool, error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT DISTINCT hash FROM picture")
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, explain(err))
	}
	defer rows.Close()
	known := make(map[[32]byte]bool)
	for rows.Next() {
		var hash sql.RawBytes
		if err := rows.Scan(&hash); err != nil {
			return nil, fmt.Errorf("read database %s: %w", d.path, explain(err))
		}
		if len(hash) != 32 {
			return nil, fmt.Errorf("read database %s: damaged: a content hash has %d bytes; restore the file from a copy", d.path, len(hash))
		}
		known[[32]byte(hash)] = true
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, explain(err))
	}
	return known, nil
}

// store writes a batch in one transaction.
func (d *DB) store(ctx context.Context, folder *data.Folder, b *batch, dim int, summary *Ingested) error {
	count := *summary
	err := d.transact(ctx, func(tx *sql.Tx) error {
		w := &writer{ctx: ctx, tx: tx, dim: dim, touched: map[int64]*change{}}
		next := 0
		for _, item := range b.items {
			picture := folder.Pictures[item.Index]
			label := folder.Labels[picture.Label]
			row := pictureRow{name: picture.Name, hash: item.Hash[:], size: item.Size}
			var err error
			switch {
			case item.Err != nil:
				count.Bad = append(count.Bad, Bad{folder.RelPath(item.Index), item.Err})
				err = w.forget(label, row)
			case item.Known:
				count.Reused++
				err = w.reuse(label, row)
			default:
				count.New++
				row.embedding = b.embeddings[next*dim : (next+1)*dim]
				next++
				err = w.put(label, row)
			}
			if err != nil {
				return fmt.Errorf("picture %s: %w", folder.RelPath(item.Index), err)
			}
		}
		return w.finish()
	})
	if err == nil {
		*summary = count
	}
	return err
}

// writer changes pictures within one transaction and keeps the sums of their classes.
type writer struct {
	ctx     context.Context
	tx      *sql.Tx
	dim     int
	touched map[int64]*change // by class id
	order   []int64           // touched classes in order of first change
}

// change is what happened to a class.
type change struct {
	last     string      // greatest name before the change and since
	appended [][]float32 // embeddings of pictures behind last, in order
	rebuild  bool        // something else changed too: the sum must be made anew
}

type pictureRow struct {
	name      string
	hash      []byte // nil where the file could not be read
	size      int64
	embedding []float32
}

// class returns the id of a class, which is made if there is none and create is set; 0 means none.
func (w *writer) class(label string, create bool) (int64, error) {
	var id int64
	err := w.tx.QueryRowContext(w.ctx, "SELECT id FROM class WHERE name = ?", label).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) || !create {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return id, err
	}
	sum := encodeFloat64(make([]float64, w.dim))
	result, err := w.tx.ExecContext(w.ctx, "INSERT INTO class (name, count, sum, crc, updated) VALUES (?, 0, ?, ?, ?)",
		label, sum, checksum(sum), now())
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// change returns the record of a class's changes.
func (w *writer) change(class int64) (*change, error) {
	if c := w.touched[class]; c != nil {
		return c, nil
	}
	var last sql.NullString
	if err := w.tx.QueryRowContext(w.ctx, "SELECT max(name) FROM picture WHERE class_id = ?", class).Scan(&last); err != nil {
		return nil, err
	}
	c := &change{last: last.String}
	w.touched[class] = c
	w.order = append(w.order, class)
	return c, nil
}

// stored returns the content hash that the database has for a picture, nil if it has no such picture.
func (w *writer) stored(class int64, name string) ([]byte, error) {
	var hash []byte
	err := w.tx.QueryRowContext(w.ctx, "SELECT hash FROM picture WHERE class_id = ? AND name = ?", class, name).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return hash, err
}

// put writes a picture with its embedding.
func (w *writer) put(label string, row pictureRow) error {
	class, err := w.class(label, true)
	if err != nil {
		return err
	}
	c, err := w.change(class)
	if err != nil {
		return err
	}
	if row.name > c.last {
		c.last = row.name
		c.appended = append(c.appended, row.embedding)
	} else {
		c.rebuild = true
	}
	blob := encodeFloat32(row.embedding)
	_, err = w.tx.ExecContext(w.ctx, `INSERT INTO picture (class_id, name, hash, size, embedding, crc) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (class_id, name) DO UPDATE SET hash = excluded.hash, size = excluded.size, embedding = excluded.embedding, crc = excluded.crc`,
		class, row.name, row.hash, row.size, blob, checksum(blob))
	return err
}

// reuse makes sure that a picture whose content is known under some name has a row of its own.
func (w *writer) reuse(label string, row pictureRow) error {
	class, err := w.class(label, true)
	if err != nil {
		return err
	}
	hash, err := w.stored(class, row.name)
	if err != nil || string(hash) == string(row.hash) {
		return err
	}
	var (
		blob []byte
		crc  int64
	)
	err = w.tx.QueryRowContext(w.ctx, "SELECT embedding, crc FROM picture WHERE hash = ? ORDER BY id LIMIT 1", row.hash).Scan(&blob, &crc)
	if errors.Is(err, sql.ErrNoRows) {
		return errors.New("another process removed its embedding meanwhile; run the command again")
	}
	if err != nil {
		return err
	}
	row.embedding = make([]float32, w.dim)
	if err := decodeFloat32(row.embedding, blob, crc); err != nil {
		return err
	}
	return w.put(label, row)
}

// forget removes the row of a picture whose file has turned into something that cannot be decoded. A file that could
// not even be read keeps its row: it may come back.
func (w *writer) forget(label string, row pictureRow) error {
	if row.hash == nil || [32]byte(row.hash) == ([32]byte{}) {
		return nil
	}
	class, err := w.class(label, false)
	if err != nil || class == 0 {
		return err
	}
	c, err := w.change(class)
	if err != nil {
		return err
	}
	result, err := w.tx.ExecContext(w.ctx, "DELETE FROM picture WHERE class_id = ? AND name = ?", class, row.name)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		c.rebuild = true
		return err
	}
	return nil
}

// finish brings the touched classes' sums up to date. A sum is always that of the class's embeddings in the order of
// their names; where pictures were only appended, adding them to the old sum is the same.
func (w *writer) finish() error {
	for _, class := range w.order {
		c := w.touched[class]
		if !c.rebuild && len(c.appended) == 0 {
			continue
		}
		if err := w.finishClass(class, c); err != nil {
			return err
		}
	}
	// A class of bad pictures only, or one that lost its last picture, is no class.
	_, err := w.tx.ExecContext(w.ctx, "DELETE FROM class WHERE count = 0")
	return err
}

func (w *writer) finishClass(class int64, c *change) error {
	sum := make([]float64, w.dim)
	count := 0
	if c.rebuild {
		embeddings, err := w.embeddings(class)
		if err != nil {
			return err
		}
		c.appended = embeddings
	} else {
		var (
			blob []byte
			crc  int64
		)
		if err := w.tx.QueryRowContext(w.ctx, "SELECT count, sum, crc FROM class WHERE id = ?", class).Scan(&count, &blob, &crc); err != nil {
			return err
		}
		if err := decodeFloat64(sum, blob, crc); err != nil {
			return fmt.Errorf("sum of its class: %w", err)
		}
	}
	for _, e := range c.appended {
		for i, v := range e {
			sum[i] += float64(v)
		}
	}
	blob := encodeFloat64(sum)
	_, err := w.tx.ExecContext(w.ctx, "UPDATE class SET count = ?, sum = ?, crc = ?, updated = ? WHERE id = ?",
		count+len(c.appended), blob, checksum(blob), now(), class)
	return err
}

// embeddings returns a class's embeddings in the order of their names.
func (w *writer) embeddings(class int64) ([][]float32, error) {
	rows, err := w.tx.QueryContext(w.ctx, "SELECT name, embedding, crc FROM picture WHERE class_id = ? ORDER BY name", class)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][]float32
	for rows.Next() {
		var (
			name string
			blob sql.RawBytes
			crc  int64
		)
		if err := rows.Scan(&name, &blob, &crc); err != nil {
			return nil, err
		}
		e := make([]float32, w.dim)
		if err := decodeFloat32(e, blob, crc); err != nil {
			return nil, fmt.Errorf("picture %s of its class: %w", name, err)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }
