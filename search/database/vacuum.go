package database

import (
	"context"
	"fmt"

	"vs/data/progress"
)

// Vacuum rewrites the database and brings it up to date, without the space that removed rows have
// left, and returns the file's size in bytes before and after. It needs as much free space on the
// disk again while it runs.
func (d *DB) Vacuum(ctx context.Context) (before, after int64, err error) {
	// With a write-ahead log the file's size would say little, and it would shrink only when that
	// is folded back.
	if _, err = d.sql.ExecContext(ctx, "PRAGMA journal_mode = DELETE"); err == nil {
		err = d.bringUpToDate(ctx)
	}
	if err == nil {
		before, err = d.size()
	}
	if err == nil {
		task := progress.Begin(ctx, "vacuuming", "", progress.Unknown)
		_, err = d.sql.ExecContext(ctx, "PRAGMA synchronous = FULL; VACUUM")
		task.End()
	}
	if err == nil {
		after, err = d.size()
	}
	if err != nil {
		return 0, 0, fmt.Errorf("vacuum database %s: %w", d.path, withRemedy(err))
	}
	return before, after, nil
}
