package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/mattn/go-sqlite3"

	"vs/data/input"
)

// ErrMismatch is wrapped by errors about a database and a model, or two databases, that do not belong together.
var ErrMismatch = errors.New("model and database do not match")

// busyTimeout is how long a writer waits for another one. Transactions last milliseconds.
const busyTimeout = 10 * time.Second

// DB is a database file: one model's embeddings of pictures in classes. It is safe for concurrent use.
type DB struct {
	path string
	sql  *sql.DB
	wal  atomic.Bool // migrateAndEnableWAL has been called
}

// Model is the model that a database belongs to.
type Model struct {
	Name         string
	Hash         string // SHA-256 of the model file, hexadecimal
	Recipe       string // canonical form of transform and precision
	EmbeddingDim int
	NumParams    int64
	Metadata     string // vs.json
}

// access is how a file is opened, as SQLite's URIs call it.
type access string

const (
	read   access = "ro"
	modify access = "rw"
	create access = "rwc" // if there is none
)

// Open opens an existing database for reading.
func OpenReadOnly(ctx context.Context, path string) (*DB, error) {
	return openExisting(ctx, path, read)
}

// Open opens an existing database for reading and writing.
func Open(ctx context.Context, path string) (*DB, error) {
	return openExisting(ctx, path, modify)
}

func openExisting(ctx context.Context, path string, a access) (*DB, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open database %s: no such file; make it with: vs encode --model MODEL --data FOLDER --db %s", path, path)
	}
	return open(ctx, path, a)
}

// Create opens a database for reading and writing and makes it if there is none.
func Create(ctx context.Context, path string) (*DB, error) {
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("open database %s: its folder %s does not exist; make it or name another file", path, filepath.Dir(path))
	}
	return open(ctx, path, create)
}

func open(ctx context.Context, path string, a access) (*DB, error) {
	// A regular file that is no database is refused by SQLite; a folder or a pipe would give a misleading message.
	if info, err := os.Stat(path); err == nil {
		if err := input.Regular(info); err != nil {
			return nil, fmt.Errorf("open database %s: %w", path, err)
		}
	}
	d := &DB{path: path}
	err := d.connect(ctx, a)
	if a == read && isCode(err, sqlite3.ErrReadonly) {
		// A command was killed in the middle of a transaction; to roll it back is to write.
		if rollBack(ctx, path) == nil {
			err = d.connect(ctx, a)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return d, nil
}

func (d *DB) connect(ctx context.Context, a access) (err error) {
	lock := "immediate"
	if a == read {
		lock = "deferred"
	}
	d.sql, err = sql.Open("sqlite3", uri(d.path, a, url.Values{
		"_foreign_keys": {"on"},
		"_synchronous":  {"NORMAL"},
		"_txlock":       {lock},
	}))
	if err != nil {
		return err
	}
	if err = d.transact(ctx, func(tx *sql.Tx) error { return prepare(ctx, tx, d.path, a) }); err != nil {
		d.sql.Close()
	}
	return err
}

// uri names a file to SQLite.
func uri(path string, a access, options url.Values) string {
	options.Set("mode", string(a))
	options.Set("_busy_timeout", fmt.Sprint(busyTimeout.Milliseconds()))
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}).String()
}

// rollBack has SQLite undo a transaction that was cut off, which it does by itself when a file is read that can be written.
func rollBack(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite3", uri(path, modify, url.Values{}))
	if err != nil {
		return err
	}
	defer db.Close()
	var tables int
	return db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
}

// migrateAndEnableWAL brings the tables up to date and turns to a write-ahead log, in which each batch is one append, and from which SQLite recovers
// after a kill. Both are kept in the file: one that is only looked at, or refused, stays as it is.
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

// retryBusy tries again for as long as SQLite waits for other writers. It does not wait by itself for a change of the journal's mode.
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

// Close closes the file. After writing it also folds the write-ahead log back, so that the database is one file.
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
	m, ok, err := readModel(ctx, d.sql)
	if err != nil {
		return Model{}, false, fmt.Errorf("read database %s: %w", d.path, withRemedy(err))
	}
	return m.Model, ok, nil
}

// transact runs f in one transaction, which is rolled back if f fails.
func (d *DB) transact(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := d.sql.BeginTx(ctx, nil)
	if err != nil {
		return withRemedy(err)
	}
	if err := f(tx); err != nil {
		// The reason for the failure matters more than a failed rollback, which SQLite does on its own then.
		_ = tx.Rollback()
		return withRemedy(err)
	}
	return withRemedy(tx.Commit())
}

// view runs f on one state of the file, whatever others write meanwhile.
func (d *DB) view(ctx context.Context, f func(q querier) error) error {
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
	case isCode(err, sqlite3.ErrFull):
		return fmt.Errorf("%w; free some space and run the command again, nothing committed is lost", err)
	case isCode(err, sqlite3.ErrBusy):
		return fmt.Errorf("%w: another process has been writing to it for %v; wait for it and try again", err, busyTimeout)
	case isCode(err, sqlite3.ErrReadonly), isCode(err, sqlite3.ErrCantOpen):
		return fmt.Errorf("%w; check the permissions of the file and its folder, or name another file", err)
	case isCode(err, sqlite3.ErrNotADB):
		return fmt.Errorf("%w; name another file", err)
	case isCode(err, sqlite3.ErrCorrupt):
		return fmt.Errorf("%w; restore it from a copy, or make it anew with: vs encode", err)
	}
	return err
}

func isCode(err error, code sqlite3.ErrNo) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == code
}
