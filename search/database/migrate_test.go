package database

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// addMigrations adds to the program's migrations for a test.
func addMigrations(t *testing.T, steps ...func(ctx context.Context, tx *sql.Tx) error) {
	t.Helper()
	old := migrations
	migrations = slices.Concat(old, steps)
	t.Cleanup(func() { migrations = old })
}

func addNote(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "ALTER TABLE class ADD COLUMN note TEXT NOT NULL DEFAULT 'none'")
	return err
}

func TestAnOlderDatabaseIsBroughtUpToDate(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.db")
	makeDatabase(t, path)
	addMigrations(t, addNote, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE class SET note = 'second step'")
		return err
	})
	old, err := OpenReadOnly(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := old.Info(ctx); err != nil || info.Schema != 7 || info.Pictures != 9 {
		t.Errorf("reading an old file: %+v, %v", info, err)
	}
	checkSound(t, old)
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"an old file", "the same file again"} {
		db, err := Open(ctx, path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var notes, version int
		err = errors.Join(
			db.migrateAndEnableWAL(ctx),
			db.sql.QueryRow("SELECT count(*) FROM class WHERE note = 'second step'").Scan(&notes),
			db.sql.QueryRow("PRAGMA user_version").Scan(&version))
		if err != nil || notes != 3 || version != 9 {
			t.Errorf("%s: %d notes, version %d (%v), want 3 and 9", name, notes, version, err)
		}
		checkSound(t, db)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestANewDatabaseHasTheNewestTables(t *testing.T) {
	addMigrations(t, addNote)
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	fill(t, db, 2)
	if info, err := db.Info(context.Background()); err != nil || info.Schema != 8 {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := db.sql.Exec("SELECT note FROM class"); err != nil {
		t.Error(err)
	}
}

func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	makeDatabase(t, path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the second step broke")
	addMigrations(t, addNote, func(context.Context, *sql.Tx) error { return broken })
	db, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	_, _, vacuumErr := db.Vacuum(context.Background())
	for _, err := range []error{db.migrateAndEnableWAL(context.Background()), vacuumErr} {
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "from version 8 to 9") {
			t.Errorf("error %v, want that of the step", err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file has changed (%v)", err)
	}
}

func TestATransactionThatWasCutOffIsUndone(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.db")
	write(t, path, databaseFile(t))
	want := ask(path)
	// Copy the file in the middle of a transaction that has reached it, with the journal that
	// undoes it.
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(ctx, "PRAGMA cache_size = 1; BEGIN; UPDATE picture SET name = name || 'x', hash = zeroblob(2000)"); err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(t.TempDir(), "b.db")
	for _, ending := range []string{"", "-journal"} {
		content, err := os.ReadFile(path + ending)
		if err != nil {
			t.Fatal(err)
		}
		write(t, killed+ending, content)
	}
	if a, _ := os.ReadFile(killed); bytes.Equal(a, databaseFile(t)) {
		t.Fatal("the transaction has not reached the file")
	}
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	a := ask(killed)
	if err := errors.Join(a.check(want), a.err["verify"]); err != nil {
		t.Error(err)
	}
}
