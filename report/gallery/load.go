package gallery

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"vs/data/transform"
)

// Tile is a picture of a sheet.
type Tile struct {
	Picture
	Image image.Image // no larger than Side by Side
	Err   error       // why there is no Image
}

// Load reads the pictures of a data folder, so many at the same time (0: one a CPU), and reduces them to tiles in the
// same order. A picture that cannot be read becomes a tile with an error; the error of Load is the context's.
func Load(ctx context.Context, dir string, pictures []Picture, workers int) ([]Tile, error) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	tiles := make([]Tile, len(pictures))
	var group errgroup.Group
	group.SetLimit(workers)
	for i, p := range pictures {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			img, err := load(dir, p.File)
			tiles[i] = Tile{p, img, err}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return tiles, nil
}

func load(dir, file string) (image.Image, error) {
	img, err := Decode(dir, file, Side)
	if err != nil {
		return nil, err
	}
	return Thumbnail(img, Side, Side), nil
}

// Decode reads a picture of a data folder, whose path is relative to the folder, at about the size at which it will be shown, in pixels of the
// longer side.
func Decode(dir, file string, side int) (image.Image, error) {
	if !filepath.IsLocal(file) {
		return nil, errors.New("its name leads out of the folder")
	}
	content, err := read(filepath.Join(dir, filepath.FromSlash(file)))
	if err != nil {
		return nil, err
	}
	return transform.DecodeThumbnail(content, side)
}

// maxFileSize is the largest file that is read, in bytes; no picture of use comes near it.
const maxFileSize = 2 << 30

// read reads a file if it can be a picture. Opening a pipe could wait for ever, so it looks first.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case !info.Mode().IsRegular():
		err = errors.New("it is not a regular file")
	case info.Size() > maxFileSize:
		err = fmt.Errorf("the file has %d bytes, more than the %d that are read", info.Size(), maxFileSize)
	default:
		return os.ReadFile(path)
	}
	return nil, &fs.PathError{Op: "read", Path: path, Err: err}
}
