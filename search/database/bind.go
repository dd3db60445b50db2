package database

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"

	"vs/data/transform"
)

// Bind ties an empty database to a model, or checks that it belongs to it already. It returns an error that wraps
// [ErrMismatch] where the model's file or transform is another. An augmentation that the database has stays; a new one has none.
func (d *DB) Bind(ctx context.Context, m Model) error { return d.bind(ctx, m, nil) }

// BindAugmented is Bind for a database that has, or if it is new gets, this augmentation, which may be the zero value for none.
// Another one is an error that wraps [ErrMismatch] as well. Ingest makes training instances by it.
func (d *DB) BindAugmented(ctx context.Context, m Model, a transform.Augmentation) error {
	if err := a.Validate(); err != nil {
		return fmt.Errorf("database %s: %w", d.path, err)
	}
	return d.bind(ctx, m, &a)
}

func (d *DB) bind(ctx context.Context, m Model, a *transform.Augmentation) error {
	err := d.transact(ctx, func(tx *sql.Tx) error {
		have, ok, err := readModel(ctx, tx)
		if err != nil {
			return err
		}
		if ok {
			err = have.check(m)
			if err == nil && a != nil {
				err = have.checkAugmentation(*a)
			}
			return err
		}
		if err := migrate(ctx, tx); err != nil {
			return err
		}
		row := modelRow{Model: m}
		if a != nil {
			row.augmentation = *a
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO model (id, name, hash, transform, embedding_dim, num_params, metadata, classes, crc, augmentation)
			VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			m.Name, m.Hash, m.Recipe, m.EmbeddingDim, m.NumParams, m.Metadata, row.classes, row.checksum(), row.augmentation.String())
		return err
	})
	if err != nil {
		return fmt.Errorf("database %s: %w", d.path, err)
	}
	return nil
}

// augmentation returns that of the database, which is none where it belongs to no model yet.
func (d *DB) augmentation(ctx context.Context) (transform.Augmentation, error) {
	m, _, err := readModel(ctx, d.sql)
	if err != nil {
		return transform.Augmentation{}, fmt.Errorf("read database %s: %w", d.path, withRemedy(err))
	}
	return m.augmentation, nil
}

// Check returns an error that wraps [ErrMismatch] where the database does not belong to the model.
func (d *DB) Check(ctx context.Context, m Model) error {
	have, ok, err := d.Model(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("database %s: %w", d.path, errUnbound)
	}
	if err := have.check(m); err != nil {
		return fmt.Errorf("database %s: %w", d.path, err)
	}
	return nil
}

func (m Model) check(other Model) error {
	switch {
	case m.Hash != other.Hash:
		return fmt.Errorf("%w: it was made with %s (SHA-256 %.12s…), not with %s (SHA-256 %.12s…); use that model or another database file",
			ErrMismatch, m.Name, m.Hash, other.Name, other.Hash)
	case m.Recipe != other.Recipe:
		return fmt.Errorf("%w: its pictures were prepared by %s, not by %s; use another database file", ErrMismatch, m.Recipe, other.Recipe)
	}
	return nil
}

func (m *modelRow) checkAugmentation(a transform.Augmentation) error {
	if m.augmentation == a {
		return nil
	}
	name := func(a transform.Augmentation) string { return cmp.Or(a.String(), "none") }
	return fmt.Errorf("%w: its augmentation is %s, not %s; leave out --augment to go on with it, or use another database file",
		ErrMismatch, name(m.augmentation), name(a))
}
