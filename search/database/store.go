package database

import (
	"context"
	"database/sql"
	"errors"
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
	Instances   []float32 // [I, D] embeddings of these; nil without augmentation
}

func (p *Picture) row() pictureRow {
	return pictureRow{name: p.Name, hash: p.Hash[:], size: p.Size, embedding: p.Embedding, training: p.Training, instances: p.Instances}
}

// Session stores pictures in batches. It is for one goroutine, apart from [Session.Known].
type Session struct {
	db      *DB
	model   modelRow
	known   map[[32]byte]bool
	evicted evicted
}

// NewSession prepares a database for writing. It must belong to a model, or be bound to one by its
// first picture: see [DB.Bind].
func (d *DB) NewSession(ctx context.Context) (*Session, error) {
	model, ok, err := d.bound(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("write database %s: %w", d.path, errUnbound)
	}
	if err := d.prepareWriting(ctx); err != nil {
		return nil, err
	}
	known, err := d.contents(ctx)
	if err != nil {
		return nil, err
	}
	return &Session{db: d, model: model, known: known, evicted: evicted{}}, nil
}

// Model returns the model whose embeddings are stored.
func (s *Session) Model() Model { return s.model.Model }

// Augmentation returns the augmentation that training vectors are made by.
func (s *Session) Augmentation() transform.Augmentation { return s.model.augmentation }

// Known reports whether the database had the embedding of a content when the session began. It is
// safe for concurrent use.
func (s *Session) Known(hash [32]byte) bool { return s.known[hash] }

// Write stores a batch in one transaction.
func (s *Session) Write(ctx context.Context, b *Batch) error {
	if len(b.changes) == 0 {
		return nil
	}
	if !b.puts {
		// There may be no database yet, and then this is no reason to make one.
		if blank, err := s.db.isBlank(ctx); err != nil || blank {
			return withRemedy(err)
		}
	}
	err := s.db.write(ctx, func(w *writer) error {
		w.sumLater = true
		w.evicted = s.evicted
		for _, c := range b.changes {
			if err := c.make(w, c.picture.Label, c.picture.row()); err != nil {
				return fmt.Errorf("picture %s/%s: %w", c.picture.Label, c.picture.Name, err)
			}
		}
		return w.remember(b.decoders)
	})
	if err != nil || s.db.wal.Load() {
		return err
	}
	// The first batch has made the file.
	return s.db.prepareWriting(ctx)
}

// Finish computes the sums that batches have left open. If each batch computed them, a large class
// would be read as often as new pictures come between its own.
func (s *Session) Finish(ctx context.Context) error { return s.db.recomputeSums(ctx) }

// Batch is what a transaction of a [Session] does.
type Batch struct {
	changes  []pictureChange
	puts     bool
	decoders map[Decoder]bool // of the pictures that it puts, without times
}

type pictureChange struct {
	picture Picture
	make    func(w *writer, label string, p pictureRow) error
}

// Put stores a picture with its embedding, in place of one of the same class and name. See
// [CheckEmbedding].
func (b *Batch) Put(p Picture) {
	b.puts = true
	b.changes = append(b.changes, pictureChange{p, (*writer).putNew})
}

// Reuse gives a picture whose content is [Session.Known] the embedding that its content has.
func (b *Batch) Reuse(p Picture) {
	b.changes = append(b.changes, pictureChange{p, (*writer).reuse})
}

// DropUndecodable removes the row of a picture whose file has turned into something that cannot be
// used. A file that could not even be read keeps its row: it may come back.
func (b *Batch) DropUndecodable(p Picture) {
	b.changes = append(b.changes, pictureChange{p, (*writer).deleteUndecodable})
}

// contents returns the hashes of all pictures in the database.
func (d *DB) contents(ctx context.Context) (map[[32]byte]bool, error) {
	known := make(map[[32]byte]bool)
	if blank, err := d.isBlank(ctx); err != nil || blank {
		return known, err
	}
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
	if errors.Is(err, errUnbound) {
		return nil
	}
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
