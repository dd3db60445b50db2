package database

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vs/data"
	"vs/data/progress"
	"vs/search/moments"
)

// Sums are what a classifier that is made of sums needs of a database.
type Sums struct {
	Labels []string
	Counts []int // [C] pictures of each label
	Dim    int   // D
	Sums   []*moments.Sums

	// Chosen are some of the pictures, in the order of [Embeddings].
	Chosen *Embeddings
}

// LoadSums returns the sums of the features of all pictures, the same whether the database keeps
// them or not, and the pictures that choose names by their places in the order of [Embeddings]
// where classes have that many. It returns nil where there are so few pictures for the size of
// their embeddings that a classifier is better made of [DB.Load].
func (d *DB) LoadSums(ctx context.Context, multiply moments.Multiply, choose func(counts []int) []int) (*Sums, error) {
	var out *Sums
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		classes, err := allClasses(ctx, q, m)
		if err != nil || !m.hasSums(pictures(classes)) {
			return err
		}
		out = &Sums{Dim: m.EmbeddingDim}
		for _, c := range classes {
			out.Labels = append(out.Labels, c.name)
			out.Counts = append(out.Counts, c.count)
		}
		r := &sumsReader{ctx: ctx, q: q, m: m, classes: classes, byClass: make(map[int64]*classMoments)}
		if out.Sums, err = r.read(multiply); err != nil {
			return err
		}
		out.Chosen, err = r.chosen(choose(out.Counts))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return out, nil
}

// sumsReader reads the sums of one state of a file.
type sumsReader struct {
	ctx     context.Context
	q       querier
	m       *modelRow
	classes []*classRow             // in the order of their names
	byClass map[int64]*classMoments // nil where only pictures are read
}

func (r *sumsReader) read(multiply moments.Multiply) ([]*moments.Sums, error) {
	row, kept, err := readMoments(r.ctx, r.q, r.m)
	if err != nil {
		return nil, err
	}
	adder := adder{dim: r.m.EmbeddingDim, multiply: multiply}
	for _, c := range r.classes {
		r.byClass[c.id] = newClassMoments(c.id, r.m.EmbeddingDim)
	}
	if kept {
		if adder.products, err = readProducts(r.ctx, r.q, r.m, &row); err == nil {
			err = r.readClasses(&row)
		}
	} else {
		for i := range adder.products {
			adder.products[i] = moments.NewProducts(r.m.EmbeddingDim)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := r.addUncounted(&row, &adder); err != nil {
		return nil, err
	}
	if kept {
		sum, err := readGone(r.ctx, r.q, r.m, -1, func(_ int64, examples []float32) error {
			adder.add(examples, -1)
			return adder.err
		})
		if err == nil && sum != row.gone {
			err = damagef("the pictures that have gone do not match their checksum")
		}
		if err != nil {
			return nil, err
		}
		if err := adder.flush(-1); err != nil {
			return nil, err
		}
	}
	var out []*moments.Sums
	for i, power := range moments.Powers {
		s := &moments.Sums{Power: power, Products: adder.products[i]}
		for _, c := range r.classes {
			s.Classes = append(s.Classes, r.byClass[c.id].sums[i])
		}
		out = append(out, s)
	}
	return out, nil
}

// readClasses reads what is counted of the classes.
func (r *sumsReader) readClasses(row *momentsRow) error {
	var sum int64
	err := readClassMoments(r.ctx, r.q, r.m, func(c *classMoments) error {
		if r.byClass[c.class] == nil {
			return damagef("there are sums for classifiers of a class that does not exist")
		}
		r.byClass[c.class] = c
		sum += c.crc
		return nil
	}, "")
	if err == nil && sum != row.classes {
		err = damagef("the sums of the classes for classifiers do not match their checksum")
	}
	return err
}

// addUncounted adds the pictures after those that are counted, and checks that there are no others
// than those of the classes: by their checksums where all are read, else by their numbers.
func (r *sumsReader) addUncounted(row *momentsRow, adder *adder) error {
	found := make(map[int64]int64) // sum of the checksums of the pictures, by class
	task := progress.Begin(r.ctx, "adding up features", "pictures", progress.Unknown)
	defer task.End()
	err := readPictures(r.ctx, r.q, r.m, func(p *pictureRow, damage error) error {
		c := r.byClass[p.class]
		if damage == nil && c == nil {
			damage = damagef("picture %s belongs to a class that does not exist", p.name)
		}
		if damage != nil {
			return damage
		}
		c.add(p.name, adder.add(p.examples(), 1), 1)
		found[p.class] += p.crc
		task.Add(1)
		return adder.err
	}, "WHERE id > ? ORDER BY id", row.counted)
	if err == nil {
		err = adder.flush(1)
	}
	if err != nil {
		return err
	}
	for _, c := range r.classes {
		if r.byClass[c.id].count != c.count || row.counted == 0 && found[c.id] != c.pictures {
			return fmt.Errorf("class %s: %w", c.name, damagef("its pictures do not match their checksum"))
		}
	}
	return nil
}

// chosen reads the pictures at some places, which are ascending, of all of them in order.
func (r *sumsReader) chosen(places []int) (*Embeddings, error) {
	set := &Embeddings{Dim: r.m.EmbeddingDim}
	first := 0
	for _, c := range r.classes {
		var own []int
		for len(places) > 0 && places[0] < first+c.count {
			own, places = append(own, places[0]-first), places[1:]
		}
		first += c.count
		if len(own) == 0 {
			continue
		}
		if err := r.chosenOf(c, own, set); err != nil {
			return nil, fmt.Errorf("class %s: %w", c.name, err)
		}
	}
	return set, nil
}

// chosenOf reads the pictures at some places of a class.
func (r *sumsReader) chosenOf(c *classRow, places []int, set *Embeddings) error {
	type entry struct {
		id   int64
		name string
	}
	var all []entry
	var names int64
	err := each(r.ctx, r.q, func(rows *sql.Rows) error {
		var e entry
		err := rows.Scan(&e.id, &e.name)
		all = append(all, e)
		names += checksum(e.name)
		return err
	}, "SELECT id, name FROM picture WHERE class_id = ? ORDER BY name", c.id) // from the index alone
	if err != nil {
		return err
	}
	if len(all) != c.count || r.byClass != nil && names != r.byClass[c.id].names {
		return damagef("the index of its pictures is wrong")
	}
	slices.SortFunc(all, func(a, b entry) int { return data.CompareNames(a.name, b.name) })
	var ids []any
	at := make(map[int64]int) // the place in found, by id
	for i, place := range places {
		ids = append(ids, all[place].id)
		at[all[place].id] = i
	}
	found := make([]*pictureRow, len(places))
	for some := range slices.Chunk(ids, 512) {
		err := readPictures(r.ctx, r.q, r.m, func(p *pictureRow, damage error) error {
			i, ok := at[p.id]
			if damage == nil && (!ok || p.class != c.id || p.name != all[places[i]].name) {
				damage = damagef("the index of its pictures is wrong")
			}
			if damage == nil {
				row := *p
				row.hash, row.embedding, row.training, row.instances = slices.Clone(p.hash), slices.Clone(p.embedding), slices.Clone(p.training), slices.Clone(p.instances)
				found[i] = &row
			}
			return damage
		}, "WHERE id IN (?"+strings.Repeat(", ?", len(some)-1)+")", some...)
		if err != nil {
			return err
		}
	}
	for _, p := range found {
		if p == nil {
			return damagef("the index of its pictures is wrong")
		}
		set.addRow(c.name, p)
	}
	return nil
}
