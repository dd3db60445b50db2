package ingest

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"vs/data"
	"vs/data/transform"
	"vs/search/database"
)

// meanEmbedder embeds a picture as the mean of each of its colours: enough to tell the pictures of
// these tests apart.
type meanEmbedder struct {
	embedded atomic.Int64
	fail     func(n int64) error // called with the number of pictures embedded before
}

const meanSize = 8

func (m *meanEmbedder) Dim() int { return 3 }

func (m *meanEmbedder) Transform() transform.Spec {
	return transform.Spec{Height: meanSize, Width: meanSize, Interpolation: "bicubic", Std: [3]float64{1, 1, 1}, CropPct: 1, CropMode: "center"}
}

func (m *meanEmbedder) Embed(ctx context.Context, pictures [][]uint8) ([]float32, error) {
	var out []float32
	for _, p := range pictures {
		if m.fail != nil {
			if err := m.fail(m.embedded.Load()); err != nil {
				return nil, err
			}
		}
		m.embedded.Add(1)
		for c := range 3 {
			var sum float32
			for _, v := range p[c*meanSize*meanSize : (c+1)*meanSize*meanSize] {
				sum += float32(v) / 255
			}
			out = append(out, sum/(meanSize*meanSize))
		}
	}
	return out, nil
}

func (m *meanEmbedder) model() database.Model {
	return database.Model{Name: "mean", Hash: "0123456789abcdef", Recipe: m.Transform().String(), EmbeddingDim: 3, NumParams: 0, Metadata: "{}"}
}

// writePicture writes a picture of one colour; the same colour gives the same bytes.
func writePicture(t *testing.T, path string, c color.Color) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 10, 10))
	for y := range 10 {
		for x := range 10 {
			img.Set(x, y, c)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

// colours are the classes of the test folder; every picture is a shade of its class's colour.
var colours = map[string]color.RGBA{
	"blue":  {20, 20, 200, 255},
	"green": {20, 200, 20, 255},
	"red":   {200, 20, 20, 255},
}

func shade(class string, i int) color.Color {
	c := colours[class]
	return color.RGBA{c.R + uint8(3*i), c.G + uint8(i), c.B + uint8(2*i), 255}
}

// makeFolder makes n pictures of each colour.
func makeFolder(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for class := range colours {
		for i := range n {
			writePicture(t, filepath.Join(dir, class, fmt.Sprintf("%03d.png", i)), shade(class, i))
		}
	}
	return dir
}

func openFolder(t *testing.T, dir string) *data.Folder {
	t.Helper()
	f, err := data.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// openBound opens a database of the embedder's model for writing.
func openBound(t *testing.T, path string, m *meanEmbedder) *database.DB {
	t.Helper()
	return openAugmented(t, path, m, transform.Augmentation{})
}

func openAugmented(t *testing.T, path string, m *meanEmbedder, a transform.Augmentation) *database.DB {
	t.Helper()
	db, err := database.Create(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.BindAugmented(context.Background(), m.model(), a); err != nil {
		t.Fatal(err)
	}
	return db
}

func mustIngest(t *testing.T, db *database.DB, dir string, m *meanEmbedder, o Options) *Summary {
	t.Helper()
	if o.BatchSize == 0 {
		o.BatchSize = 4
	}
	done, err := Run(context.Background(), db, openFolder(t, dir), m, o)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func mustLoad(t *testing.T, db *database.DB) *database.Embeddings {
	t.Helper()
	set, err := db.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// checkSound fails unless Verify finds no problem: each class's count and sum, to the bit, are
// those of its pictures.
func checkSound(t *testing.T, db *database.DB) {
	t.Helper()
	v, err := db.Verify(context.Background())
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v, %q", err, v.Problems)
	}
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
