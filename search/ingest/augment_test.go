package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vs/data/transform"
	"vs/search/database"
)

var threeInstances = transform.Augmentation{Instances: 3, Resize: 1.05, Flip: 0.5, Brightness: 0.4, Contrast: 0.4, Saturation: 0.4}

func TestTrainingVectorsAreMeansOverTheInstances(t *testing.T) {
	dir := makeFolder(t, 4)
	m := &meanEmbedder{}
	db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), m, threeInstances)
	done := mustIngest(t, db, dir, m, Options{})
	if done.New != 12 || m.embedded.Load() != 4*12 || done.Augmentation != threeInstances {
		t.Errorf("%d new, %d embedded under %q, want 12, 48 under %q", done.New, m.embedded.Load(), done.Augmentation, threeInstances)
	}
	set := mustLoad(t, db)
	augmenter, err := transform.NewAugmenter(m.Transform(), threeInstances)
	if err != nil {
		t.Fatal(err)
	}
	defer augmenter.Close()
	for i, file := range set.Files() {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		const pixels = 3 * meanSize * meanSize
		crops := make([]uint8, 4*pixels)
		if _, err := augmenter.Crops(crops, content, sha256.Sum256(content)); err != nil {
			t.Fatal(err)
		}
		embeddings, err := m.Embed(context.Background(), slices.Collect(slices.Chunk(crops, pixels)))
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float32, set.Dim)
		for k := range want {
			// In the order of the instances, which the rounding depends on.
			sum := float64(embeddings[k]) + float64(embeddings[3+k]) + float64(embeddings[6+k]) + float64(embeddings[9+k])
			want[k] = float32(sum / 4)
		}
		at := i * set.Dim
		if got := set.Vectors[at : at+set.Dim]; !slices.Equal(got, embeddings[:3]) {
			t.Errorf("%s: embedding %v, want %v", file, got, embeddings[:3])
		}
		if got := set.Examples[4*at : 4*(at+set.Dim)]; set.ExamplesEach() != 4 || !slices.Equal(got, embeddings) {
			t.Errorf("%s: examples %v, want %v", file, got, embeddings)
		}
		if got := set.Training[at : at+set.Dim]; !slices.Equal(got, want) || slices.Equal(got, embeddings[:3]) {
			t.Errorf("%s: training vector %v, want %v", file, got, want)
		}
	}
	checkSound(t, db)

	if done := mustIngest(t, db, dir, m, Options{}); done.New != 0 || done.Reused != 12 || m.embedded.Load() != 8*12 {
		t.Errorf("the same folder again: %d new, %d reused, %d embedded, want 0, 12 and no more", done.New, done.Reused, m.embedded.Load()-8*12)
	}
}

func TestAugmentationDoesNotChangeEmbeddings(t *testing.T) {
	dir := makeFolder(t, 3)
	m := &meanEmbedder{}
	plain := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, plain, dir, m, Options{})
	augmented := openAugmented(t, filepath.Join(t.TempDir(), "b.db"), m, threeInstances)
	mustIngest(t, augmented, dir, m, Options{})
	a, b := mustLoad(t, plain), mustLoad(t, augmented)
	if a.Training != nil || a.Examples != nil || !slices.Equal(a.TrainingVectors(), a.Vectors) {
		t.Error("a database without augmentation has training vectors")
	}
	if !slices.Equal(a.Vectors, b.Vectors) || !slices.Equal(a.Hashes, b.Hashes) {
		t.Error("the embeddings differ")
	}
	part := b.Limit(2).Subset([]string{"red", "blue"})
	if len(part.Training) != 4*3 || !slices.Equal(part.Examples[4*6:4*9], b.Examples[4*18:4*21]) || len(part.Hashes) != 4 || !slices.Equal(part.Training[6:9], b.Training[18:21]) || part.Hashes[2] != b.Hashes[6] {
		t.Errorf("two pictures of two labels have %d elements of training vectors, %d hashes", len(part.Training), len(part.Hashes))
	}
}

func TestAugmentedRowsDoNotDependOnBatchesAndWorkers(t *testing.T) {
	dir := makeFolder(t, 9)
	m := &meanEmbedder{}
	want := ""
	for _, o := range []Options{{BatchSize: 1, Workers: 1}, {BatchSize: 8, Workers: 4}, {BatchSize: 100, Workers: 2}, {BatchSize: 32}} {
		db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), m, threeInstances)
		mustIngest(t, db, dir, m, o)
		rows := fmt.Sprint(*mustLoad(t, db))
		if want == "" {
			want = rows
		}
		if rows != want {
			t.Errorf("%+v gives another database", o)
		}
	}
}

// Whatever happens to the rows, a picture keeps the training vector and the examples of its
// content.
func TestChangesKeepTrainingVectors(t *testing.T) {
	ctx := context.Background()
	start := makeFolder(t, 3)
	trained := func(t *testing.T, db *database.DB) map[[32]byte]string {
		set := mustLoad(t, db)
		vectors := map[[32]byte]string{}
		for i, hash := range set.Hashes {
			at, to := i*set.Dim, (i+1)*set.Dim
			vectors[hash] = fmt.Sprint(set.Training[at:to], set.Examples[4*at:4*to])
		}
		return vectors
	}
	first := openAugmented(t, filepath.Join(t.TempDir(), "first.db"), &meanEmbedder{}, threeInstances)
	mustIngest(t, first, start, &meanEmbedder{}, Options{})
	all := trained(t, first)

	swap := func(t *testing.T, dir, a, b string) {
		t.Helper()
		a, b = filepath.Join(dir, a), filepath.Join(dir, b)
		if err := errors.Join(os.Rename(a, a+".old"), os.Rename(b, a), os.Rename(a+".old", b)); err != nil {
			t.Fatal(err)
		}
	}
	ingest := func(db *database.DB, dir string, prune bool) error {
		m := &meanEmbedder{}
		_, err := Run(ctx, db, openFolder(t, dir), m, Options{BatchSize: 1, Prune: prune})
		if n := m.embedded.Load(); err == nil && n > 0 {
			err = fmt.Errorf("%d tensors are embedded again", n)
		}
		return err
	}
	tests := []struct {
		name   string
		change func(t *testing.T, db *database.DB, dir string) error
		left   int
	}{
		{"a renamed class", func(t *testing.T, db *database.DB, _ string) error { return db.Rename(ctx, "red", "ruby") }, 9},
		{"merged classes with equal names", func(t *testing.T, db *database.DB, _ string) error {
			_, err := db.Merge(ctx, []string{"red", "green", "blue"}, "green")
			return err
		}, 9},
		{"a removed class", func(t *testing.T, db *database.DB, _ string) error {
			_, err := db.Remove(ctx, []string{"red"})
			return err
		}, 6},
		{"pictures that swap their names", func(t *testing.T, db *database.DB, dir string) error {
			swap(t, dir, "red/000.png", "red/002.png")
			swap(t, dir, "red/001.png", "blue/001.png")
			return ingest(db, dir, false)
		}, 9},
		{"a class folder with another name, pruned", func(t *testing.T, db *database.DB, dir string) error {
			if err := os.Rename(filepath.Join(dir, "red"), filepath.Join(dir, "ruby")); err != nil {
				t.Fatal(err)
			}
			return ingest(db, dir, true)
		}, 9},
		{"a picture that is gone, pruned", func(t *testing.T, db *database.DB, dir string) error {
			if err := os.Remove(filepath.Join(dir, "red", "001.png")); err != nil {
				t.Fatal(err)
			}
			return ingest(db, dir, true)
		}, 8},
		{"written again without free space", func(t *testing.T, db *database.DB, _ string) error { _, _, err := db.Vacuum(ctx); return err }, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(start)); err != nil {
				t.Fatal(err)
			}
			db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), &meanEmbedder{}, threeInstances)
			mustIngest(t, db, dir, &meanEmbedder{}, Options{})
			if err := tt.change(t, db, dir); err != nil {
				t.Fatal(err)
			}
			left := trained(t, db)
			for hash := range maps.Keys(left) {
				if left[hash] != all[hash] {
					t.Errorf("the training vector of a picture is %s, and was %s", left[hash], all[hash])
				}
			}
			if len(left) != tt.left {
				t.Errorf("%d pictures, want %d", len(left), tt.left)
			}
			checkSound(t, db)
		})
	}
}
