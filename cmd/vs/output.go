package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/data/atomicfile"
	"vs/data/input"
	"vs/report"
	"vs/report/origin"
)

// makeOutputFolder makes the folder that a flag names. In the folder of the pictures it would
// become a class.
func makeOutputFolder(c *cli.Context, flag, pictures string) error {
	dir := c.String(flag)
	if pictures != "" && within(pictures, dir) {
		return usagef("--%s %s: it lies in the folder of the pictures, where it would become a class; name another", flag, dir)
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return usagef("--%s %s: it is a file; name a folder", flag, dir)
	}
	made := firstMissing(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--%s %s: make the folder: %w", flag, dir, input.Reason(err))
	}
	if made != "" {
		atEnd(c, func() { removeEmpty(dir, made) })
	}
	return nil
}

// firstMissing returns the uppermost folder of a path that does not exist, "" if the path does.
func firstMissing(path string) (missing string) {
	for path = absolute(path); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); err == nil || path == filepath.Dir(path) {
			return missing
		}
		missing = path
	}
}

// removeEmpty removes a folder, and those above it down to the uppermost that was made, as far as
// nothing has come into them.
func removeEmpty(dir, made string) {
	for dir = absolute(dir); os.Remove(dir) == nil && dir != made; dir = filepath.Dir(dir) {
	}
}

// outputFile is a file that a command writes.
type outputFile struct {
	from string // what names it on the command line, such as --npy
	path string
	kind string // what vs writes there
	// written reports whether a file is one that vs has written in this format.
	written func(path string) bool
}

func forceFlag() cli.Flag {
	return &cli.BoolFlag{Name: "force", Usage: "replace files that vs has not written"}
}

func csvSafeFlag() cli.Flag {
	return &cli.BoolFlag{Name: "csv-safe", Usage: "put an apostrophe before cells of CSV that a spreadsheet would take for formulas"}
}

// csvOut is stdout for CSV.
func csvOut(c *cli.Context) io.Writer {
	if c.Bool("csv-safe") {
		return report.SafeCSV(c.App.Writer)
	}
	return c.App.Writer
}

// checkCSVSafe refuses --csv-safe where no CSV is written.
func checkCSVSafe(c *cli.Context) error {
	if c.Bool("csv-safe") && c.String("format") != "csv" && c.String("plots") == "" {
		return usagef("--csv-safe: no CSV is written; add --format csv, or leave it out")
	}
	return nil
}

// checkOutputs refuses to write over what the command reads or writes elsewhere, and without
// --force over what vs has not written in that format. It is asked before the work is done, and
// again when the files are written. More inputs than those of the command line may be given.
func checkOutputs(c *cli.Context, files []outputFile, more ...namedFile) error {
	inputs := append(inputFiles(c), more...)
	for i, f := range files {
		for _, other := range files[:i] {
			if sameFile(f.path, other.path) {
				return usagef("%s %s: that is where %s goes; name another file", f.from, f.path, other.from)
			}
		}
		for _, in := range inputs {
			if sameFile(f.path, in.path) {
				return usagef("%s %s: it is the file of %s; name another file", f.from, f.path, in.from)
			}
		}
		// A file that vs has written is not a picture, which spares a look at all of them.
		if info, err := os.Stat(f.path); err == nil && c.String("data") != "" && !f.written(f.path) {
			if picture := pictureAt(c.String("data"), info); picture != "" {
				return usagef("%s %s: it is the picture %s; name another file", f.from, f.path, picture)
			}
		}
		if err := checkReplaceable(f, c.Bool("force")); err != nil {
			return err
		}
	}
	return nil
}

// commit puts files in their places, unless something else has come there while they were made.
func commit(c *cli.Context, files *atomicfile.Group, outputs []outputFile, more ...namedFile) error {
	if err := checkOutputs(c, outputs, more...); err != nil {
		return err
	}
	return files.Commit()
}

// drawnOutputs are the drawings, pages and CSV files at some paths.
func drawnOutputs(from string, paths ...string) []outputFile {
	var files []outputFile
	for _, path := range paths {
		kind := strings.ToUpper(strings.TrimPrefix(filepath.Ext(path), ".")) + " file"
		files = append(files, outputFile{from, path, kind, origin.Of})
	}
	return files
}

// checkReplaceable refuses to write where there is something else than such a file.
func checkReplaceable(f outputFile, force bool) error {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(f.path); err == nil && !force {
			return fmt.Errorf("write %s: it is a link to nothing; name another file, or replace it with --force", f.path)
		}
		if _, err := os.Stat(filepath.Dir(f.path)); err != nil {
			return fmt.Errorf("write %s: %w; make the folder first", f.path, err)
		}
		return nil
	}
	switch {
	case err != nil:
		return fmt.Errorf("write %s: %w", f.path, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("write %s: it exists and is not a file; name another file", f.path)
	case !force && !f.written(f.path):
		return fmt.Errorf("write %s: it exists and is no %s that vs has written; name another file, or replace it with --force", f.path, f.kind)
	}
	return nil
}

// namedFile is a file with what names it on the command line.
type namedFile struct{ from, path string }

// inputFiles are the files that the flags of a command name as its inputs, and the database, with
// the files that SQLite keeps beside one.
func inputFiles(c *cli.Context) []namedFile {
	var files []namedFile
	for _, name := range []string{"model", "labels-file", "split", "replay", "head", "db"} {
		var paths []string
		switch value := c.Value(name).(type) {
		case string:
			paths = []string{value}
		case cli.StringSlice:
			paths = value.Value()
		}
		for _, path := range paths {
			switch {
			case path == "":
			case name == "db":
				files = append(files, databaseFiles("--db", path)...)
			default:
				files = append(files, namedFile{"--" + name, path})
			}
		}
	}
	return files
}

// databaseFiles are a database and the files that SQLite keeps beside it.
func databaseFiles(from, path string) []namedFile {
	var files []namedFile
	for _, ending := range []string{"", "-wal", "-shm", "-journal"} {
		files = append(files, namedFile{from, path + ending})
	}
	return files
}

// sameFile reports whether two paths are of one file, also through links, or would be if there were
// one.
func sameFile(a, b string) bool {
	if resolved(a) == resolved(b) {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// pictureAt returns the picture below a folder that a file is, if any. Links are followed, as those
// who read the pictures do.
func pictureAt(dir string, file os.FileInfo) string {
	var seen []os.FileInfo
	var search func(dir string) string
	search = func(dir string) string {
		// What cannot be read is for the command to say.
		if info, err := os.Stat(dir); err != nil || slices.ContainsFunc(seen, func(s os.FileInfo) bool { return os.SameFile(s, info) }) {
			return ""
		} else {
			seen = append(seen, info)
		}
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			info, err := os.Stat(path)
			switch {
			case err != nil:
			case info.IsDir():
				if found := search(path); found != "" {
					return found
				}
			case data.IsPicture(path) && os.SameFile(info, file):
				return path
			}
		}
		return ""
	}
	return search(dir)
}

// within reports whether a path lies in a folder, or is it.
func within(dir, path string) bool {
	inside, err := filepath.Rel(resolved(dir), resolved(path))
	return err == nil && inside != ".." && !strings.HasPrefix(inside, "../")
}

// resolved is an absolute path whose part that exists has no links.
func resolved(path string) string { return resolve(absolute(path), 40) }

// resolve follows at most that many links to nothing.
func resolve(path string, links int) string {
	real, err := filepath.EvalSymlinks(path)
	switch {
	case err == nil:
		return real
	case !errors.Is(err, fs.ErrNotExist) || filepath.Dir(path) == path:
		return path
	}
	if to, err := os.Readlink(path); err == nil && links > 0 {
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		return resolve(to, links-1)
	}
	return filepath.Join(resolve(filepath.Dir(path), links), filepath.Base(path))
}

// absolute is the path itself where the working folder is not known.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
