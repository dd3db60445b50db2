package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// errNothing ends a transaction that would bind a database and store nothing.
var errNothing = errors.New("no pictures")

// write runs f in one transaction and then brings the rows above the changed ones up to date. A
// database that has no model yet is bound by the first transaction that stores a picture, and made
// if there is no file.
func (d *DB) write(ctx context.Context, f func(w *writer) error) error {
	d.mutex.Lock()
	binding, file := d.binding, d.file
	d.mutex.Unlock()
	blank, err := d.isBlank(ctx)
	made := false
	if err == nil && blank {
		made, err = d.makeFile()
	}
	if err != nil {
		return withRemedy(err)
	}
	err = d.transact(ctx, func(tx *sql.Tx) error {
		if blank {
			if err := makeTables(ctx, tx); err != nil {
				return err
			}
		}
		w := &writer{ctx: ctx, tx: tx, statements: map[string]*sql.Stmt{}, ids: map[string]int64{}, touched: map[int64]*change{}}
		if err := w.bindTo(binding, file); err != nil {
			return err
		}
		if err := f(w); err != nil {
			return err
		}
		if err := w.finish(); err != nil {
			return err
		}
		if w.binds {
			var id int64
			if found, err := w.value(&id, "SELECT id FROM class LIMIT 1"); err != nil || !found {
				return cmp.Or(err, errNothing)
			}
		}
		return nil
	})
	if err == nil {
		d.blank.Store(false)
		return nil
	}
	if made {
		d.unmake()
	}
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// writer changes rows within one transaction and keeps the sums above them.
type writer struct {
	ctx        context.Context
	tx         *sql.Tx
	model      modelRow
	binds      bool                 // the transaction has made the model's row
	statements map[string]*sql.Stmt // prepared, by their text; the transaction closes them
	ids        map[string]int64     // of the classes met, by name
	touched    map[int64]*change    // by class id
	order      []int64              // touched classes in order of first change
	sumLater   bool                 // leave sums that cannot be continued to recomputeSums
	evicted    evicted              // nil: rows that go are not needed again
	sums       momentsWriter
}

// evicted are embeddings whose rows have gone, by content: a file that has taken another one's name
// replaces its row, though the other one's content may come later under a new name.
type evicted map[[32]byte]rowVectors

// rowVectors are a picture's embedding, its training vector and the embeddings of its instances.
type rowVectors struct{ embedding, training, instances []float32 }

// change is what happens to a class.
type change struct {
	row     classRow // as it will be written
	last    string   // greatest name of its pictures before the change and since
	changed bool
}

func (w *writer) prepare(query string) (*sql.Stmt, error) {
	if s := w.statements[query]; s != nil {
		return s, nil
	}
	s, err := w.tx.PrepareContext(w.ctx, query)
	if err == nil {
		w.statements[query] = s
	}
	return s, err
}

// QueryContext makes the writer a querier.
func (w *writer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := w.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (w *writer) exec(query string, args ...any) (sql.Result, error) {
	s, err := w.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(w.ctx, args...)
}

// value reads the only column of a query's last row into dst and reports whether there was a row.
func (w *writer) value(dst any, query string, args ...any) (found bool, err error) {
	err = each(w.ctx, w, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(dst)
	}, query, args...)
	return found, err
}

// class returns the id of a class, which is made if there is none and create is set; 0 means none.
func (w *writer) class(label string, create bool) (int64, error) {
	if id := w.ids[label]; id != 0 {
		return id, nil
	}
	var id int64
	found, err := w.value(&id, "SELECT id FROM class WHERE name = ?", label)
	if err != nil || !found && !create {
		return 0, err
	}
	if !found {
		// finish writes what matters.
		result, err := w.exec("INSERT INTO class (name, count, sum, pictures, updated, crc) VALUES (?, 0, x'', 0, '', 0)", label)
		if err != nil {
			return 0, err
		}
		if id, err = result.LastInsertId(); err != nil {
			return 0, err
		}
		w.touch(&change{row: classRow{id: id, name: label, sum: make([]float64, w.model.EmbeddingDim)}})
	}
	w.ids[label] = id
	return id, nil
}

func (w *writer) touch(c *change) {
	w.touched[c.row.id] = c
	w.order = append(w.order, c.row.id)
}

// change returns the record of a class's changes.
func (w *writer) change(class int64) (*change, error) {
	if c := w.touched[class]; c != nil {
		return c, nil
	}
	var c change
	err := readClasses(w.ctx, w, w.model.EmbeddingDim, func(row *classRow, damage error) error {
		c.row = *row
		return damage
	}, "WHERE id = ?", class)
	if err != nil {
		return nil, err
	}
	if c.row.id != class {
		return nil, damagef("the index of its classes is wrong")
	}
	var last sql.NullString
	if _, err := w.value(&last, "SELECT max(name) FROM picture WHERE class_id = ?", class); err != nil {
		return nil, err
	}
	c.last = last.String
	w.touch(&c)
	return &c, nil
}

// putNew is put for an embedding that the database does not have yet.
func (w *writer) putNew(label string, p pictureRow) error {
	err := CheckEmbedding(p.embedding)
	if err == nil && p.training != nil {
		err = CheckEmbedding(p.training)
	}
	if err != nil {
		return err
	}
	if w.model.instances == 0 {
		p.instances = nil // an older database keeps none
	}
	if n := w.model.instances * w.model.EmbeddingDim; len(p.instances) != n {
		return fmt.Errorf("the embeddings of its instances have %d elements, not %d", len(p.instances), n)
	}
	for instance := range slices.Chunk(p.instances, w.model.EmbeddingDim) {
		if err := CheckEmbedding(instance); err != nil {
			return err
		}
	}
	return w.put(label, p)
}

// put writes a picture with its embedding.
func (w *writer) put(label string, p pictureRow) error {
	var err error
	if p.class, err = w.class(label, true); err != nil {
		return err
	}
	c, err := w.change(p.class)
	if err != nil {
		return err
	}
	blob, training, instances := encodeFloat32(p.embedding), encodeFloat32(p.training), encodeFloat32(p.instances)
	p.crc = p.checksum(blob, training, instances)
	c.changed = true
	if p.name > c.last {
		c.last = p.name
		c.row.add(&p)
	} else {
		if _, err := w.takeOut(c, p.name); err != nil {
			return err
		}
		c.row.insert(p.crc)
		c.row.sum = nil
	}
	if p.id, err = w.newID(); err != nil {
		return err
	}
	_, err = w.exec("INSERT INTO picture (id, class_id, name, hash, size, embedding, crc, training, instances) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		p.id, p.class, p.name, p.hash, p.size, blob, p.crc, training, instances)
	return err
}

// reuse makes sure that a picture whose content is known under some name has a row of its own.
func (w *writer) reuse(label string, p pictureRow) error {
	class, err := w.class(label, true)
	if err != nil {
		return err
	}
	var stored []byte
	if _, err := w.value(&stored, "SELECT hash FROM picture WHERE class_id = ? AND name = ?", class, p.name); err != nil || string(stored) == string(p.hash) {
		return err
	}
	p.embedding = nil
	err = readPictures(w.ctx, w, &w.model, func(known *pictureRow, damage error) error {
		p.embedding, p.training, p.instances = known.embedding, known.training, known.instances
		return damage
	}, "WHERE hash = ? ORDER BY id LIMIT 1", p.hash)
	if err != nil {
		return err
	}
	if p.embedding == nil {
		gone := w.evicted[[32]byte(p.hash)]
		p.embedding, p.training, p.instances = gone.embedding, gone.training, gone.instances
		delete(w.evicted, [32]byte(p.hash))
	}
	if p.embedding == nil {
		return errors.New("another process removed its embedding meanwhile; run the command again")
	}
	return w.put(label, p)
}

// deleteUndecodable is [Batch.DropUndecodable].
func (w *writer) deleteUndecodable(label string, p pictureRow) error {
	if [32]byte(p.hash) == ([32]byte{}) {
		return nil
	}
	class, err := w.class(label, false)
	if err != nil || class == 0 {
		return err
	}
	_, err = w.remove(class, p.name)
	return err
}

// remove removes a picture, if it is there.
func (w *writer) remove(class int64, name string) (found bool, err error) {
	c, err := w.change(class)
	if err != nil {
		return false, err
	}
	found, err = w.takeOut(c, name)
	c.changed = c.changed || found
	return found, err
}

// takeOut removes a picture from its class, if it is there, and keeps its embedding where that may
// be needed again.
func (w *writer) takeOut(c *change, name string) (found bool, err error) {
	const one = "WHERE class_id = ? AND name = ?"
	var crc int64
	found, err = w.value(&crc, "SELECT crc FROM picture "+one, c.row.id, name)
	if !found || err != nil {
		return found, err
	}
	c.row.remove(crc)
	if w.evicted != nil {
		err := readPictures(w.ctx, w, &w.model, func(p *pictureRow, damage error) error {
			if damage == nil {
				w.evicted[[32]byte(p.hash)] = rowVectors{slices.Clone(p.embedding), slices.Clone(p.training), slices.Clone(p.instances)}
			}
			return nil // a damaged row that goes does no harm
		}, one, c.row.id, name)
		if err != nil {
			return true, err
		}
	}
	if err := w.retire(c.row.id, one, c.row.id, name); err != nil {
		return true, err
	}
	_, err = w.exec("DELETE FROM picture "+one, c.row.id, name)
	return true, err
}

// finish writes the rows of the touched classes and the model's row. A class of bad pictures only,
// or one that lost its last picture, is not a class.
func (w *writer) finish() error {
	if err := w.finishMoments(); err != nil {
		return err
	}
	before := w.model.classes
	for _, id := range w.order {
		c := w.touched[id]
		if !c.changed {
			continue
		}
		if c.row.sum == nil && !w.sumLater {
			if err := sumUp(w.ctx, w, &c.row, &w.model); err != nil {
				return err
			}
		}
		w.model.classes -= c.row.crc
		if c.row.count == 0 {
			if _, err := w.exec("DELETE FROM class WHERE id = ?", id); err != nil {
				return err
			}
			continue
		}
		c.row.updated = time.Now().UTC().Format(time.RFC3339)
		c.row.crc = c.row.checksum()
		w.model.classes += c.row.crc
		_, err := w.exec("UPDATE class SET name = ?, count = ?, sum = ?, pictures = ?, updated = ?, crc = ? WHERE id = ?",
			c.row.name, c.row.count, encodeFloat64(c.row.sum), c.row.pictures, c.row.updated, c.row.crc, id)
		if err != nil {
			return err
		}
	}
	if w.model.classes == before {
		return nil
	}
	_, err := w.exec("UPDATE model SET classes = ?, crc = ?, file = ?", w.model.classes, w.model.checksum(), w.model.file)
	return err
}
