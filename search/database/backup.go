package database

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"vs/data/progress"
)

// Backup writes a copy of the database as it is at one moment, whatever others write meanwhile, and
// verifies it. The copy stands at its path whole or not at all. Commit is asked before it takes its
// place there, and may be nil.
func (d *DB) Backup(ctx context.Context, path string, commit func() error) (*Verified, error) {
	found, err := d.backup(ctx, path, commit)
	if err != nil {
		return found, fmt.Errorf("back up database %s to %s: %w", d.path, path, withRemedy(err))
	}
	return found, nil
}

func (d *DB) backup(ctx context.Context, path string, commit func() error) (*Verified, error) {
	for _, ending := range []string{"-wal", "-journal"} {
		if info, err := os.Stat(path + ending); err == nil && info.Size() > 0 {
			return nil, fmt.Errorf("beside it lies %s%s, which would change the copy when it is opened; name another file", path, ending)
		}
	}
	info, err := os.Stat(d.path)
	if err != nil {
		return nil, err
	}
	temporary, err := emptyFile(path, info.Mode().Perm())
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary) // unless it has taken its place
	// SQLite writes into an empty file. A path that begins with / is not a URI.
	task := progress.Begin(ctx, "copying", "", progress.Unknown)
	_, err = d.sql.ExecContext(ctx, "VACUUM INTO ?", temporary)
	task.End()
	if err != nil {
		return nil, err
	}
	found, err := verifyFile(ctx, temporary)
	if err != nil {
		return found, err
	}
	if n := len(found.Problems); n > 0 {
		return found, fmt.Errorf("%w: problems: %d, such as %s; vs db verify lists them", errDamaged, n, found.Problems[0])
	}
	if err := syncFile(temporary); err != nil {
		return found, err
	}
	if commit != nil {
		if err := commit(); err != nil {
			return found, err
		}
	}
	if err := os.Rename(temporary, path); err != nil {
		return found, err
	}
	return found, syncFile(filepath.Dir(path))
}

// emptyFile makes an empty file beside a path and returns its absolute path.
func emptyFile(path string, mode os.FileMode) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return "", err
	}
	name := f.Name()
	if !filepath.IsAbs(name) {
		folder, wdErr := os.Getwd()
		name, err = folder+"/"+name, wdErr
	}
	if err := errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return name, nil
}

func verifyFile(ctx context.Context, path string) (*Verified, error) {
	db, err := OpenReadOnly(ctx, path)
	if err != nil {
		return nil, err
	}
	found, err := db.Verify(ctx)
	return found, errors.Join(err, db.Close())
}

// syncFile has a file, or the entries of a folder, written to the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// LogSize returns the bytes of the write-ahead log beside the file. Part of the content is in it as
// long as a command writes, or after one was killed.
func (d *DB) LogSize() int64 {
	size, _ := logSize(d.path)
	return size
}

// IsDatabase reports whether a file is a database of this program, by its header. See "The Database
// Header" in https://sqlite.org/fileformat2.html.
func IsDatabase(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	header := make([]byte, 72)
	_, err = io.ReadFull(f, header)
	return err == nil && strings.HasPrefix(string(header), "SQLite format 3\x00") && binary.BigEndian.Uint32(header[68:]) == applicationID
}
