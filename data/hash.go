package data

import (
	"context"

	"vs/data/progress"
	"vs/data/transform"
)

// ReadPictures reads and decodes files and returns the SHA-256 of each, [N], and the items of those
// that cannot be read or decoded, in order. 0 workers mean one per CPU.
func ReadPictures(ctx context.Context, paths []string, workers int) (hashes [][32]byte, bad []Item, err error) {
	loader, err := NewLoader(ctx, paths, LoaderOptions{Workers: workers, Spec: anySpec})
	if err != nil {
		return nil, nil, err
	}
	defer loader.Close()
	task := progress.Begin(ctx, "reading", "pictures", len(paths))
	defer task.End()
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
		task.Add(1)
	}
	return hashes, bad, nil
}

// anySpec is some transform: whether a picture can be decoded depends on none.
var anySpec = transform.Spec{
	Height: 32, Width: 32, Interpolation: "bilinear", Std: [3]float64{1, 1, 1}, CropPct: 1, CropMode: "center",
}
