package evaluation

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/data"
	"vs/data/transform"
	"vs/encoder"
	"vs/report"
	"vs/search/database"
	"vs/search/ingest"
	"vs/torch"
)

const channelMeans = "../../encoder/testdata/channel_means.pt"

// makePictures writes ten pictures of each of three classes, whose colours overlap.
func makePictures(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for c, class := range []string{"ash", "birch", "cedar"} {
		for i := range 10 {
			writePicture(t, filepath.Join(dir, class, fmt.Sprintf("%03d.png", i)), uint64(100*c+i), 60*c)
		}
	}
	return dir
}

// writePicture writes a picture of one colour near a level of grey.
func writePicture(t *testing.T, path string, seed uint64, level int) {
	t.Helper()
	random := rand.New(rand.NewPCG(17, seed))
	channel := func() uint8 { return uint8(level + random.IntN(120)) }
	shade := color.RGBA{channel(), channel(), channel(), 255}
	img := image.NewRGBA(image.Rect(0, 0, 40, 40))
	for i := range 40 * 40 {
		img.Set(i%40, i/40, shade)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, img); err != nil {
		t.Fatal(err)
	}
}

// environment computes on the CPU and writes remarks to a builder.
func environment(remarks *strings.Builder) Environment {
	return Environment{
		Load: func(path string, how Compute) (*encoder.Encoder, error) {
			return encoder.Load(path, encoder.Options{Device: torch.CPU, Workers: 2, BatchSize: 8, Precision: how.Precision, ExifRotate: how.ExifRotate})
		},
		Embed: func(ctx context.Context, db *database.DB, folder *data.Folder, e *encoder.Encoder, a transform.Augmentation, how Compute) (*ingest.Summary, error) {
			m := e.Metadata()
			model := database.Model{Name: m.ModelName, Hash: e.Hash(), Recipe: e.Recipe(), EmbeddingDim: m.EmbeddingDim, NumParams: m.NumParams}
			if err := db.BindAugmented(ctx, model, a); err != nil {
				return nil, err
			}
			return ingest.Run(ctx, db, folder, e, ingest.Options{BatchSize: 8, Workers: 2, MaxBadShare: how.MaxBadShare})
		},
		Folder: func(*data.Folder) {},
		Remark: func(format string, args ...any) { fmt.Fprintf(remarks, format+"\n", args...) },
	}
}

// encode embeds a folder into a database.
func encode(t *testing.T, dir, path string) {
	t.Helper()
	env := environment(&strings.Builder{})
	e, err := env.Load(channelMeans, Compute{Precision: encoder.FP32})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	db, err := database.Create(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	folder, err := data.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := env.Embed(t.Context(), db, folder, e, transform.Augmentation{}, Compute{}); err != nil {
		t.Fatal(err)
	}
}

// encoded makes pictures and a database of them.
func encoded(t *testing.T) (dir, db string) {
	t.Helper()
	dir, db = makePictures(t), filepath.Join(t.TempDir(), "trees.db")
	encode(t, dir, db)
	return dir, db
}

// usual are the settings of an evaluation without options.
func usual() Settings {
	return Settings{
		Protocol: report.Holdout, Runs: DefaultRuns, Seed: 17, ValidShare: 0.2, Part: "valid", TopK: 2, Confidence: 0.95,
		Compute: Compute{Precision: encoder.FP32, Deterministic: true},
	}
}

func mustRun(t *testing.T, in Inputs, st Settings) (*Outcome, string) {
	t.Helper()
	var remarks strings.Builder
	o, err := Run(t.Context(), in, st, environment(&remarks))
	if err != nil {
		t.Fatal(err)
	}
	return o, remarks.String()
}

func wantParts(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("it lacks %q:\n%s", part, text)
		}
	}
}
