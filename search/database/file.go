package database

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"vs/data/input"
)

// checkFile refuses a path where no database can be, and reports whether there is a file.
func checkFile(path string, a access) (exists bool, err error) {
	// A regular file that is not a database is refused by SQLite; a folder or a pipe would give a
	// misleading message.
	info, err := os.Stat(path)
	switch {
	case err == nil:
		return true, cmp.Or(input.Regular(info), checkLog(path))
	case path == "" || !errors.Is(err, fs.ErrNotExist):
		return false, err
	case a != create:
		return false, fmt.Errorf("no such file; make it with: vs encode --model MODEL --data FOLDER --db %s", path)
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return false, fmt.Errorf("its folder %s does not exist; make it or name another file", folder)
	}
	// Better now than when the first pictures have been embedded.
	if err := unix.Access(folder, unix.W_OK); err != nil {
		return false, &fs.PathError{Op: "write to", Path: folder, Err: err}
	}
	if size, _ := logSize(path); size > 0 {
		return false, foreignLog(path)
	}
	return false, nil
}

// makeFile makes an empty file if there is none, and reports whether it did.
func (d *DB) makeFile() (made bool, err error) {
	f, err := os.OpenFile(d.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	made = err == nil
	if errors.Is(err, fs.ErrExist) { // it may be a link to nothing
		f, err = os.OpenFile(d.path, os.O_CREATE|os.O_WRONLY, 0o644)
	}
	if err != nil {
		return false, err
	}
	return made, f.Close()
}

// unmake removes the file that makeFile has made if it still holds nothing. Nobody can write to it
// meanwhile, and SQLite does not write to a file that has been removed.
func (d *DB) unmake() {
	ctx := context.Background()
	conn, err := d.sql.Conn(ctx)
	if err != nil {
		return
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return // another process uses it
	}
	if info, err := os.Stat(d.path); err == nil && info.Size() == 0 {
		os.Remove(d.path)
	}
	_, _ = conn.ExecContext(ctx, "ROLLBACK")
}

// dataSource names a file to SQLite, for which a name such as :memory: or //a/b, or a ? in it,
// means more than a file.
func dataSource(path string, a access) (string, error) {
	if !filepath.IsAbs(path) {
		folder, err := os.Getwd()
		if err != nil {
			return "", err
		}
		path = folder + "/" + path // not cleaned: .. after a link leads elsewhere
	}
	// The file is made by makeFile, so that it is known who made it.
	options := url.Values{"mode": {"rw"}, "_txlock": {"immediate"}}
	if a == read {
		options = url.Values{"mode": {"ro"}, "_txlock": {"deferred"}}
	}
	options.Set("_foreign_keys", "on")
	options.Set("_synchronous", "NORMAL")
	options.Set("_busy_timeout", fmt.Sprint(busyTimeout.Milliseconds()))
	return (&url.URL{Scheme: "file", Path: "/" + strings.TrimLeft(path, "/"), RawQuery: options.Encode()}).String(), nil
}

// logSize returns the size of the write-ahead log beside a database, and 0 where there is none or
// an empty one.
func logSize(path string) (int64, os.FileInfo) {
	info, err := os.Stat(path + "-wal")
	if err != nil {
		return 0, nil
	}
	return info.Size(), info
}

// checkLog refuses a database beside which the write-ahead log of another one has been left: SQLite
// would take its content for the newer one. A file that has a log says so in its header. One that
// does not was put there since, such as a backup.
func checkLog(path string) error {
	size, before := logSize(path)
	if size == 0 || writesLog(path) {
		return nil
	}
	// Unless another process has folded its log and begun another one just now.
	if _, after := logSize(path); after == nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) || writesLog(path) {
		return nil
	}
	return foreignLog(path)
}

func foreignLog(path string) error {
	return fmt.Errorf("beside it lies %s-wal, which another file of this name has left when a command was killed, and which would overrule this one; move %s-wal and %s-shm away",
		path, path, path)
}

// writesLog reports whether the header of a database says that it has a write-ahead log. See "File
// format version numbers" in https://sqlite.org/fileformat2.html.
func writesLog(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return true // SQLite says why
	}
	defer f.Close()
	header := make([]byte, 20)
	_, err = io.ReadFull(f, header)
	return err == nil && header[18] == 2
}
