package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"vs/data"

	"vs/data/text"
)

// Remove drops classes with their pictures, all in one transaction, and returns the number of
// pictures.
func (d *DB) Remove(ctx context.Context, labels []string) (pictures int, err error) {
	check := func(all []string) error {
		_, err := data.ChooseLabels(all, labels, "the database")
		return err
	}
	err = d.edit(ctx, "remove classes", check, func(w *writer) error {
		for _, label := range labels {
			n, err := w.empty(label)
			if err != nil {
				return err
			}
			pictures += n
		}
		return nil
	})
	return pictures, err
}

// Rename gives a class another name, which no other class may have.
func (d *DB) Rename(ctx context.Context, label, name string) error {
	check := func(all []string) error {
		if _, err := data.ChooseLabels(all, []string{label}, "the database"); err != nil {
			return err
		}
		if slices.Contains(all, name) {
			return fmt.Errorf("there is a class %q already; to put the two together: vs db merge", name)
		}
		return data.CheckLabel(name)
	}
	return d.edit(ctx, "rename class", check, func(w *writer) error {
		id, err := w.class(label, false)
		if err != nil {
			return err
		}
		c, err := w.change(id)
		if err != nil {
			return err
		}
		c.row.name, c.changed = name, true
		return nil
	})
}

// Merge puts the pictures of classes into one, which is new or one of them, all in one transaction,
// and returns the number of its pictures. Of pictures with equal names the first keeps its name:
// those of the class itself, then those of the others in the order given. Another one, 1.jpg of the
// class lynx, becomes lynx-1.jpg, or if there is one, lynx-2-1.jpg and so on.
func (d *DB) Merge(ctx context.Context, labels []string, name string) (pictures int, err error) {
	check := func(all []string) error {
		if _, err := data.ChooseLabels(all, labels, "the database"); err != nil {
			return err
		}
		if len(labels) < 2 {
			return errors.New("there is only one; name at least two, or use: vs db rename")
		}
		if slices.Contains(all, name) && !slices.Contains(labels, name) {
			return fmt.Errorf("there is a class %q already; name it among the classes to put together, or choose another name", name)
		}
		return data.CheckLabel(name)
	}
	err = d.edit(ctx, "merge classes", check, func(w *writer) error {
		target, err := w.class(name, true)
		if err != nil {
			return err
		}
		taken, err := w.names(target)
		if err != nil {
			return err
		}
		for _, label := range labels {
			if label == name {
				continue
			}
			if err := w.move(label, target, taken); err != nil {
				return err
			}
		}
		pictures = len(taken)
		return nil
	})
	return pictures, err
}

// edit checks the labels that the database has and changes it. The check comes once before anything
// is written, so that the file stays as it is if it fails, and once within the transaction, because
// another process may have changed it meanwhile.
func (d *DB) edit(ctx context.Context, what string, check func(all []string) error, f func(w *writer) error) error {
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		return checkLabels(ctx, q, m, check)
	})
	if err == nil {
		err = d.migrateAndEnableWAL(ctx)
	}
	if err == nil {
		err = d.write(ctx, func(w *writer) error {
			if err := checkLabels(ctx, w, &w.model, check); err != nil {
				return err
			}
			return f(w)
		})
	}
	if err != nil {
		return fmt.Errorf("%s in %s: %w", what, d.path, err)
	}
	return nil
}

func checkLabels(ctx context.Context, q querier, m *modelRow, check func(all []string) error) error {
	classes, err := allClasses(ctx, q, m)
	if err != nil {
		return err
	}
	var all []string
	for _, c := range classes {
		all = append(all, c.name)
	}
	return check(all)
}

// empty removes all pictures of a class, and finish then the class.
func (w *writer) empty(label string) (pictures int, err error) {
	id, err := w.class(label, false)
	if err != nil {
		return 0, err
	}
	c, err := w.change(id)
	if err != nil {
		return 0, err
	}
	pictures = c.row.count
	c.row.count, c.row.pictures, c.row.sum, c.changed = 0, 0, nil, true
	if err := w.retire(id, "WHERE class_id = ?", id); err != nil {
		return 0, err
	}
	result, err := w.exec("DELETE FROM picture WHERE class_id = ?", id)
	if err != nil {
		return 0, err
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(pictures) {
		return 0, cmp.Or(err, damagef("class %s: it has %s, and %d were written", label, text.Count(int(n), "picture"), pictures))
	}
	return pictures, nil
}

// names returns the names of a class's pictures.
func (w *writer) names(class int64) (map[string]bool, error) {
	names := map[string]bool{}
	err := each(w.ctx, w, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names[name] = true
		return err
	}, "SELECT name FROM picture WHERE class_id = ?", class)
	return names, err
}

// move gives a class's pictures to another one, in which some names are taken, and finish then
// removes the class.
func (w *writer) move(label string, target int64, taken map[string]bool) error {
	source, err := w.class(label, false)
	if err != nil {
		return err
	}
	from, err := w.change(source)
	if err != nil {
		return err
	}
	into, err := w.change(target)
	if err != nil {
		return err
	}
	from.changed, into.changed = true, true
	if err := w.mergeMoments(source, target); err != nil {
		return err
	}
	own, err := w.names(source)
	if err != nil {
		return err
	}
	// All names of the class count as taken before a new one is made up, so that it cannot be one
	// of them.
	clashing := map[string]bool{}
	for name := range own {
		clashing[name] = taken[name]
		taken[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		free := name
		if clashing[name] {
			free = freeName(label, name, taken)
			taken[free] = true
		}
		if err := w.movePicture(from, name, into, free); err != nil {
			return err
		}
	}
	return nil
}

// freeName makes up a name for a picture of a class.
func freeName(label, name string, taken map[string]bool) string {
	free := label + "-" + name
	for i := 2; taken[free]; i++ {
		free = fmt.Sprintf("%s-%d-%s", label, i, name)
	}
	return free
}

func (w *writer) movePicture(from *change, name string, into *change, free string) error {
	var id, before, after int64
	err := readPictures(w.ctx, w, &w.model, func(p *pictureRow, damage error) error {
		id, before = p.id, p.crc
		p.class, p.name = into.row.id, free
		after = p.checksum(encodeFloat32(p.embedding), encodeFloat32(p.training), encodeFloat32(p.instances))
		return damage
	}, "WHERE class_id = ? AND name = ?", from.row.id, name)
	if err != nil {
		return err
	}
	from.row.remove(before)
	into.row.insert(after)
	into.row.sum = nil
	if err := w.renameMoments(into.row.id, id, name, free); err != nil {
		return err
	}
	_, err = w.exec("UPDATE picture SET class_id = ?, name = ?, crc = ? WHERE id = ?", into.row.id, free, after, id)
	return err
}
