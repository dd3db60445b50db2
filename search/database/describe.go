package database

import (
	"context"
	"fmt"
	"os"

	"vs/data/transform"
)

// Info describes a database.
type Info struct {
	Model        Model
	Augmentation transform.Augmentation
	Classes      int
	Pictures     int
	Bytes        int64 // of the file
	Schema       int   // version of its tables
	Decoders     []Decoder
	ModelFile    string // where the model was when pictures came last, "" where unknown: only a hint
}

// Info describes the database, which must belong to a model.
func (d *DB) Info(ctx context.Context) (Info, error) {
	var info Info
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		info.Model, info.Augmentation, info.Schema, info.ModelFile = m.Model, m.augmentation, m.version, m.file
		classes, err := allClasses(ctx, q, m)
		if err == nil {
			info.Decoders, err = readDecoders(ctx, q, m)
		}
		info.Classes = len(classes)
		for _, c := range classes {
			info.Pictures += c.count
		}
		return err
	})
	if err == nil {
		info.Bytes, err = d.size()
	}
	if err != nil {
		return info, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return info, nil
}

// size returns the bytes of the database file.
func (d *DB) size() (int64, error) {
	info, err := os.Stat(d.path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Class describes a class of a database.
type Class struct {
	Label    string
	Pictures int
	Updated  string    // when it last changed: UTC, RFC 3339
	Mean     []float32 // [D] of its pictures' training vectors
}

// Classes describes all classes, in the order of their labels. It reads their sums, not their
// pictures.
func (d *DB) Classes(ctx context.Context) ([]Class, error) {
	var classes []Class
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		rows, err := allClasses(ctx, q, m)
		for _, c := range rows {
			classes = append(classes, Class{Label: c.name, Pictures: c.count, Updated: c.updated, Mean: c.mean()})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return classes, nil
}
