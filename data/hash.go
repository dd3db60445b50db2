package data

import (
	"context"

	"vs/data/transform"
)

// ReadPictures reads and decodes files and returns the SHA-256 of each, [N], and the items of those that cannot be read or decoded,
// in order. 0 workers stand for one a CPU. Progress, which may be nil, is called with the number of files dealt with.
func ReadPictures(ctx context.Context, paths []string, workers int, progress func(done int)) (hashes [][32]byte, bad []Item, err error) {
	loader, err := NewLoader(ctx, paths, LoaderOptions{Workers: workers, Spec: anySpec})
	if err != nil {
		return nil, nil, err
	}
	defer loader.Close()
	hashes = make([][32]byte, len(paths))
	for item, err := range loader.All() {
		if err != nil {
			return nil, nil, err
		}
		hashes[item.Index] = item.Hash
		if item.Err != nil {
			bad = append(bad, item)
		}
		loader.Release(item.Pixels)
		if progress != nil {
			progress(item.Index + 1)
		}
	}
	return hashes, bad, nil
}

// anySpec is some transform: whether a picture can be decoded depends on none.
var anySpec = transform.Spec{
	Height: 32, Width: 32, Interpolation: "bilinear", Std: [3]float64{1, 1, 1}, CropPct: 1, CropMode: "center",
}
