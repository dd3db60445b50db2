package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vs/data/atomicfile"
	"vs/data/input"
)

// Format is a file format.
type Format string

// The formats.
const (
	CSVZip      Format = "csv-zip"
	NPY         Format = "npy"
	SafeTensors Format = "safetensors"
	Parquet     Format = "parquet"
)

// Formats are all formats, for messages and help.
var Formats = []Format{CSVZip, NPY, SafeTensors, Parquet}

var endings = map[string]Format{".zip": CSVZip, ".npy": NPY, ".safetensors": SafeTensors, ".parquet": Parquet}

// FormatOf returns the format that the ending of a file's name implies.
func FormatOf(path string) (Format, error) {
	if format, ok := endings[strings.ToLower(filepath.Ext(path))]; ok {
		return format, nil
	}
	return "", fmt.Errorf("%s: its ending names no format; it is .zip, .npy, .safetensors or .parquet", path)
}

// Write writes a table to a file, which never appears half-written.
func Write(path string, format Format, t *Table) error {
	files := atomicfile.NewGroup(context.Background())
	defer files.Discard()
	if err := Add(files, path, format, t); err != nil {
		return err
	}
	return files.Commit()
}

// Paths are the files that a table becomes. [Add] adds them in this order.
func Paths(path string, format Format) []string {
	if format == NPY {
		return []string{path, namesPath(path)}
	}
	return []string{path}
}

// Add adds the files of a table to a group.
func Add(files *atomicfile.Group, path string, format Format, t *Table) error {
	if err := t.Check(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	var write func(io.Writer) error
	switch format {
	case CSVZip:
		write = func(w io.Writer) error { return WriteCSVZip(w, csvName(path), t) }
	case NPY:
		write = func(w io.Writer) error { return WriteNPY(w, t.Rows, t.Dim) }
	case SafeTensors:
		write = func(w io.Writer) error { return WriteSafeTensors(w, t) }
	case Parquet:
		write = func(w io.Writer) error { return WriteParquet(w, t) }
	default:
		return fmt.Errorf("write %s: unknown format %q; use one of %q", path, format, Formats)
	}
	if err := files.Add(path, write); err != nil || format != NPY {
		return err
	}
	return files.Add(namesPath(path), func(w io.Writer) error { return WriteNames(w, t) })
}

// Read reads a table from a file.
func Read(path string, format Format) (*Table, error) {
	t, err := read(path, format)
	if err != nil {
		if of := (*fs.PathError)(nil); errors.As(err, &of) && of.Path == path { // not the file of names
			err = of.Err
		}
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return t, nil
}

func read(path string, format Format) (*Table, error) {
	f, err := os.Open(path)
	if format == NPY && errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(namesPath(path)); err == nil {
			return nil, errors.New("only the names of its rows are there, so writing it was cut short; write it again")
		}
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := input.Regular(info); err != nil {
		return nil, err
	}
	switch format {
	case CSVZip:
		return ReadCSVZip(f, info.Size())
	case NPY:
		return readNPYPair(f, info)
	case SafeTensors:
		return ReadSafeTensors(f, info.Size())
	case Parquet:
		return ReadParquet(f, info.Size())
	}
	return nil, fmt.Errorf("unknown format %q; use one of %q", format, Formats)
}

// readNPYPair reads an open array and the names beside it.
func readNPYPair(array *os.File, info os.FileInfo) (*Table, error) {
	names, err := os.Open(namesPath(array.Name()))
	if err != nil {
		return nil, fmt.Errorf("names of the rows, one per line: %w; a NumPy file has them beside it, unless writing it was cut short", err)
	}
	defer names.Close()
	// Who replaces the two removes the array first: as long as it is there, the names that were
	// opened are its own.
	if now, err := os.Stat(array.Name()); err != nil || !os.SameFile(info, now) {
		return nil, errors.New("another program is replacing it; try again")
	}
	return ReadNPY(array, names)
}

// namesPath is where the names of a NumPy file's rows are.
func namesPath(path string) string { return path + ".txt" }

// csvName is the name of the file in the archive: NAME.csv in NAME.zip and in NAME.csv.zip.
func csvName(path string) string {
	name := filepath.Base(path)
	return strings.TrimSuffix(strings.TrimSuffix(name, filepath.Ext(name)), ".csv") + ".csv"
}
