package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/encoder"
	"vs/report"
	"vs/search/database"
	"vs/search/exchange"
	"vs/search/ingest"
)

func encodeCommand() *cli.Command {
	return &cli.Command{
		Name:  "encode",
		Usage: "embed a folder of pictures into a database; only new pictures are embedded",
		Description: "DIR holds one folder of pictures per class. A picture whose content is in FILE already is not embedded again.\n" +
			"Interrupted, it keeps what it has written, and the same command goes on from there. A database that was begun with\n" +
			"--augment goes on with the same augmentation, and --model may be left out where FILE exists.\n\n" +
			"Example: vs encode --model models/tiny_vit_5m_224.pt --data animals --db animals-5m.db",
		Flags: append([]cli.Flag{
			modelFlag(),
			dataFlag(),
			nestedFlag(),
			&cli.StringFlag{Name: "db", Usage: "database `FILE`, made if there is none"},
			&cli.StringFlag{Name: "npy", Usage: "also write the embeddings to a NumPy `FILE`, and the pictures' names to FILE.txt"},
			&cli.BoolFlag{Name: "prune", Usage: "at the end drop pictures and classes that are not in DIR from the database"},
			&cli.BoolFlag{Name: "profile", Usage: "print how long each stage of the pipeline was busy and waited"},
			&cli.StringFlag{Name: "cpuprofile", Usage: "write a CPU profile for go tool pprof to `FILE`"},
			forceFlag(),
			maxBadShareFlag(),
		}, append(augmentFlags(), runFlags()...)...),
		Action: encode,
	}
}

func encode(c *cli.Context) (err error) {
	if err := cmp.Or(needFlag(c, "data", "db"), checkAugmentFlags(c), checkRunFlags(c)); err != nil {
		return err
	}
	outputs := encodeOutputs(c)
	if err := checkOutputs(c, outputs); err != nil {
		return err
	}
	start := time.Now()
	folder, err := openFolder(c)
	if err != nil {
		return err
	}
	remarkOnFolder(c, folder)
	model, err := modelOfExisting(c)
	if err != nil {
		return err
	}
	e, err := loadOnlyModel(c, model)
	if err != nil {
		return err
	}
	defer e.Close()
	db, err := database.Create(c.Context, c.String("db"))
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()

	stopProfile, err := startCPUProfile(c.String("cpuprofile"))
	if err != nil {
		return err
	}
	ingestStart := time.Now()
	done, err := embedFolder(c, db, folder, e, augmentationGiven(c), computeOf(c))
	ingestTime := time.Since(ingestStart)
	err = cmp.Or(err, stopProfile())
	if err != nil && !errors.Is(err, data.ErrBadPictures) {
		return err
	}
	tooManyBad := err
	if err := countPictures(c, db, e.Device()); err != nil {
		return err
	}
	if path := c.String("npy"); path != "" {
		set, err := db.LoadFolder(c.Context, folder)
		if err != nil {
			return err
		}
		if err := writeTable(c, outputs, path, exchange.NPY, set.Table()); err != nil {
			return err
		}
	}
	if err := report.WriteSummary(c.App.Writer, encodeSummary(folder, e, done, time.Since(start), ingestTime)); err != nil {
		return err
	}
	if c.Bool("profile") {
		fmt.Fprintln(c.App.Writer)
		if err := report.WriteStages(c.App.Writer, encodeStages(c, e, done), ingestTime); err != nil {
			return err
		}
	}
	return cmp.Or(tooManyBad, noneOf(folder, done))
}

// modelOfExisting is modelFor a database that need not exist where --model names the model.
func modelOfExisting(c *cli.Context) (string, error) {
	if c.IsSet("model") {
		return c.String("model"), nil
	}
	path := c.String("db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", usagef("encode: --model is missing, and %s does not exist yet; see vs encode --help", path)
	}
	var model string
	err := readDB(c, func(db *database.DB) (err error) {
		model, err = modelFor(c, db)
		return err
	})
	return model, err
}

// noneOf is the error where --max-bad-share allows that all pictures are bad: there is nothing to
// keep.
func noneOf(folder *data.Folder, done *ingest.Summary) error {
	if done.New+done.Reused > 0 || len(folder.Pictures) == 0 {
		return nil
	}
	return fmt.Errorf("%w: none of the %d in %s can be used, so the database has none of them", data.ErrBadPictures, len(folder.Pictures), folder.Dir)
}

// encodeOutputs are the files that --npy and --cpuprofile name.
func encodeOutputs(c *cli.Context) []outputFile {
	var files []outputFile
	if path := c.String("npy"); path != "" {
		files = append(files, tableOutputs("--npy", path, exchange.NPY)...)
	}
	if path := c.String("cpuprofile"); path != "" {
		files = append(files, profileOutput(path))
	}
	return files
}

// encodeSummary says what was done. The rate counts the pictures that were embedded while the
// folder was read; loading the model is in the duration only.
func encodeSummary(folder *data.Folder, e *encoder.Encoder, done *ingest.Summary, total, ingesting time.Duration) [][2]string {
	rate := "–"
	if done.New > 0 {
		rate = fmt.Sprintf("%.1f", float64(done.New)/ingesting.Seconds())
	}
	pairs := [][2]string{
		{"labels", fmt.Sprint(len(folder.Labels))},
		{"pictures", fmt.Sprint(len(folder.Pictures) + len(folder.Bad))},
		{"new", fmt.Sprint(done.New)},
		{"reused", fmt.Sprint(done.Reused)},
		{"bad", fmt.Sprint(len(done.Bad))},
	}
	switch {
	case done.Removed > 0:
		pairs = append(pairs, [2]string{"removed", fmt.Sprint(done.Removed)})
	case done.Absent > 0:
		pairs = append(pairs, [2]string{"not in the folder", fmt.Sprintf("%d; --prune drops them", done.Absent)})
	}
	if done.Augmentation.Instances > 0 {
		pairs = append(pairs, [2]string{"augmentation", done.Augmentation.String()})
	}
	return append(pairs, [][2]string{
		{"embedding size", fmt.Sprint(e.Dim())},
		{"encoder parameters", report.Millions(e.Metadata().NumParams) + " M"},
		{"device", e.Device().String()},
		{"duration", total.Round(10 * time.Millisecond).String()},
		{"new pictures per second", rate},
	}...)
}

// encodeStages are the stages of the pipeline. Reading and decoding share their workers.
func encodeStages(c *cli.Context, e *encoder.Encoder, done *ingest.Summary) []report.Stage {
	pictures := int(done.Loader.Pictures)
	return []report.Stage{
		{Name: "read and hash", Workers: workers(c), Busy: done.Loader.Read, Pictures: pictures},
		{Name: "decode and transform", Workers: workers(c), Busy: done.Loader.Decode, Pictures: done.New},
		{Name: "encode", Workers: e.Workers(), Busy: e.Busy(), Pictures: done.New},
		{Name: "store", Workers: 1, Busy: done.Store, Pictures: pictures},
	}
}
