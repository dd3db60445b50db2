package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/encoder"
	"vs/report"
	"vs/search"
	"vs/search/database"
	"vs/search/ingest"
	"vs/torch"
)

func benchCommand() *cli.Command {
	return &cli.Command{
		Name:  "bench",
		Usage: "measure the stages of encoding, each alone and all together",
		Description: "Nothing is kept. The stages take turns, so that a machine that slows down slows all of them; medians are printed.\n" +
			"With --classifier it also measures fitting it to the embeddings of the pictures, and answering by it.\n\n" +
			"Example: vs bench --model models/tiny_vit_5m_224.pt --data animals\n" +
			"Example: vs bench --model builtin --data animals --pictures 5000 --classifier lda",
		Flags: slices.Concat([]cli.Flag{
			modelFlag(),
			dataFlag(),
			nestedFlag(),
			&cli.IntFlag{Name: "pictures", Value: 400, Usage: "measure on at most the first `N` pictures"},
			&cli.IntFlag{Name: "repeat", Value: 5, Usage: "measure each stage `N` times"},
			&cli.Uint64Flag{Name: "seed", Value: 17, Usage: "seed the random generator of --projections with `S`"},
			formatFlag("table", "json"),
		}, classifierFlags(), runFlags()),
		Action: bench,
	}
}

func bench(c *cli.Context) error {
	if err := cmp.Or(needFlag(c, "model", "data"), checkRunFlags(c)); err != nil {
		return err
	}
	for _, name := range []string{"pictures", "repeat"} {
		if c.Int(name) < 1 {
			return usagef("--%s %d: use at least 1", name, c.Int(name))
		}
	}
	method, err := methodOf(c)
	if err != nil {
		return err
	}
	folder, err := openFolder(c)
	if err != nil {
		return err
	}
	folder = folder.Without(nil) // a picture of an odd name is not measured
	folder.Pictures = folder.Pictures[:min(c.Int("pictures"), len(folder.Pictures))]
	e, err := loadOnlyModel(c, c.String("model"))
	if err != nil {
		return err
	}
	defer e.Close()
	info, err := torch.GetInfo()
	if err != nil {
		return err
	}
	m := e.Metadata()
	result := &report.Bench{
		Model: m.ModelName, NumParams: m.NumParams, GMACs: m.GMACs, MActivations: m.MActivations,
		Versions: fmt.Sprintf("vs %s, libtorch %s, %s", c.App.Version, info.LibTorch, blasLine(info)),
		Pictures: len(folder.Pictures),
	}
	if result.Stages, err = measureStages(c, folder, e, method); err != nil {
		return err
	}
	result.Device = benchDevice(e)
	if c.String("format") == "json" {
		return report.WriteBenchJSON(c.App.Writer, result)
	}
	return report.WriteBenchTable(c.App.Writer, result)
}

// benchDevice says where and how the model computes.
func benchDevice(e *encoder.Encoder) string {
	device := e.Device().String()
	if e.Device().Type == torch.CUDAType {
		device += fmt.Sprintf(", %s, batches of %d", e.Precision(), e.BatchSize())
	}
	return device
}

// stageBench is one stage and how to run it over all pictures once.
type stageBench struct {
	name     string
	workers  int
	pictures int
	run      func() error
}

func measureStages(c *cli.Context, folder *data.Folder, e *encoder.Encoder, method search.Method) ([]report.BenchStage, error) {
	sample, err := decodeSome(c, folder, e, 8*e.Workers())
	if err != nil {
		return nil, err
	}
	// These prepare the model, find the batch size that memory allows, and put batches on the
	// device.
	if _, err := e.Embed(c.Context, sample); err != nil {
		return nil, err
	}
	if _, err := e.ForwardOnly(c.Context, e.Workers()); err != nil {
		return nil, err
	}
	batches := 8 * e.Workers()
	for i := 0; len(sample) < batches*e.BatchSize(); i++ {
		sample = append(sample, sample[i])
	}
	n := len(folder.Pictures)
	stages := []stageBench{
		{"read and hash", 1, n, func() error { return drain(c, folder, e, 1, true) }},
		{"decode and transform", 1, n, func() error { return drain(c, folder, e, 1, false) }},
		{"decode and transform", workers(c), n, func() error { return drain(c, folder, e, workers(c), false) }},
		{"model only", e.Workers(), batches * e.BatchSize(), func() error {
			_, err := e.ForwardOnly(c.Context, batches)
			return err
		}},
		{"encode", e.Workers(), len(sample), func() error {
			_, err := e.Embed(c.Context, sample)
			return err
		}},
		{"all together", e.Workers(), n, func() error { return ingestOnce(c, folder, e, nil) }},
	}
	if method.Classifier.Kind != "" {
		fitted, err := classifierStages(c, folder, e, method)
		if err != nil {
			return nil, err
		}
		stages = append(stages, fitted...)
	}
	measured := make([]report.BenchStage, len(stages))
	for i, s := range stages {
		measured[i] = report.BenchStage{Name: s.name, Workers: s.workers, Pictures: s.pictures}
	}
	for range c.Int("repeat") {
		for i, s := range stages {
			start := time.Now()
			if err := s.run(); err != nil {
				return nil, err
			}
			measured[i].Seconds = append(measured[i].Seconds, time.Since(start).Seconds())
		}
	}
	return measured, nil
}

// classifierStages fit a classifier to the embeddings of the pictures and answer all of them.
func classifierStages(c *cli.Context, folder *data.Folder, e *encoder.Encoder, method search.Method) ([]stageBench, error) {
	var set *database.Embeddings
	err := ingestOnce(c, folder, e, func(db *database.DB) (err error) {
		set, err = db.Load(c.Context)
		return err
	})
	if err != nil {
		return nil, err
	}
	var index *search.Index
	fit := func() (err error) {
		index, err = search.BuildIndex(c.Context, set, e.Device(), method)
		return err
	}
	answer := func() error {
		_, err := index.Search(c.Context, set.Vectors, 1)
		return err
	}
	n := len(set.Names)
	return []stageBench{{"fit " + method.String(), 1, n, fit}, {"answer by " + method.String(), 1, n, answer}}, nil
}

// drain loads all pictures and discards them; known ones are only read and hashed.
func drain(c *cli.Context, folder *data.Folder, e *encoder.Encoder, workers int, known bool) error {
	return eachPicture(c, folder, e, workers, known, func(loader *data.Loader, item data.Item) bool {
		loader.Release(item.Pixels)
		return true
	})
}

// decodeSome returns the crops of the first n pictures that can be decoded.
func decodeSome(c *cli.Context, folder *data.Folder, e *encoder.Encoder, n int) ([][]uint8, error) {
	var some [][]uint8
	err := eachPicture(c, folder, e, 1, false, func(_ *data.Loader, item data.Item) bool {
		if item.Err == nil {
			some = append(some, item.Pixels)
		}
		return len(some) < n
	})
	if err == nil && len(some) == 0 {
		err = fmt.Errorf("bench: none of the pictures in %s can be decoded", folder.Dir)
	}
	return some, err
}

// eachPicture calls f for the pictures in order until it returns false.
func eachPicture(c *cli.Context, folder *data.Folder, e *encoder.Encoder, workers int, known bool, f func(*data.Loader, data.Item) bool) error {
	loader, err := data.NewLoader(c.Context, folder.Paths(), data.LoaderOptions{
		Spec: e.Transform(), Workers: workers, Known: func(int, [32]byte) bool { return known },
	})
	if err != nil {
		return err
	}
	defer loader.Close()
	for item, err := range loader.All() {
		if err != nil {
			return err
		}
		if !f(loader, item) {
			break
		}
	}
	return nil
}

// ingestOnce encodes the folder into a new database, calls f with it unless that is nil, and
// removes it.
func ingestOnce(c *cli.Context, folder *data.Folder, e *encoder.Encoder, f func(db *database.DB) error) error {
	dir, err := os.MkdirTemp("", "vs-bench-*")
	if err != nil {
		return fmt.Errorf("bench: %w; set TMPDIR to a folder that can be written", err)
	}
	defer os.RemoveAll(dir)
	db, err := database.Create(c.Context, filepath.Join(dir, "bench.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Bind(c.Context, modelOf(e)); err != nil {
		return err
	}
	_, err = ingest.Run(c.Context, db, folder, e, ingest.Options{BatchSize: batchSize(computeOf(c), e.Device()), Workers: workers(c), MaxBadShare: 1})
	if err != nil || f == nil {
		return err
	}
	return f(db)
}
