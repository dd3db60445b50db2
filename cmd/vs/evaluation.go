package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/data/transform"
	"vs/encoder"
	"vs/search/database"
	"vs/search/evaluation"
	"vs/search/ingest"
)

// inputsOf returns the inputs that the flags name.
func inputsOf(c *cli.Context) evaluation.Inputs {
	return evaluation.Inputs{Databases: c.StringSlice("db"), Models: c.StringSlice("model"), Data: c.String("data"), Nested: c.Bool("nested")}
}

// runEvaluation evaluates on the device that --device names, and tells people on stderr what they
// should know.
func runEvaluation(c *cli.Context, in evaluation.Inputs, st evaluation.Settings) (*evaluation.Outcome, error) {
	device, err := chooseDevice(c)
	if err != nil {
		return nil, err
	}
	return evaluation.Run(c.Context, in, st, evaluation.Environment{
		Device: device,
		Load: func(path string, how evaluation.Compute) (*encoder.Encoder, error) {
			return loadModel(c, path, device, how)
		},
		Embed: func(_ context.Context, db *database.DB, folder *data.Folder, e *encoder.Encoder, a transform.Augmentation, how evaluation.Compute) (*ingest.Summary, error) {
			return embedFolder(c, db, folder, e, &a, how)
		},
		Folder: func(folder *data.Folder) { remarkOnFolder(c, folder) },
		Remark: func(format string, args ...any) { remark(c, format, args...) },
	})
}

// filesOf returns the files that an evaluation read.
func filesOf(o *evaluation.Outcome) []namedFile {
	var files []namedFile
	for _, path := range o.Inputs.Databases {
		files = append(files, databaseFiles("--db", path)...)
	}
	for _, path := range o.Inputs.Models {
		files = append(files, namedFile{"--model", path})
	}
	if o.Settings.Split != "" {
		files = append(files, namedFile{"--split", o.Settings.Split})
	}
	for _, s := range o.Sources {
		if s.Cache != "" {
			files = append(files, databaseFiles("the cache of embeddings", s.Cache)...)
		}
	}
	return files
}

// pictureFlags are the flags of the commands that evaluate and then show the pictures, in the
// folder that --out names.
func pictureFlags() []cli.Flag {
	flags := append(evaluationFlags(), forceFlag())
	for _, f := range flags {
		if f, ok := f.(*cli.StringFlag); ok && f.Name == "data" {
			f.Usage = "`DIR` with the pictures, one folder per class"
		}
	}
	return flags
}

// evaluatePictures evaluates what these flags name, and makes the folder. Outputs in it that are
// known may be given.
func evaluatePictures(c *cli.Context, outputs ...string) (*evaluation.Outcome, error) {
	if err := cmp.Or(needFlag(c, "out"), needSources(c), needFlag(c, "data")); err != nil {
		return nil, err
	}
	if _, err := os.ReadDir(c.String("data")); err != nil {
		return nil, fmt.Errorf("read pictures: %w; --data is the folder that the database was made from", err)
	}
	if err := makeOutputFolder(c, "out", c.String("data")); err != nil {
		return nil, err
	}
	for i := range outputs {
		outputs[i] = filepath.Join(c.String("out"), outputs[i])
	}
	if err := checkOutputs(c, drawnOutputs("--out", outputs...)); err != nil {
		return nil, err
	}
	st, err := settingsOf(c)
	if err != nil {
		return nil, err
	}
	return runEvaluation(c, inputsOf(c), st)
}
