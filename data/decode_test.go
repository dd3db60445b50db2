package data_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vs/data"
	"vs/data/transform"
)

// The loader's pixels are those of the transform, at the right index, for good and bad files.
func TestLoaderDecodesPictures(t *testing.T) {
	spec := transform.Spec{Height: 16, Width: 16, Interpolation: "bicubic", CropPct: 0.9, CropMode: "center", Std: [3]float64{1, 1, 1}}
	dir := t.TempDir()
	var paths []string
	for i := range 24 {
		path := filepath.Join(dir, fmt.Sprintf("%d%s", i, []string{".jpg", ".png"}[i%2]))
		check(t, writePicture(path, i))
		paths = append(paths, path)
	}
	const text = 5
	check(t, os.WriteFile(paths[text], []byte("this is text"), 0o644))

	augmentation := transform.DefaultAugmentation
	augmentation.Instances = 3
	for _, tt := range []struct {
		name         string
		augmentation transform.Augmentation
		workers      int
	}{
		{"1 worker", transform.Augmentation{}, 1},
		{"2 workers", transform.Augmentation{}, 2},
		{"7 workers", transform.Augmentation{}, 7},
		{"1 worker, with instances", augmentation, 1},
		{"4 workers, with instances", augmentation, 4},
	} {
		decoder, err := transform.NewAugmenter(spec, tt.augmentation)
		check(t, err)
		defer decoder.Close()
		l, err := data.NewLoader(context.Background(), paths, data.LoaderOptions{Spec: spec, Augmentation: tt.augmentation, Workers: tt.workers, Ahead: 5})
		check(t, err)
		for i, path := range paths {
			item, err := l.Next()
			check(t, err)
			if i == text {
				var pathErr *fs.PathError
				if !errors.As(item.Err, &pathErr) || pathErr.Op != "decode" || pathErr.Path != path {
					t.Errorf("a text file gives %v", item.Err)
				}
				continue
			}
			file, err := os.ReadFile(path)
			check(t, err)
			want := make([]uint8, (1+tt.augmentation.Instances)*3*16*16)
			_, err = decoder.Crops(want, file, sha256.Sum256(file))
			check(t, err)
			if item.Index != i || item.Err != nil || !slices.Equal(item.Pixels, want) {
				t.Errorf("%s: picture %d differs from the transform; error %v", tt.name, i, item.Err)
			}
			l.Release(item.Pixels)
		}
		if _, err := l.Next(); err != io.EOF {
			t.Errorf("Next after the end gives %v", err)
		}
		check(t, l.Close())
	}
}
