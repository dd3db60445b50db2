package database

import (
	"context"
	"database/sql"
	"fmt"

	"vs/data/transform"
)

// Picture is a picture of a class, as it is stored.
type Picture struct {
	Label, Name string
	Hash        [32]byte // SHA-256 of the file's content; zero where the file could not be read
	Size        int64    // of the file, in bytes
	Embedding   []float32
	Training    []float32 // mean over the picture and its instances; nil without augmentation
}

func (p *Picture) row() pictureRow {
	return pictureRow{name: p.Name, hash: p.Hash[:], size: p.Size, embedding: p.Embedding, training: p.Training}
}

// Session stores pictures in batches. It is for one goroutine, apart from [Session.Known].
type Session struct {
	db           *DB
	augmentation transform.Augmentation
	known        map[[32]byte]bool
	evicted      evicted
}

// NewSession prepares a database that belongs to a model for writing.
func (d *DB) NewSession(ctx context.Context) (*Session, error) {
	if err := d.migrateAndEnableWAL(ctx); err != nil {
		return nil, err
	}
	augmentation, err := d.augmentation(ctx)
	if err != nil {
		return nil, err
	}
	known, err := d.contents(ctx)
	if err != nil {
		return nil, err
	}
	return &Session{db: d, augmentation: augmentation, known: known, evicted: evicted{}}, nil
}

// Augmentation returns the augmentation that training vectors are made by.
func (s *Session) Augmentation() transform.Augmentation { return s.augmentation }

// Known reports whether the database had the embedding of a content when the session began. It is safe for concurrent use.
func (s *Session) Known(hash [32]byte) bool { return s.known[hash] }

// Write stores a batch in one transaction: f says what is in it.
func (s *Session) Write(ctx context.Context, f func(b *Batch) error) error {
	return s.db.write(ctx, func(w *writer) error {
		w.sumLater = true
		w.evicted = s.evicted
		return f(&Batch{w})
	})
}

// Finish computes the sums that batches have left open. If each batch computed them, a large class would be read as often as
// new pictures come between its own.
func (s *Session) Finish(ctx context.Context) error { return s.db.recomputeSums(ctx) }

// Batch is a transaction of a [Session].
type Batch struct{ w *writer }

// Put stores a picture with its embedding, in place of one of the same class and name.
func (b *Batch) Put(p Picture) error {
	return p.explain(b.w.put(p.Label, p.row()))
}

// Reuse gives a picture whose content is [Session.Known] the embedding that its content has.
func (b *Batch) Reuse(p Picture) error {
	return p.explain(b.w.reuse(p.Label, p.row()))
}

// DropUndecodable removes the row of a picture whose file has turned into something that cannot be decoded. A file that could
// not even be read keeps its row: it may come back.
func (b *Batch) DropUndecodable(p Picture) error {
	return p.explain(b.w.deleteUndecodable(p.Label, p.row()))
}

func (p *Picture) explain(err error) error {
	if err != nil {
		return fmt.Errorf("picture %s/%s: %w", p.Label, p.Name, err)
	}
	return nil
}

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
		return nil, fmt.Errorf("read database %s: %w", d.path, withRemedy(err))
	}
	return known, nil
}

// recomputeSums makes the sums that are open, and only then takes a writer's lock.
func (d *DB) recomputeSums(ctx context.Context) error {
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
