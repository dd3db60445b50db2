package database

import (
	"context"
	"database/sql"
	"encoding/binary"
	"slices"

	"vs/search/moments"
)

// A database keeps the sums that linear classifiers are made of: Σttᵀ of the features of all
// pictures and Σt of each class, see package moments. They count the pictures up to some id. A new
// picture gets a greater one, and costs nothing until [DB.CountPictures] adds it; the vector of a
// picture that goes is kept until that takes it away. So no change of a class needs the pictures of
// another one, and a class leaves nothing behind, since the sums are exact.
//
// The sums are there to save time. Whoever reads them adds and takes away what is still open, and
// makes them of all pictures where they are not there.

// addMoments makes room for the sums.
func addMoments(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
CREATE TABLE moments (
	id       INTEGER PRIMARY KEY CHECK (id = 1),
	counted  INTEGER NOT NULL,     -- greatest id of a picture that the sums count
	products INTEGER NOT NULL,     -- sum of the checksums of moment_products
	classes  INTEGER NOT NULL,     -- of moment_class
	gone     INTEGER NOT NULL,     -- of moment_gone
	crc      INTEGER NOT NULL
) STRICT;
CREATE TABLE moment_products (
	power INTEGER PRIMARY KEY,     -- of the features: 0 is a half, 1 is one
	sum   BLOB    NOT NULL,        -- Σttᵀ, the lower triangle row by row, int128 in units of 2⁻⁶⁰
	crc   INTEGER NOT NULL
) STRICT;
CREATE TABLE moment_class (
	class_id INTEGER PRIMARY KEY REFERENCES class (id) ON DELETE CASCADE,
	count    INTEGER NOT NULL,     -- pictures of the class that the sums count
	names    INTEGER NOT NULL,     -- sum of the checksums of their names
	sums     BLOB    NOT NULL,     -- Σt of these under both powers, int64 [2, D] in units of 2⁻³⁰
	crc      INTEGER NOT NULL
) STRICT;
CREATE TABLE moment_gone (
	id     INTEGER PRIMARY KEY,    -- that the picture had
	vector BLOB    NOT NULL,       -- float32 [examples, D], still in moment_products
	crc    INTEGER NOT NULL
) STRICT;
`)
	return err
}

// sumsFrom is the least ratio of pictures to dimensions at which sums are kept and used. They then
// take no more space than the embeddings, and less time to read.
const sumsFrom = 4

// hasSums reports whether a classifier of that many pictures is made of sums. Nothing else decides
// on it: whether the sums are there must not change an answer.
func (m *modelRow) hasSums(pictures int) bool { return pictures >= sumsFrom*m.EmbeddingDim }

// momentsRow is the only row of the table moments. Where there is none, nothing is counted.
type momentsRow struct {
	counted, products, classes, gone int64
}

func (h *momentsRow) checksum() int64 {
	return checksum(h.counted, h.products, h.classes, h.gone)
}

// readMoments returns false where no sums are kept.
func readMoments(ctx context.Context, q querier, m *modelRow) (h momentsRow, ok bool, err error) {
	if m.version < momentsVersion {
		return h, false, nil
	}
	err = each(ctx, q, func(rows *sql.Rows) error {
		var crc int64
		ok = true
		if err := rows.Scan(&h.counted, &h.products, &h.classes, &h.gone, &crc); err != nil {
			return err
		}
		if h.checksum() != crc {
			return damagef("the checksum of the sums for classifiers is wrong")
		}
		return nil
	}, "SELECT counted, products, classes, gone, crc FROM moments")
	return h, ok, err
}

// classMoments is a row of the table moment_class.
type classMoments struct {
	class   int64
	count   int
	names   int64
	sums    [len(moments.Powers)][]int64 // [D] each
	crc     int64                        // as it was read; 0 where there is no row yet
	changed bool
}

func newClassMoments(class int64, dim int) *classMoments {
	c := &classMoments{class: class}
	for i := range c.sums {
		c.sums[i] = make([]int64, dim)
	}
	return c
}

func (c *classMoments) encode() []byte {
	var blob []byte
	for _, sum := range c.sums {
		for _, v := range sum {
			blob = binary.LittleEndian.AppendUint64(blob, uint64(v))
		}
	}
	return blob
}

func (c *classMoments) decode(blob []byte) error {
	dim := len(c.sums[0])
	if err := checkLength(blob, 8*dim*len(c.sums)); err != nil {
		return err
	}
	for i := range dim * len(c.sums) {
		c.sums[i/dim][i%dim] = int64(binary.LittleEndian.Uint64(blob[8*i:]))
	}
	return nil
}

// checksum covers the row whose blob is given.
func (c *classMoments) checksum(blob []byte) int64 {
	return checksum(c.class, c.count, c.names, blob)
}

// add counts a picture of some name by the features of its examples, or with sign −1 no longer
// does.
func (c *classMoments) add(name string, list []features, sign int64) {
	c.count += int(sign)
	c.names += sign * checksum(name)
	for _, f := range list {
		for i, sum := range c.sums {
			for j, v := range f[i] {
				sum[j] += sign * v
			}
		}
	}
}

// readClassMoments calls f for the rows that the rest of a SELECT names.
func readClassMoments(ctx context.Context, q querier, m *modelRow, f func(c *classMoments) error, rest string, args ...any) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		c := newClassMoments(0, m.EmbeddingDim)
		var blob sql.RawBytes
		if err := rows.Scan(&c.class, &c.count, &c.names, &blob, &c.crc); err != nil {
			return err
		}
		if err := c.decode(blob); err != nil || c.checksum(blob) != c.crc {
			return damagef("the sums of a class for classifiers: their checksum is wrong")
		}
		return f(c)
	}, "SELECT class_id, count, names, sums, crc FROM moment_class "+rest, args...)
}

// readProducts returns Σttᵀ under each power.
func readProducts(ctx context.Context, q querier, m *modelRow, h *momentsRow) (all [len(moments.Powers)]*moments.Products, err error) {
	var sum int64
	next := 0
	err = each(ctx, q, func(rows *sql.Rows) error {
		var power int
		var crc int64
		var blob sql.RawBytes
		if err := rows.Scan(&power, &blob, &crc); err != nil {
			return err
		}
		if power != next || next == len(all) || checksum(power, []byte(blob)) != crc {
			return damagef("the products for classifiers: their checksum is wrong")
		}
		products, err := moments.Decode(m.EmbeddingDim, blob)
		if err != nil {
			return damagef("the products for classifiers: %v", err)
		}
		all[next] = products
		next++
		sum += crc
		return nil
	}, "SELECT power, sum, crc FROM moment_products ORDER BY power")
	if err == nil && (sum != h.products || next != len(all)) {
		err = damagef("the products for classifiers do not match their checksum")
	}
	return all, err
}

// readGone calls f for the examples of pictures that have gone, at most that many of them, and
// returns the sum of their checksums.
func readGone(ctx context.Context, q querier, m *modelRow, limit int, f func(id int64, examples []float32) error) (sum int64, err error) {
	examples := make([]float32, m.examples()*m.EmbeddingDim)
	err = each(ctx, q, func(rows *sql.Rows) error {
		var id, crc int64
		var blob sql.RawBytes
		if err := rows.Scan(&id, &blob, &crc); err != nil {
			return err
		}
		if err := decodeFloat32(examples, blob); err != nil || checksum(id, []byte(blob)) != crc {
			return damagef("a picture that has gone: its checksum is wrong")
		}
		sum += crc
		return f(id, examples)
	}, "SELECT id, vector, crc FROM moment_gone ORDER BY id LIMIT ?", limit)
	return sum, err
}

// features are those of a vector under each power.
type features [len(moments.Powers)][]int64

// rounder makes features of vectors.
type rounder struct{ scratch []float64 }

// features returns the features of each of some vectors, [n, dim], which are new.
func (r *rounder) features(vectors []float32, dim int) (out []features) {
	if len(r.scratch) != dim {
		r.scratch = make([]float64, dim)
	}
	for vector := range slices.Chunk(vectors, dim) {
		var f features
		for i, power := range moments.Powers {
			f[i] = make([]int64, dim)
			moments.Round(f[i], vector, power, r.scratch)
		}
		out = append(out, f)
	}
	return out
}
