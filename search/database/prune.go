package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"vs/data"
)

// picture names a picture of a class.
type picture struct{ class, name string }

// listedIn returns the pictures of a folder.
func listedIn(folder *data.Folder) map[picture]bool {
	listed := make(map[picture]bool, len(folder.Pictures))
	for _, p := range folder.Pictures {
		listed[picture{folder.Labels[p.Label], p.Name}] = true
	}
	return listed
}

// CountAbsent counts the pictures of the database that a folder does not hold. A picture that the
// folder lists is there, even if it cannot be read.
func (d *DB) CountAbsent(ctx context.Context, folder *data.Folder) (int, error) {
	var absent []picture
	err := d.view(ctx, func(q querier) (err error) {
		absent, err = absentFrom(ctx, q, listedIn(folder))
		return err
	})
	if errors.Is(err, errUnbound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("compare database %s with %s: %w", d.path, folder.Dir, err)
	}
	return len(absent), nil
}

func absentFrom(ctx context.Context, q querier, listed map[picture]bool) ([]picture, error) {
	var absent []picture
	err := each(ctx, q, func(rows *sql.Rows) error {
		var p picture
		if err := rows.Scan(&p.class, &p.name); err != nil {
			return err
		}
		if !listed[p] {
			absent = append(absent, p)
		}
		return nil
	}, "SELECT class.name, picture.name FROM class JOIN picture ON class_id = class.id ORDER BY class.name, picture.name")
	return absent, err
}

// Prune drops the pictures that a folder does not hold, all in one transaction, and returns their
// number.
func (d *DB) Prune(ctx context.Context, folder *data.Folder) (int, error) {
	listed := listedIn(folder)
	removed := 0
	if blank, err := d.isBlank(ctx); err != nil || blank {
		return 0, err
	}
	err := d.write(ctx, func(w *writer) error {
		absent, err := absentFrom(ctx, w, listed)
		if err != nil {
			return err
		}
		removed = len(absent)
		for _, p := range absent {
			class, err := w.class(p.class, false)
			if err != nil {
				return err
			}
			found, err := w.remove(class, p.name)
			if err == nil && !found {
				err = damagef("the index of its pictures is wrong")
			}
			if err != nil {
				return fmt.Errorf("picture %s/%s: %w", p.class, p.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("prune database %s: %w", d.path, err)
	}
	return removed, nil
}
