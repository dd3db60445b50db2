package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"vs/data"

	"vs/data/progress"

	"vs/data/text"
)

// Verified is what [DB.Verify] found.
type Verified struct {
	Classes  int
	Pictures int
	Problems []string // each on a line; none in a sound database

	// Duplicates counts pictures of equal content, which are not damage.
	Duplicates data.DuplicateCount
}

// Verify reads the whole database and checks all that can be checked: SQLite's structures, the
// checksums of all rows, that none is missing, that embeddings and training vectors are numbers,
// that each class's count and sum are those of its pictures, and that so are the sums for
// classifiers. A database that belongs to no
// model yet, and so holds nothing, is an error. What it found is valid beside an error as well.
func (d *DB) Verify(ctx context.Context) (*Verified, error) {
	v := &verifier{classes: map[int64]*tally{}}
	err := d.view(ctx, func(q querier) error { return v.verify(ctx, q) })
	if err != nil {
		return &v.Verified, fmt.Errorf("verify database %s: %w", d.path, err)
	}
	return &v.Verified, nil
}

type verifier struct {
	Verified
	model   modelRow
	classes map[int64]*tally // by id
	hashes  [][32]byte       // of the pictures' contents, class by class
	counts  []int            // of each class
	sums    *sumsVerifier    // nil where no sums are kept
}

// tally is a class as it is written, and as its pictures are.
type tally struct {
	written, counted classRow
	unreadable       bool // one of the pictures, so that the sum cannot be compared
}

// problem adds a line. What is quoted in it may be damaged.
func (v *verifier) problem(format string, args ...any) {
	line := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, fmt.Sprintf(format, args...))
	v.Problems = append(v.Problems, line)
}

func (v *verifier) verify(ctx context.Context, q querier) error {
	err := each(ctx, q, func(rows *sql.Rows) error {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			v.problem("SQLite: %s", line)
		}
		return nil
	}, "PRAGMA integrity_check")
	if err != nil {
		return err
	}
	m, ok, err := readModel(ctx, q)
	switch {
	case errors.Is(err, errDamaged):
		// Then even the length of the vectors is not known.
		v.problem("%v", err)
		return nil
	case err != nil:
		return err
	case !ok:
		return errUnbound
	}
	v.model = m
	order, err := v.readClasses(ctx, q)
	if err != nil {
		return err
	}
	if v.sums, err = v.readSums(ctx, q); err != nil {
		return err
	}
	if err := v.readPictures(ctx, q); err != nil {
		return err
	}
	if v.sums != nil {
		v.compareSums()
	}
	for _, id := range order {
		v.compare(v.classes[id])
	}
	return nil
}

// readClasses returns the classes' ids in the order of their names.
func (v *verifier) readClasses(ctx context.Context, q querier) (order []int64, err error) {
	var sum int64
	err = readClasses(ctx, q, v.model.EmbeddingDim, func(c *classRow, damage error) error {
		if damage != nil {
			v.problem("%v", damage)
		}
		v.Classes++
		sum += c.crc
		v.classes[c.id] = &tally{written: *c, counted: classRow{sum: make([]float64, v.model.EmbeddingDim)}}
		order = append(order, c.id)
		return nil
	}, "ORDER BY name")
	if err == nil && sum != v.model.classes {
		v.problem("the classes do not match their checksum: one is missing, damaged, or of another time")
	}
	return order, err
}

func (v *verifier) readPictures(ctx context.Context, q querier) error {
	last, written := int64(0), 0
	for _, class := range v.classes {
		written += class.written.count
	}
	task := progress.Begin(ctx, "verifying", "pictures", written)
	defer task.End()
	err := readPictures(ctx, q, &v.model, func(p *pictureRow, damage error) error {
		v.Pictures++
		task.Add(1)
		class := v.classes[p.class]
		if class == nil {
			v.problem("picture %s: it belongs to a class that does not exist", p.name)
			return nil
		}
		if damage != nil {
			v.problem("class %s: %v", class.written.name, damage)
			class.unreadable = true
		} else if i := slices.IndexFunc(p.embedding, notFinite); i >= 0 {
			v.problem("class %s: picture %s: element %d of its embedding is %v", class.written.name, p.name, i, p.embedding[i])
		} else if i := slices.IndexFunc(p.training, notFinite); i >= 0 {
			v.problem("class %s: picture %s: element %d of its training vector is %v", class.written.name, p.name, i, p.training[i])
		} else if i := slices.IndexFunc(p.instances, notFinite); i >= 0 {
			v.problem("class %s: picture %s: element %d of its instances is %v", class.written.name, p.name, i, p.instances[i])
		}
		class.counted.add(p)
		if v.sums != nil {
			v.sums.add(p, damage)
		}
		if damage == nil {
			if len(v.counts) == 0 || p.class != last {
				last = p.class
				v.counts = append(v.counts, 0)
			}
			v.counts[len(v.counts)-1]++
			v.hashes = append(v.hashes, [32]byte(p.hash))
		}
		return nil
	}, "ORDER BY class_id, name")
	v.Duplicates = data.CountDuplicates(v.counts, data.Contents(v.hashes))
	return err
}

func notFinite(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) }

// compare compares a class with its pictures, sums to the bit.
func (v *verifier) compare(class *tally) {
	written, counted := &class.written, &class.counted
	switch {
	case counted.count == 0:
		v.problem("class %s: it has no pictures", written.name)
	case counted.count != written.count:
		v.problem("class %s: it has %s, and %d were written", written.name, text.Count(counted.count, "picture"), written.count)
	case counted.pictures != written.pictures:
		v.problem("class %s: its pictures do not match their checksum", written.name)
	case !class.unreadable && written.sum != nil && string(encodeFloat64(counted.sum)) != string(encodeFloat64(written.sum)):
		v.problem("class %s: its sum is not that of its pictures", written.name)
	}
}
