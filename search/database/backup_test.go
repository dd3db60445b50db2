package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// killed leaves files as a command does that is killed while it writes: pictures are in the log.
func killed(t *testing.T, path string, n int) {
	t.Helper()
	from := filepath.Join(t.TempDir(), "a.db")
	db := openBound(t, from)
	fill(t, db, n)
	for _, ending := range []string{"", "-wal"} {
		content, err := os.ReadFile(from + ending)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path+ending, content)
	}
	if alone, err := os.Stat(path + "-wal"); err != nil || alone.Size() == 0 {
		t.Fatalf("there is no log, and this test tests nothing: %v", err)
	}
}

func TestTheFirstCommandThatMayWriteFoldsALog(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	killed(t, path, 3)
	reader, err := OpenReadOnly(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(mustLoad(t, reader).Names); n != 9 || reader.LogSize() == 0 {
		t.Errorf("%d pictures, a log of %d bytes, want 9 and a log", n, reader.LogSize())
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Errorf("who only reads has folded the log: %v", err)
	}
	writer, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Rename(ctx, "nothing", "something"); err == nil {
		t.Error("a class that is not there is renamed")
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	wantOnly(t, dir, "a.db")
	again, err := OpenReadOnly(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := len(mustLoad(t, again).Names); n != 9 || again.LogSize() != 0 {
		t.Errorf("%d pictures, a log of %d bytes, want 9 and none", n, again.LogSize())
	}
	checkSound(t, again)
}

// SQLite would take what the log of the killed command holds for newer than the backup.
func TestALogDoesNotOverruleABackup(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	killed(t, path, 3)
	older := filepath.Join(t.TempDir(), "older.db")
	db := openBound(t, older)
	fill(t, db, 1)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(older)
	if err != nil {
		t.Fatal(err)
	}
	for _, there := range []bool{true, false} {
		if write(t, path, content); !there {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		for name, open := range map[string]func(context.Context, string) (*DB, error){"OpenReadOnly": OpenReadOnly, "Open": Open, "Create": Create} {
			if !there && name != "Create" {
				continue
			}
			if db, err := open(ctx, path); err == nil || !strings.Contains(err.Error(), "a.db-wal") || !strings.Contains(err.Error(), "overrule") {
				t.Errorf("%s, with a file: %v: %v, error %v, want one about the log", name, there, db, err)
			}
		}
	}
	write(t, path, content)
	if err := os.Rename(path+"-wal", filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	restored, err := OpenReadOnly(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	if n := len(mustLoad(t, restored).Names); n != 3 {
		t.Errorf("%d pictures, want the backup's 3", n)
	}
}

func TestBackupWhileOthersWrite(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.db")
	db := openBound(t, path)
	fill(t, db, 3)
	done := make(chan error, 1)
	go func() { done <- storeAll(ctx, db, shades(60, false)) }()
	reader, err := OpenReadOnly(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	dir := t.TempDir()
	to := filepath.Join(dir, "copy.db")
	for i := range 5 {
		found, err := reader.Backup(ctx, to, nil)
		if err != nil || found.Pictures < 9 {
			t.Fatalf("backup %d: %+v (%v)", i, found, err)
		}
		wantOnly(t, dir, "copy.db")
		copied, err := OpenReadOnly(ctx, to)
		if err != nil {
			t.Fatal(err)
		}
		checkSound(t, copied)
		if all := mustLoad(t, copied); len(all.Names) != found.Pictures {
			t.Errorf("backup %d: %d pictures, want %d", i, len(all.Names), found.Pictures)
		}
		copied.Close()
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := reader.Backup(ctx, to, nil); err != nil {
		t.Fatal(err)
	}
	copied, err := OpenReadOnly(ctx, to)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if a, b := fmt.Sprint(content(t, copied)), fmt.Sprint(content(t, db)); a != b {
		t.Error("the copy differs")
	}
}

func TestBackupsThatAreRefused(t *testing.T) {
	ctx := context.Background()
	no := errors.New("not there")
	tests := []struct {
		name   string
		change func(t *testing.T, from, to string)
		commit func() error
		want   string
	}{
		{"a log beside the copy", func(t *testing.T, _, to string) { write(t, to+"-wal", []byte("frames")) }, nil, "-wal"},
		{"a damaged database", func(t *testing.T, from, _ string) {
			execSQL(t, from, "UPDATE picture SET hash = zeroblob(32) WHERE id = 1")
		}, nil, "damaged"},
		{"a place that was taken meanwhile", func(*testing.T, string, string) {}, func() error { return no }, "not there"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from, dir := filepath.Join(t.TempDir(), "a.db"), t.TempDir()
			to := filepath.Join(dir, "copy.db")
			makeDatabase(t, from)
			tt.change(t, from, to)
			db, err := OpenReadOnly(ctx, from)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Backup(ctx, to, tt.commit); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			os.Remove(to + "-wal")
			wantOnly(t, dir)
		})
	}
}

func TestIsDatabase(t *testing.T) {
	dir := t.TempDir()
	ours, other, text := filepath.Join(dir, "a.db"), filepath.Join(dir, "b.db"), filepath.Join(dir, "c.db")
	makeDatabase(t, ours)
	execSQL(t, other, "CREATE TABLE note (text)")
	write(t, text, []byte(strings.Repeat("text", 100)))
	for path, want := range map[string]bool{ours: true, other: false, text: false, dir: false, filepath.Join(dir, "none"): false} {
		if IsDatabase(path) != want {
			t.Errorf("%s is a database: %v", path, !want)
		}
	}
}
