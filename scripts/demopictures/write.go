package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// write draws that many pictures of each class into dir, as CLASS/000.jpg and so on. Pictures that
// are there already stay; other files in their places are errors.
func write(ctx context.Context, dir string, seed uint64, count int) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for class, c := range classes {
		folder := filepath.Join(dir, c.name)
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		for index := range count {
			work.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				jpeg, err := encode(picture(class, index, seed))
				if err != nil {
					return err
				}
				return put(filepath.Join(folder, fmt.Sprintf("%03d.jpg", index)), jpeg)
			})
		}
	}
	return work.Wait()
}

// put writes a file, unless it is there.
func put(path string, content []byte) error {
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.WriteFile(path, content, 0o666)
	case err != nil:
		return err
	case !bytes.Equal(old, content):
		return fmt.Errorf("write %s: something else is there; remove it or choose another folder", path)
	}
	return nil
}
