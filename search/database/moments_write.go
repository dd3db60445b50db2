package database

import (
	"errors"

	"vs/search/moments"
)

// momentsWriter keeps the sums for classifiers true within one transaction.
type momentsWriter struct {
	rounder
	read    bool // the row has been looked for
	kept    bool // there is one
	row     momentsRow
	changed bool
	classes map[int64]*classMoments // that were looked for; without a row they count nothing
	nextID  int64                   // of a picture
}

// moments returns the row of the sums, nil where none are kept.
func (w *writer) moments() (*momentsRow, error) {
	m := &w.sums
	if !m.read {
		var err error
		if m.row, m.kept, err = readMoments(w.ctx, w, &w.model); err != nil {
			return nil, err
		}
		m.read = true
		m.classes = make(map[int64]*classMoments)
	}
	if !m.kept {
		return nil, nil
	}
	return &m.row, nil
}

// newID returns an id for a new picture: greater than that of any picture that is counted, though
// the greatest ones may have gone.
func (w *writer) newID() (int64, error) {
	if w.sums.nextID == 0 {
		if _, err := w.value(&w.sums.nextID, "SELECT ifnull(max(id), 0) FROM picture"); err != nil {
			return 0, err
		}
		row, err := w.moments()
		if err != nil {
			return 0, err
		}
		if row != nil {
			w.sums.nextID = max(w.sums.nextID, row.counted)
		}
	}
	w.sums.nextID++
	return w.sums.nextID, nil
}

// classMoments returns the sums of a class.
func (w *writer) classMoments(class int64) (*classMoments, error) {
	if c := w.sums.classes[class]; c != nil {
		return c, nil
	}
	c := newClassMoments(class, w.model.EmbeddingDim)
	err := readClassMoments(w.ctx, w, &w.model, func(read *classMoments) error {
		c = read
		return nil
	}, "WHERE class_id = ?", class)
	w.sums.classes[class] = c
	return c, err
}

// retire takes the pictures that the rest of a SELECT names, of one class, out of the sums, as far
// as they are counted. Where one is damaged nobody knows what it added, and the sums are forgotten.
func (w *writer) retire(class int64, rest string, args ...any) error {
	row, err := w.moments()
	if err != nil || row == nil {
		return err
	}
	c, err := w.classMoments(class)
	if err != nil {
		return err
	}
	err = readPictures(w.ctx, w, &w.model, func(p *pictureRow, damage error) error {
		if damage != nil || p.id > row.counted {
			return damage
		}
		vector := encodeFloat32(p.examples())
		crc := checksum(p.id, vector)
		if _, err := w.exec("INSERT INTO moment_gone (id, vector, crc) VALUES (?, ?, ?)", p.id, vector, crc); err != nil {
			return err
		}
		row.gone += crc
		c.add(p.name, w.sums.features(p.examples(), w.model.EmbeddingDim), -1)
		c.changed, w.sums.changed = true, true
		return nil
	}, rest, args...)
	if errors.Is(err, errDamaged) {
		return w.forgetMoments()
	}
	return err
}

// mergeMoments gives what is counted of a class to another one, together with its pictures.
func (w *writer) mergeMoments(from, into int64) error {
	row, err := w.moments()
	if err != nil || row == nil {
		return err
	}
	source, err := w.classMoments(from)
	if err != nil {
		return err
	}
	target, err := w.classMoments(into)
	if err != nil {
		return err
	}
	for i, sum := range source.sums {
		for j, v := range sum {
			target.sums[i][j] += v
		}
		clear(sum)
	}
	target.count, source.count = target.count+source.count, 0
	target.names, source.names = target.names+source.names, 0
	target.changed, source.changed, w.sums.changed = true, true, true
	return nil
}

// renameMoments gives a picture of a class another name in the sums.
func (w *writer) renameMoments(class, id int64, name, free string) error {
	row, err := w.moments()
	if err != nil || row == nil || id > row.counted {
		return err
	}
	c, err := w.classMoments(class)
	if err != nil {
		return err
	}
	c.names += checksum(free) - checksum(name)
	c.changed, w.sums.changed = true, true
	return nil
}

// forgetMoments drops all sums.
func (w *writer) forgetMoments() error {
	for _, table := range []string{"moments", "moment_products", "moment_class", "moment_gone"} {
		if _, err := w.exec("DELETE FROM " + table); err != nil {
			return err
		}
	}
	w.sums = momentsWriter{read: true, classes: make(map[int64]*classMoments), nextID: w.sums.nextID}
	return nil
}

// finishMoments writes the rows that have changed, before classes without pictures are deleted.
func (w *writer) finishMoments() error {
	m := &w.sums
	if !m.kept || !m.changed {
		return nil
	}
	for _, c := range m.classes {
		if !c.changed {
			continue
		}
		m.row.classes -= c.crc
		c.crc, c.changed = 0, false
		if c.count == 0 {
			if _, err := w.exec("DELETE FROM moment_class WHERE class_id = ?", c.class); err != nil {
				return err
			}
			continue
		}
		blob := c.encode()
		c.crc = c.checksum(blob)
		m.row.classes += c.crc
		_, err := w.exec("INSERT OR REPLACE INTO moment_class (class_id, count, names, sums, crc) VALUES (?, ?, ?, ?, ?)",
			c.class, c.count, c.names, blob, c.crc)
		if err != nil {
			return err
		}
	}
	_, err := w.exec("INSERT OR REPLACE INTO moments (id, counted, products, classes, gone, crc) VALUES (1, ?, ?, ?, ?, ?)",
		m.row.counted, m.row.products, m.row.classes, m.row.gone, m.row.checksum())
	return err
}

// writeProducts writes Σttᵀ under each power.
func (w *writer) writeProducts(all [len(moments.Powers)]*moments.Products) error {
	w.sums.row.products, w.sums.changed = 0, true
	for power, products := range all {
		blob := products.Encode()
		crc := checksum(power, blob)
		w.sums.row.products += crc
		if _, err := w.exec("INSERT OR REPLACE INTO moment_products (power, sum, crc) VALUES (?, ?, ?)", power, blob, crc); err != nil {
			return err
		}
	}
	return nil
}
