package database

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vs/data"
	"vs/data/progress"
	"vs/data/text"
	"vs/data/transform"
	"vs/search/exchange"
)

// ImportedMean is the name of the picture that an imported class consists of. Its embedding is the
// class's mean.
const ImportedMean = "imported.mean"

// ImportOptions says how a table is brought into a database.
type ImportOptions struct {
	Model   *Model // the model that the embeddings are from; nil: what the table says, else the database's own
	Replace bool   // pictures that the database has with other content
}

// Imported counts what Import did.
type Imported struct {
	New       int // pictures, or classes
	Replaced  int
	Unchanged int // in the database already
}

// Import brings a table into the database in one transaction. A database that belongs to no model
// yet is bound to the table's or the option's. An error that wraps [ErrMismatch] says that the
// embeddings are another model's, or that the database is augmented: the vectors by which pictures
// represent their classes in it are made from the pictures, not from a table.
//
// A class becomes a class of one picture, [ImportedMean], so that its sum is that of its pictures
// as in any class; one that has other pictures is refused, since the mean would count as one more
// of them. Where the table has no hash of a picture's content, that of its embedding stands in, and
// encoding the picture embeds it again.
func (d *DB) Import(ctx context.Context, t *exchange.Table, o ImportOptions) (*Imported, error) {
	done, err := d.importTable(ctx, t, o)
	if err != nil {
		return nil, fmt.Errorf("import into %s: %w", d.path, err)
	}
	return done, nil
}

func (d *DB) importTable(ctx context.Context, t *exchange.Table, o ImportOptions) (*Imported, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if err := d.bindTable(ctx, t, o.Model); err != nil {
		return nil, err
	}
	if err := checkEmbeddings(t); err != nil {
		return nil, err
	}
	if m, _, err := d.bound(ctx); err != nil || m.augmentation != (transform.Augmentation{}) {
		return nil, cmp.Or(err, fmt.Errorf("%w: its pictures are augmented by %s, and the file has embeddings only; import it into another database, or encode the pictures",
			ErrMismatch, m.augmentation))
	}
	if err := d.prepareWriting(ctx); err != nil {
		return nil, err
	}
	done := &Imported{}
	err := d.write(ctx, func(w *writer) error {
		task := progress.Begin(ctx, "importing", string(t.What), len(t.Labels))
		defer task.End()
		for _, i := range inOrder(t) {
			task.Add(1)
			if err := w.importRow(t, i, o.Replace, done); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// checkEmbeddings refuses embeddings with which nothing can be compared.
func checkEmbeddings(t *exchange.Table) error {
	for i := range t.Labels {
		if err := CheckEmbedding(t.Rows[i*t.Dim : (i+1)*t.Dim]); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return nil
}

// bindTable sees to it that the database belongs to the model that the table's embeddings are from.
func (d *DB) bindTable(ctx context.Context, t *exchange.Table, given *Model) error {
	var models []Model
	if given != nil {
		models = append(models, *given)
	}
	if t.Model != nil {
		models = append(models, *t.Model)
	}
	row, bound, err := d.bound(ctx)
	have := row.Model
	switch {
	case err != nil:
		return err
	case bound:
	case len(models) == 0:
		return errors.New("the database is empty, and neither it nor the file says which model the embeddings are from; name it with --model")
	default:
		have = models[0]
	}
	for _, m := range models {
		if err := checkModel(have, m); err != nil {
			return err
		}
	}
	if t.Dim != have.EmbeddingDim {
		return fmt.Errorf("%w: %s makes embeddings of %d elements, and these have %d", ErrMismatch, have.Name, have.EmbeddingDim, t.Dim)
	}
	return d.Bind(ctx, have)
}

// inOrder returns the rows in the order of labels and names, in which sums are cheapest to keep.
func inOrder(t *exchange.Table) []int {
	order := data.Indices(len(t.Labels))
	slices.SortFunc(order, func(a, b int) int {
		if c := strings.Compare(t.Labels[a], t.Labels[b]); c != 0 || t.What == exchange.Classes {
			return c
		}
		return strings.Compare(t.Files[a], t.Files[b])
	})
	return order
}

// importRow writes row i of a table and counts it.
func (w *writer) importRow(t *exchange.Table, i int, replace bool, done *Imported) error {
	label := t.Labels[i]
	p := pictureRow{name: ImportedMean, embedding: t.Rows[i*t.Dim : (i+1)*t.Dim]}
	if t.What == exchange.Pictures {
		p.name = t.Name(i)
	} else if err := w.refuseOthers(label); err != nil {
		return err
	}
	blob := encodeFloat32(p.embedding)
	hash := sha256.Sum256(blob)
	if t.Hashes != nil {
		hash = t.Hashes[i]
	}
	p.hash = hash[:]
	found, same, err := w.compare(label, &p, blob, t.Hashes != nil)
	switch {
	case err != nil:
	case !found:
		done.New++
	case same:
		done.Unchanged++
		return nil
	case replace:
		done.Replaced++
	default:
		err = errors.New("the database has it with other content; replace it with --replace, or leave it out")
	}
	if err == nil {
		err = w.put(label, p)
	}
	if err != nil {
		return fmt.Errorf("picture %s/%s: %w", label, p.name, err)
	}
	return nil
}

// compare looks a picture up and reports whether the database has it with the same embedding, and
// hash if that matters.
func (w *writer) compare(label string, p *pictureRow, blob []byte, hash bool) (found, same bool, err error) {
	class, err := w.class(label, false)
	if err != nil || class == 0 {
		return false, false, err
	}
	err = readPictures(w.ctx, w, &w.model, func(have *pictureRow, damage error) error {
		found = true
		same = bytes.Equal(encodeFloat32(have.embedding), blob) && (!hash || bytes.Equal(have.hash, p.hash))
		return damage
	}, "WHERE class_id = ? AND name = ?", class, p.name)
	return found, same, err
}

// refuseOthers refuses a mean for a class that has pictures.
func (w *writer) refuseOthers(label string) error {
	class, err := w.class(label, false)
	if err != nil || class == 0 {
		return err
	}
	var others int
	if _, err := w.value(&others, "SELECT count(*) FROM picture WHERE class_id = ? AND name != ?", class, ImportedMean); err != nil {
		return err
	}
	if others > 0 {
		return fmt.Errorf("class %s: the database has %s of it, and its mean would count as one more; drop the class first with: vs db remove, or use another database",
			label, text.Count(others, "picture"))
	}
	return nil
}
