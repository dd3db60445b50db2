package main

import (
	"github.com/urfave/cli/v2"

	"vs/data/atomicfile"
	"vs/report/plot"
)

// plots are the evaluations, one a source, with the embeddings behind them.
func (e *evaluated) plots() []plot.Model {
	models := make([]plot.Model, len(e.sources))
	for i, s := range e.sources {
		models[i] = plot.Model{
			Evaluation: e.evaluations[i],
			Means:      s.set.Means(),
			Embeddings: s.set.Vectors,
			Dim:        s.set.Dim,
			Classes:    s.set.Classes(),
			Files:      s.set.Files(),
		}
	}
	return models
}

// savePlots writes the plots, and the numbers behind them, into the folder that --plots names. Other outputs of the command are
// not replaced.
func (e *evaluated) savePlots(c *cli.Context, others []outputFile) error {
	files := atomicfile.NewGroup(c.Context)
	defer files.Discard()
	if err := plot.AddAll(c.Context, files, c.String("plots"), e.plots(), plot.Options{SafeCSV: c.Bool("csv-safe")}); err != nil {
		return err
	}
	return commit(c, files, append(others, drawnOutputs("--plots", files.Paths()...)...), e.files()...)
}
