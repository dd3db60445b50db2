package database

import (
	"cmp"
	"context"
	"fmt"

	"vs/data/transform"
)

// Bind says which model's pictures come into the database. The first of them ties an empty database
// to the model, so that one which embeds nothing leaves no trace. Bind returns an error that wraps
// [ErrMismatch] where the database belongs to another model file or another recipe. An augmentation
// that the database has stays; a new one has none.
func (d *DB) Bind(ctx context.Context, m Model) error { return d.bind(ctx, m, nil) }

// BindAugmented is Bind for a database that has, or if it is new gets, this augmentation, which may
// be the zero value for none. Another one is an error that wraps [ErrMismatch] as well. Training
// instances are made by it.
func (d *DB) BindAugmented(ctx context.Context, m Model, a transform.Augmentation) error {
	if err := a.Validate(); err != nil {
		return fmt.Errorf("database %s: %w", d.path, err)
	}
	return d.bind(ctx, m, &a)
}

func (d *DB) bind(ctx context.Context, m Model, a *transform.Augmentation) error {
	have, ok, err := d.bound(ctx)
	if err != nil {
		return err
	}
	if !ok {
		row := modelRow{Model: m}
		if a != nil {
			row.augmentation, row.instances = *a, a.Instances
		}
		d.mutex.Lock()
		defer d.mutex.Unlock()
		d.binding = &row
		return nil
	}
	err = checkModel(have.Model, m)
	if err == nil && a != nil {
		err = have.checkAugmentation(*a)
	}
	if err != nil {
		return fmt.Errorf("database %s: %w", d.path, err)
	}
	return nil
}

// RememberModelFile says where the model file is, or the name of a built-in model. The next change
// of the database writes it down as a hint, see [Info].
func (d *DB) RememberModelFile(path string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.file = path
}

// bound returns the model that the database belongs to, or that its first picture will bind it to.
func (d *DB) bound(ctx context.Context) (m modelRow, ok bool, err error) {
	if m, ok, err = d.modelRow(ctx); err != nil || ok {
		return m, ok, err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.binding == nil {
		return modelRow{}, false, nil
	}
	return *d.binding, true, nil
}

// bindTo makes the row of the model, whose file is there. Another process may have bound the
// database since.
func (w *writer) bindTo(binding *modelRow, file string) error {
	m, ok, err := readModel(w.ctx, w)
	if err != nil {
		return err
	}
	if ok {
		m.file = cmp.Or(file, m.file)
		w.model = m
		if binding == nil {
			return nil
		}
		return cmp.Or(checkModel(m.Model, binding.Model), m.checkAugmentation(binding.augmentation))
	}
	if binding == nil {
		return errUnbound
	}
	if err := migrate(w.ctx, w.tx); err != nil {
		return err
	}
	m = *binding
	m.version, m.file = schemaVersion(), file
	w.model, w.binds = m, true
	_, err = w.exec(`INSERT INTO model (id, name, hash, recipe, embedding_dim, num_params, metadata, classes, crc, augmentation, file, instances)
		VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.Name, m.Hash, m.Recipe, m.EmbeddingDim, m.NumParams, m.Metadata, m.classes, m.checksum(), m.augmentation.String(), m.file, m.instances)
	return err
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
	if err := checkModel(have, m); err != nil {
		return fmt.Errorf("database %s: %w", d.path, err)
	}
	return nil
}

// checkModel compares the model of a database with another.
func checkModel(m, other Model) error {
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
