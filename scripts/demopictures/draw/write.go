package draw

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// ErrOccupied is the cause of WriteAll's refusal to touch a folder that holds anything else.
var ErrOccupied = errors.New("holds other files; remove them or choose another folder")

// file is one picture of the data set, at a slash-separated path below its folder.
type file struct {
	path  string
	class string
	index int
	jpeg  []byte
}

// WriteAll draws PerClass pictures of each class and writes them to dir as CLASS/000.jpg and so on.
//
// The folder appears with all its pictures or not at all. If it is there already with just these
// pictures, WriteAll leaves it alone; if it holds anything else, WriteAll fails with ErrOccupied.
// Missing parents of dir are made.
func WriteAll(ctx context.Context, dir string, seed uint64) error {
	return write(ctx, dir, fileList(PerClass), seed)
}

func write(ctx context.Context, dir string, files []file, seed uint64) error {
	if target, err := filepath.EvalSymlinks(dir); err == nil {
		dir = target // a link to an empty folder: the pictures go to where it points
	}
	found, err := list(dir)
	if err != nil {
		return fmt.Errorf("look into the picture folder: %w", err)
	}
	if len(found) > 0 && !slices.EqualFunc(found, files, func(path string, f file) bool { return path == f.path }) {
		return fmt.Errorf("write pictures to %s: it %w", dir, ErrOccupied)
	}
	if err := drawFiles(ctx, files, seed); err != nil {
		return err
	}
	if len(found) > 0 {
		return compare(dir, files)
	}
	return place(dir, files)
}

// fileList is a data set before it is drawn, in the order of its paths.
func fileList(perClass int) []file {
	var files []file
	for _, class := range Classes() {
		for index := range perClass {
			files = append(files, file{path: fmt.Sprintf("%s/%03d.jpg", class, index), class: class, index: index})
		}
	}
	return files
}

// list returns the paths of everything below dir that is not a folder with something in it; nothing if
// dir is missing or empty.
func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var paths []string
	for _, e := range entries {
		below := []string{}
		if e.IsDir() {
			if below, err = list(filepath.Join(dir, e.Name())); err != nil {
				return nil, err
			}
		}
		if len(below) == 0 {
			paths = append(paths, e.Name())
		}
		for _, p := range below {
			paths = append(paths, e.Name()+"/"+p)
		}
	}
	return paths, err
}

// drawFiles fills in the files' bytes on all processors, until ctx ends.
func drawFiles(ctx context.Context, files []file, seed uint64) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	failed := make([]error, len(files))
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for ctx.Err() == nil {
				k := int(next.Add(1)) - 1
				if k >= len(files) {
					return
				}
				files[k].jpeg, failed[k] = JPEG(files[k].class, files[k].index, seed)
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("draw pictures: %w", err)
	}
	return errors.Join(failed...)
}

// compare succeeds if the files of dir hold just what was drawn.
func compare(dir string, files []file) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.path))
		got, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("compare pictures: %w", err)
		}
		if !bytes.Equal(got, f.jpeg) {
			return fmt.Errorf("write pictures to %s: %s differs from this seed's, so the folder %w", dir, f.path, ErrOccupied)
		}
	}
	return nil
}

// place writes the files into a folder beside dir and gives it dir's name when it is complete.
func place(dir string, files []file) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write pictures to %s: %w", dir, err)
		}
	}()
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(parent, ".demopictures-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	// MkdirTemp's folder is private to the user; a folder within has the usual permissions.
	made := filepath.Join(temporary, "pictures")
	for _, f := range files {
		path := filepath.Join(made, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.jpeg, 0o666); err != nil {
			return err
		}
	}
	// os.Rename replaces no folder, not even an empty one. Remove refuses if something has come into it.
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(made, dir)
}
