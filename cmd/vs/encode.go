package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/encoder"
	"vs/report"
	"vs/search"
)

func encodeCommand() *cli.Command {
	return &cli.Command{
		Name:  "encode",
		Usage: "embed a folder of pictures into a database; only new pictures are embedded",
		Description: "DIR holds one folder of pictures per class. A picture whose content is in FILE already is not embedded again.\n" +
			"Interrupted, it keeps what it has written, and the same command goes on from there.\n\n" +
			"Example: vs encode --model models/tiny_vit_5m_224.pt --data animals --db animals-5m.db",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "model", Usage: modelUsage},
			&cli.StringFlag{Name: "data", Usage: "`DIR` with one folder of pictures per class"},
			&cli.StringFlag{Name: "db", Usage: "database `FILE`, made if there is none"},
			&cli.StringFlag{Name: "npy", Usage: "also write the embeddings to a NumPy `FILE`, and the pictures' names to FILE.txt"},
			maxBadShareFlag(),
		}, runFlags()...),
		Action: encode,
	}
}

func encode(c *cli.Context) (err error) {
	if err := cmp.Or(needFlag(c, "model", "data", "db"), checkRunFlags(c)); err != nil {
		return err
	}
	start := time.Now()
	folder, err := data.OpenFolder(c.String("data"))
	if err != nil {
		return err
	}
	device, err := chooseDevice(c)
	if err != nil {
		return err
	}
	e, err := loadModel(c, c.String("model"), device)
	if err != nil {
		return err
	}
	defer e.Close()
	db, err := search.OpenWritable(c.Context, c.String("db"))
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()

	ingestStart := time.Now()
	done, err := ingest(c, db, folder, e)
	if err != nil && !errors.Is(err, search.ErrBadPictures) {
		return err
	}
	tooManyBad := err
	if path := c.String("npy"); path != "" {
		set, err := db.LoadFolder(c.Context, folder)
		if err != nil {
			return err
		}
		if err := search.SaveNPY(path, set); err != nil {
			return err
		}
	}
	if err := report.WriteSummary(c.App.Writer, encodeSummary(folder, e, done, time.Since(start), time.Since(ingestStart))); err != nil {
		return err
	}
	return tooManyBad
}

// encodeSummary says what was done. The rate counts the pictures that were embedded while the folder was read; loading
// the model is in the duration only.
func encodeSummary(folder *data.Folder, e *encoder.Encoder, done *search.Ingested, total, ingest time.Duration) [][2]string {
	rate := "–"
	if done.New > 0 {
		rate = fmt.Sprintf("%.1f", float64(done.New)/ingest.Seconds())
	}
	return [][2]string{
		{"labels", fmt.Sprint(len(folder.Labels))},
		{"pictures", fmt.Sprint(len(folder.Pictures))},
		{"new", fmt.Sprint(done.New)},
		{"reused", fmt.Sprint(done.Reused)},
		{"bad", fmt.Sprint(len(done.Bad))},
		{"embedding size", fmt.Sprint(e.Dim())},
		{"encoder parameters", millions(e.Metadata().NumParams)},
		{"device", e.Device().String()},
		{"duration", total.Round(10 * time.Millisecond).String()},
		{"new pictures per second", rate},
	}
}
