package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"

	"vs/search/exchange"
)

// ErrMismatch is wrapped by errors about a database and a model, or two databases, that do not
// belong together.
var ErrMismatch = errors.New("model and database do not match")

// busyTimeout is how long a writer waits for another one. Transactions last milliseconds.
const busyTimeout = 10 * time.Second

// DB is a database file: one model's embeddings of pictures in classes. It is safe for concurrent
// use.
type DB struct {
	path string // as it was given
	sql  *sql.DB
	wal  atomic.Bool // the file has a write-ahead log, which Close folds

	// blank says that the file does not exist yet or holds nothing. The first picture makes its
	// tables.
	blank   atomic.Bool
	mutex   sync.Mutex
	binding *modelRow // what the first picture binds a database to; see Bind
	file    string    // of the model; see RememberModelFile
}

// Model is the model that a database belongs to.
type Model = exchange.Model

// access is what a command may do with a file.
type access int

const (
	read access = iota
	modify
	create // if there is none
)

// OpenReadOnly opens an existing database for reading.
func OpenReadOnly(ctx context.Context, path string) (*DB, error) { return open(ctx, path, read) }

// Open opens an existing database for reading and writing.
func Open(ctx context.Context, path string) (*DB, error) { return open(ctx, path, modify) }

// Create opens a database for reading and writing. If there is none, the first picture that is
// stored makes the file.
func Create(ctx context.Context, path string) (*DB, error) { return open(ctx, path, create) }

func open(ctx context.Context, path string, a access) (*DB, error) {
	d := &DB{path: path}
	err := d.open(ctx, a)
	if a == read && isCode(err, sqlite3.ErrReadonly) {
		// A command was killed in the middle of a transaction; to roll it back is to write.
		if rollBack(ctx, path) == nil {
			err = d.open(ctx, a)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, withRemedy(err))
	}
	return d, nil
}

func (d *DB) open(ctx context.Context, a access) error {
	exists, err := checkFile(d.path, a)
	if err != nil {
		return err
	}
	dsn, err := dataSource(d.path, a)
	if err != nil {
		return err
	}
	// The file is opened by the first query.
	if d.sql, err = sql.Open("sqlite3", dsn); err != nil {
		return err
	}
	d.blank.Store(true)
	tables := false
	if exists {
		tables, err = d.inspect(ctx)
	}
	if err == nil && !tables && a != create {
		err = fmt.Errorf("it is empty; make it with: vs encode --model MODEL --data FOLDER --db %s", d.path)
	}
	if err == nil && tables && a != read {
		err = d.foldLater(ctx)
	}
	if err != nil {
		d.sql.Close()
	}
	return err
}

// foldLater has Close fold a write-ahead log that a command has left which was killed.
func (d *DB) foldLater(ctx context.Context) error {
	var mode string
	err := d.sql.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode)
	d.wal.Store(mode == "wal")
	return err
}

// isBlank reports whether the file does not exist or holds nothing. Another process may have
// changed that since.
func (d *DB) isBlank(ctx context.Context) (bool, error) {
	if !d.blank.Load() {
		return false, nil
	}
	if info, err := os.Stat(d.path); err != nil || info.Size() == 0 {
		return true, nil
	}
	tables, err := d.inspect(ctx)
	return !tables, err
}

// inspect refuses a file that is not a database of this program, and reports whether it has tables.
func (d *DB) inspect(ctx context.Context) (tables bool, err error) {
	conn, err := d.sql.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	if tables, err = checkTables(ctx, conn); err == nil && tables {
		d.blank.Store(false)
	}
	return tables, err
}

// rollBack has SQLite undo a transaction that was cut off, which it does by itself when a file is
// read that can be written.
func rollBack(ctx context.Context, path string) error {
	dsn, err := dataSource(path, modify)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	var tables int
	return db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
}

// prepareWriting is migrateAndEnableWAL where there is a file: the first transaction makes a new
// one without.
func (d *DB) prepareWriting(ctx context.Context) error {
	if blank, err := d.isBlank(ctx); err != nil || blank {
		return withRemedy(err)
	}
	return d.migrateAndEnableWAL(ctx)
}

// migrateAndEnableWAL brings the tables up to date and turns to a write-ahead log, in which each
// batch is one append, and from which SQLite recovers after a kill. Both are kept in the file: one
// that is only looked at, or refused, stays as it is.
func (d *DB) migrateAndEnableWAL(ctx context.Context) error {
	err := retryBusy(ctx, func() error {
		if err := d.bringUpToDate(ctx); err != nil {
			return err
		}
		_, err := d.sql.ExecContext(ctx, "PRAGMA journal_mode = WAL")
		return err
	})
	if err != nil {
		return fmt.Errorf("write database %s: %w", d.path, withRemedy(err))
	}
	d.wal.Store(true)
	return nil
}

// retryBusy tries again for as long as SQLite waits for other writers. It does not wait by itself
// for a change of the journal's mode.
func retryBusy(ctx context.Context, f func() error) error {
	for start := time.Now(); ; {
		err := f()
		if !isCode(err, sqlite3.ErrBusy) || time.Since(start) > busyTimeout {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// bringUpToDate takes the lock of a writer only where there is something to do.
func (d *DB) bringUpToDate(ctx context.Context) error {
	version, err := readVersion(ctx, d.sql)
	if err != nil || version == schemaVersion() {
		return err
	}
	return d.transact(ctx, func(tx *sql.Tx) error { return migrate(ctx, tx) })
}

// Path returns the file's path as it was given.
func (d *DB) Path() string { return d.path }

// Close closes the file. After writing it also folds the write-ahead log back, so that the database
// is one file.
func (d *DB) Close() error {
	var err error
	if d.wal.Load() {
		// Fails while another process has the file open; then that one's Close does it.
		_, err = d.sql.Exec("PRAGMA journal_mode = DELETE")
		if isCode(err, sqlite3.ErrBusy) {
			err = nil
		}
	}
	if err = errors.Join(err, d.sql.Close()); err != nil {
		return fmt.Errorf("close database %s: %w", d.path, withRemedy(err))
	}
	return nil
}

// errUnbound is why there is nothing to read or change.
var errUnbound = errors.New("it is empty; fill it with: vs encode")

// Model returns the model that the database belongs to, and false where none has been bound yet.
func (d *DB) Model(ctx context.Context) (Model, bool, error) {
	m, ok, err := d.modelRow(ctx)
	return m.Model, ok, err
}

func (d *DB) modelRow(ctx context.Context) (m modelRow, ok bool, err error) {
	blank, err := d.isBlank(ctx)
	if err == nil && !blank {
		m, ok, err = readModel(ctx, d.sql)
	}
	if err != nil {
		return modelRow{}, false, fmt.Errorf("read database %s: %w", d.path, withRemedy(err))
	}
	return m, ok, nil
}

// transact runs f in one transaction, which is rolled back if f fails.
func (d *DB) transact(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := d.sql.BeginTx(ctx, nil)
	if err != nil {
		return withRemedy(err)
	}
	if err := f(tx); err != nil {
		// The reason for the failure matters more than a failed rollback, which SQLite does on its
		// own then.
		_ = tx.Rollback()
		return withRemedy(err)
	}
	return withRemedy(tx.Commit())
}

// view runs f on one state of the file, whatever others write meanwhile. A file without tables is
// unbound.
func (d *DB) view(ctx context.Context, f func(q querier) error) error {
	if blank, err := d.isBlank(ctx); err != nil || blank {
		return cmp.Or(withRemedy(err), errUnbound)
	}
	conn, err := d.sql.Conn(ctx)
	if err != nil {
		return withRemedy(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return withRemedy(err)
	}
	defer func() {
		// Nothing was written; the connection goes back to others even if ctx has ended.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}()
	return withRemedy(f(conn))
}

// viewModel is view with the model's row, which must be there.
func (d *DB) viewModel(ctx context.Context, f func(q querier, m *modelRow) error) error {
	return d.view(ctx, func(q querier) error {
		m, ok, err := readModel(ctx, q)
		if err != nil {
			return err
		}
		if !ok {
			return errUnbound
		}
		return f(q, &m)
	})
}

// explain puts a remedy where SQLite's own message has none.
func withRemedy(err error) error {
	switch {
	case err == nil:
		return nil
	case isCode(err, sqlite3.ErrFull), errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w; free some space and run the command again, nothing committed is lost", err)
	case isCode(err, sqlite3.ErrBusy):
		return fmt.Errorf("%w: another process has been writing to it for %v; wait for it and try again", err, busyTimeout)
	case isCode(err, sqlite3.ErrReadonly), isCode(err, sqlite3.ErrCantOpen), errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w; check the permissions of the file and its folder, or name another file", err)
	case isCode(err, sqlite3.ErrNotADB):
		return fmt.Errorf("%w; name another file", err)
	case isCode(err, sqlite3.ErrCorrupt):
		return fmt.Errorf("%w; restore it from a copy, or make it again with: vs encode", err)
	}
	return err
}

func isCode(err error, code sqlite3.ErrNo) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == code
}
