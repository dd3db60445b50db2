package data

import (
	"context"
	"errors"
	"io"

	"vs/data/transform"
)

// HashFiles reads the files and returns the SHA-256 of each, [N], and the items of those that cannot be read, in order. It
// decodes nothing. 0 workers stand for one a CPU. Progress, which may be nil, is called with the number of files dealt with.
func HashFiles(ctx context.Context, paths []string, workers int, progress func(done int)) (hashes [][32]byte, unreadable []Item, err error) {
	loader, err := newLoader(ctx, paths, LoaderOptions{
		Workers: workers,
		Known:   func(int, [32]byte) bool { return true },
	}, func() (decoder, error) { return noDecoder{}, nil })
	if err != nil {
		return nil, nil, err
	}
	defer loader.Close()
	hashes = make([][32]byte, len(paths))
	for {
		item, err := loader.Next()
		if err == io.EOF {
			return hashes, unreadable, nil
		}
		if err != nil {
			return nil, nil, err
		}
		hashes[item.Index] = item.Hash
		if item.Err != nil {
			unreadable = append(unreadable, item)
		}
		if progress != nil {
			progress(item.Index + 1)
		}
	}
}

// noDecoder is the decoder of a loader that needs none, since all content is known.
type noDecoder struct{}

func (noDecoder) Tensor([]float32, []byte) (transform.Info, error) {
	return transform.Info{}, errors.New("nothing is decoded here")
}

func (noDecoder) Close() {}
