package gallery

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"vs/data/input"
	"vs/data/transform"
)

// Tile is a picture of a sheet.
type Tile struct {
	Picture
	Image image.Image // no larger than Side by Side
	Err   error       // why there is no Image
}

// Load reads the pictures of a data folder, that many at the same time (0: one per CPU), and
// reduces them to tiles in the same order. A picture that cannot be read becomes a tile with an
// error; the error of Load is the context's, or that of a machine that has run out of what reading
// takes.
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
			if input.Exhausted(err) {
				return fmt.Errorf("read pictures: %w", input.WithRemedy(err))
			}
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

// Decode reads a picture of a data folder, whose path is relative to the folder, at about the size
// at which it will be shown, in pixels of the longer side.
func Decode(dir, file string, side int) (image.Image, error) {
	if !filepath.IsLocal(file) {
		return nil, errors.New("its name leads out of the folder")
	}
	content, err := input.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
	if err != nil {
		return nil, err
	}
	return transform.DecodeThumbnail(content, side)
}
