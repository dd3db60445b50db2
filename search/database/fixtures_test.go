package database

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"vs/data/transform"
)

// meanModel embeds a picture as the mean of each of its colours.
var meanModel = Model{
	Name: "mean", Hash: "0123456789abcdef", EmbeddingDim: 3, Metadata: "{}",
	Recipe: transform.Spec{Height: 8, Width: 8, Interpolation: "bicubic", Std: [3]float64{1, 1, 1}, CropPct: 1, CropMode: "center"}.String(),
}

var threeInstances = transform.Augmentation{Instances: 3, Resize: 1.05, Flip: 0.5, Brightness: 0.4, Contrast: 0.4, Saturation: 0.4}

// colours are the classes of the tests; every picture is a shade of its class's colour.
var colours = map[string][3]uint8{
	"blue":  {20, 20, 200},
	"green": {20, 200, 20},
	"red":   {200, 20, 20},
}

// shade is the i-th picture of a colour, with a training vector that differs from its embedding,
// and with [threeInstances], if augmented.
func shade(class string, i int, augmented bool) Picture {
	p := Picture{Label: class, Name: fmt.Sprintf("%03d.png", i), Hash: sha256.Sum256(fmt.Append(nil, class, i)), Size: 99}
	c := colours[class]
	for k, v := range []uint8{c[0] + uint8(3*i), c[1] + uint8(i), c[2] + uint8(2*i)} {
		var sum float32 // over the pixels of a picture of one colour
		for range 64 {
			sum += float32(v) / 255
		}
		p.Embedding = append(p.Embedding, sum/64)
		if augmented {
			p.Training = append(p.Training, sum/(60+float32(k)))
		}
	}
	if augmented {
		for n := range threeInstances.Instances {
			for k, v := range p.Training {
				p.Instances = append(p.Instances, v+float32(n*k)/16)
			}
		}
	}
	return p
}

// openBound opens a database of [meanModel] for writing.
func openBound(t *testing.T, path string) *DB {
	t.Helper()
	return openAugmented(t, path, transform.Augmentation{})
}

func openAugmented(t *testing.T, path string, a transform.Augmentation) *DB {
	t.Helper()
	db, err := Create(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.BindAugmented(context.Background(), meanModel, a); err != nil {
		t.Fatal(err)
	}
	return db
}

// storeAll stores pictures four at a time: those whose content is known take the embedding that it
// has.
func storeAll(ctx context.Context, db *DB, pictures []Picture) error {
	s, err := db.NewSession(ctx)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(pictures, 4) {
		var b Batch
		for _, p := range some {
			if s.Known(p.Hash) {
				b.Reuse(p)
			} else {
				b.Put(p)
			}
		}
		if err := s.Write(ctx, &b); err != nil {
			return err
		}
	}
	return s.Finish(ctx)
}

// shades are n pictures of each colour.
func shades(n int, augmented bool) (pictures []Picture) {
	for _, class := range []string{"blue", "green", "red"} {
		for i := range n {
			pictures = append(pictures, shade(class, i, augmented))
		}
	}
	return pictures
}

// fill stores n pictures of each colour.
func fill(t *testing.T, db *DB, n int) {
	t.Helper()
	if err := storeAll(context.Background(), db, shades(n, false)); err != nil {
		t.Fatal(err)
	}
}

// makeAugmented makes a database of three pictures of each colour and closes it.
func makeAugmented(t *testing.T, path string) {
	t.Helper()
	db := openAugmented(t, path, threeInstances)
	if err := storeAll(context.Background(), db, shades(3, true)); err != nil {
		t.Fatal(err)
	}
	checkSums(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// makeDatabase makes a database of three pictures of each colour and closes it.
func makeDatabase(t *testing.T, path string) {
	t.Helper()
	db := openBound(t, path)
	fill(t, db, 3)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustLoad(t *testing.T, db *DB) *Embeddings {
	t.Helper()
	all, err := db.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sums reads the classes' sums and counts and checks them against the pictures, to the bit.
func checkSums(t *testing.T, db *DB) {
	t.Helper()
	set := mustLoad(t, db)
	c, i := 0, 0
	err := readClasses(context.Background(), db.sql, set.Dim, func(row *classRow, damage error) error {
		want := make([]float64, set.Dim)
		for range set.Counts[c] {
			for k := range want {
				want[k] += float64(set.TrainingVectors()[i*set.Dim+k])
			}
			i++
		}
		if damage != nil || row.name != set.Labels[c] || row.count != set.Counts[c] || !slices.Equal(row.sum, want) {
			t.Errorf("class %s: %d pictures, sum %v, %v; want %s, %d, %v", row.name, row.count, row.sum, damage, set.Labels[c], set.Counts[c], want)
		}
		c++
		return nil
	}, "ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	if c != len(set.Labels) {
		t.Errorf("%d classes, want %d", c, len(set.Labels))
	}
}
