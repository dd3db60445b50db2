package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"vs/data/transform"
)

// Every row has a checksum of all that it says, and a row that stands above others has the sum of
// their checksums: the model's row that of the classes, a class's row that of its pictures. So a
// row that is damaged is found, and a row that is missing, or there twice, as well. An addition
// instead of a hash lets a writer keep the sums without reading all rows.

// errDamaged is wrapped by errors about content that cannot have been written like this.
var errDamaged = errors.New("damaged")

func damagef(format string, args ...any) error {
	return fmt.Errorf("%w: %s; restore the file from a copy", errDamaged, fmt.Sprintf(format, args...))
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each runs a query and calls f for each row.
func each(ctx context.Context, q querier, f func(rows *sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// modelRow is the only row of the table model.
type modelRow struct {
	Model
	version      int   // of the tables
	classes      int64 // sum of their checksums
	augmentation transform.Augmentation
	instances    int    // of each picture, whose embeddings are kept: all, or in older databases none
	file         string // where the model file was last
}

func (m *modelRow) checksum() int64 { return m.checksumWith(m.augmentation.String()) }

func (m *modelRow) checksumWith(augmentation string) int64 {
	columns := []any{m.Name, m.Hash, m.Recipe, m.EmbeddingDim, m.NumParams, m.Metadata, m.classes}
	if augmentation != "" {
		columns = append(columns, augmentation)
	}
	if m.instances != 0 {
		columns = append(columns, m.instances)
	}
	return checksum(columns...)
}

// examples is how many vectors a picture counts as in a classifier.
func (m *modelRow) examples() int { return 1 + m.instances }

// newPicture returns a row for readPictures to fill.
func (m *modelRow) newPicture() *pictureRow {
	p := &pictureRow{embedding: make([]float32, m.EmbeddingDim)}
	if m.augmentation.Instances > 0 {
		p.training = make([]float32, m.EmbeddingDim)
	}
	if m.instances > 0 {
		p.instances = make([]float32, m.instances*m.EmbeddingDim)
	}
	return p
}

// since names a column that the tables have from a version on, or what takes its place in older
// ones.
func (m *modelRow) since(version int, column, older string) string {
	if m.version < version {
		return older
	}
	return column
}

// readModel returns false where the database belongs to no model yet.
func readModel(ctx context.Context, q querier) (m modelRow, ok bool, err error) {
	if m.version, err = readVersion(ctx, q); err != nil {
		return m, false, err
	}
	err = each(ctx, q, func(rows *sql.Rows) error {
		var crc int64
		var augmentation string
		ok = true
		if err := rows.Scan(&m.Name, &m.Hash, &m.Recipe, &m.EmbeddingDim, &m.NumParams, &m.Metadata, &m.classes, &crc, &augmentation, &m.file, &m.instances); err != nil {
			return err
		}
		if m.checksumWith(augmentation) != crc {
			return damagef("the checksum of its model is wrong")
		}
		if m.augmentation, err = transform.ParseAugmentation(augmentation); err != nil {
			return fmt.Errorf("%w; update vs", err)
		}
		if m.instances != 0 && m.instances != m.augmentation.Instances {
			return damagef("it keeps %d instances of each picture, and has the augmentation %s", m.instances, m.augmentation)
		}
		return nil
	}, "SELECT name, hash, "+m.since(recipeVersion, "recipe", "transform")+", embedding_dim, num_params, metadata, classes, crc, "+
		m.since(trainingVersion, "augmentation", "''")+", "+m.since(modelFileVersion, "file", "''")+", "+m.since(instancesVersion, "instances", "0")+" FROM model")
	if err == nil && !ok {
		// A database that lost its model must not be taken for a new one.
		err = each(ctx, q, func(*sql.Rows) error {
			return damagef("its model is missing")
		}, "SELECT 1 FROM class UNION ALL SELECT 1 FROM picture LIMIT 1")
	}
	return m, ok, err
}

// classRow is a row of the table class.
type classRow struct {
	id       int64
	name     string
	count    int
	sum      []float64 // of the pictures' training vectors, in the order of their names; nil: to be made from the pictures
	pictures int64     // sum of their checksums
	updated  string
	crc      int64
}

func (c *classRow) checksum() int64 {
	return checksum(c.id, c.name, c.count, encodeFloat64(c.sum), c.pictures, c.updated)
}

// add appends a picture.
func (c *classRow) add(p *pictureRow) {
	c.insert(p.crc)
	if c.sum != nil {
		addTo(c.sum, p.forClass())
	}
}

// insert counts a picture with the checksum crc, remove one that has gone. What they do to the sum
// is not known then.
func (c *classRow) insert(crc int64) { c.count, c.pictures = c.count+1, c.pictures+crc }
func (c *classRow) remove(crc int64) { c.count, c.pictures, c.sum = c.count-1, c.pictures-crc, nil }

func addTo(sum []float64, vector []float32) {
	for i, v := range vector {
		sum[i] += float64(v)
	}
}

func (c *classRow) mean() []float32 { return Mean(c.sum, c.count) }

// Mean returns the mean, [D], of that many vectors, of which the sum is given.
func Mean(sum []float64, count int) []float32 {
	mean := make([]float32, len(sum))
	for i, v := range sum {
		mean[i] = float32(v / float64(count))
	}
	return mean
}

const selectClasses = "SELECT id, name, count, sum, pictures, updated, crc FROM class "

// readClasses calls f for the classes that the rest of a SELECT names, each with what is wrong with
// it.
func readClasses(ctx context.Context, q querier, dim int, f func(c *classRow, damage error) error, rest string, args ...any) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		c := &classRow{}
		var blob sql.RawBytes
		if err := rows.Scan(&c.id, &c.name, &c.count, &blob, &c.pictures, &c.updated, &c.crc); err != nil {
			return err
		}
		var damage error
		if len(blob) > 0 {
			c.sum = make([]float64, dim)
			damage = decodeFloat64(c.sum, blob)
		}
		if damage == nil && c.checksum() != c.crc {
			damage = damagef("its checksum is wrong")
		}
		if damage != nil {
			damage = fmt.Errorf("class %s: %w", c.name, damage)
		}
		return f(c, damage)
	}, selectClasses+rest, args...)
}

// allClasses returns all classes of a model in the order of their names.
func allClasses(ctx context.Context, q querier, m *modelRow) ([]*classRow, error) {
	var classes []*classRow
	var sum int64
	err := readClasses(ctx, q, m.EmbeddingDim, func(c *classRow, damage error) error {
		if n := len(classes); damage == nil && n > 0 && classes[n-1].name >= c.name {
			damage = damagef("class %s stands in the wrong place", c.name)
		}
		classes = append(classes, c)
		sum += c.crc
		return damage
	}, "ORDER BY name")
	if err == nil && sum != m.classes {
		err = damagef("the checksums of the classes do not match that of the model: a class is missing, or from another copy")
	}
	for _, c := range classes {
		if err == nil && c.sum == nil {
			err = sumUp(ctx, q, c, m)
		}
	}
	return classes, err
}

// sumUp makes a class's sum from its pictures.
func sumUp(ctx context.Context, q querier, c *classRow, m *modelRow) error {
	c.sum = make([]float64, m.EmbeddingDim)
	return picturesOf(ctx, q, c, m, func(p *pictureRow) { addTo(c.sum, p.forClass()) })
}

// pictureRow is a row of the table picture.
type pictureRow struct {
	id        int64
	class     int64
	name      string
	hash      []byte // nil where the file could not be read
	size      int64
	embedding []float32
	training  []float32 // mean of the embeddings of the picture and its instances; nil without augmentation
	instances []float32 // [I, D] embeddings of the instances; nil where none are kept
	crc       int64
}

// examples returns the vectors that the picture counts as in a classifier, one after another: the
// embeddings of itself and its instances, or if none are kept the one that represents it.
func (p *pictureRow) examples() []float32 {
	if len(p.instances) == 0 {
		return p.forClass()
	}
	return slices.Concat(p.embedding, p.instances)
}

// forClass returns the vector that represents the picture in its class.
func (p *pictureRow) forClass() []float32 {
	if p.training != nil {
		return p.training
	}
	return p.embedding
}

func (p *pictureRow) checksum(embedding, training, instances []byte) int64 {
	columns := []any{p.class, p.name, p.hash, p.size, embedding}
	for _, more := range [][]byte{training, instances} {
		if len(more) > 0 {
			columns = append(columns, more)
		}
	}
	return checksum(columns...)
}

// readPictures calls f for the pictures that the rest of a SELECT names, each with what is wrong
// with it. The row is f's only until it returns.
func readPictures(ctx context.Context, q querier, m *modelRow, f func(p *pictureRow, damage error) error, rest string, args ...any) error {
	p := m.newPicture()
	return each(ctx, q, func(rows *sql.Rows) error {
		var hash, blob, training, instances sql.RawBytes
		if err := rows.Scan(&p.id, &p.class, &p.name, &hash, &p.size, &blob, &p.crc, &training, &instances); err != nil {
			return err
		}
		p.hash = hash
		damage := cmp.Or(decodeFloat32(p.embedding, blob), decodeFloat32(p.training, training), decodeFloat32(p.instances, instances))
		switch {
		case damage != nil:
		case len(hash) != 32:
			damage = damagef("its content hash has %d bytes", len(hash))
		case p.checksum(blob, training, instances) != p.crc:
			damage = damagef("its checksum is wrong")
		}
		if damage != nil {
			damage = fmt.Errorf("picture %s: %w", p.name, damage)
		}
		return f(p, damage)
	}, "SELECT id, class_id, name, hash, size, embedding, crc, "+m.since(trainingVersion, "training", "''")+", "+m.since(instancesVersion, "instances", "''")+" FROM picture "+rest, args...)
}

// picturesOf calls f for all pictures of a class in the order of their names. The row is f's only
// until it returns.
func picturesOf(ctx context.Context, q querier, c *classRow, m *modelRow, f func(p *pictureRow)) error {
	var (
		last string
		sum  int64
	)
	count := 0
	err := readPictures(ctx, q, m, func(p *pictureRow, damage error) error {
		if damage == nil && count > 0 && last >= p.name {
			damage = damagef("picture %s stands in the wrong place", p.name)
		}
		if damage != nil {
			return damage
		}
		last = p.name
		sum += p.crc
		count++
		f(p)
		return nil
	}, "WHERE class_id = ? ORDER BY name", c.id)
	if err == nil && (sum != c.pictures || count != c.count) {
		err = damagef("its pictures do not match their checksum")
	}
	if err != nil {
		return fmt.Errorf("class %s: %w", c.name, err)
	}
	return nil
}

// pictures counts those of some classes.
func pictures(classes []*classRow) (n int) {
	for _, c := range classes {
		n += c.count
	}
	return n
}
