package main

import (
	"github.com/urfave/cli/v2"

	"vs/data/atomicfile"
	"vs/report/plot"
	"vs/search/evaluation"
)

// plotsOf are the evaluations, one per source, with the embeddings behind them.
func plotsOf(e *evaluation.Outcome) []plot.Model {
	models := make([]plot.Model, len(e.Sources))
	for i, s := range e.Sources {
		models[i] = plot.Model{
			Evaluation: e.Evaluations[i],
			Means:      s.Embeddings.Means(),
			Embeddings: s.Embeddings.Vectors,
			Dim:        s.Embeddings.Dim,
			Classes:    s.Embeddings.Classes(),
			Files:      s.Embeddings.Files(),
		}
	}
	return models
}

// savePlots writes the plots, and the numbers behind them, into the folder that --plots names.
// Other outputs of the command are not replaced.
func savePlots(c *cli.Context, e *evaluation.Outcome, others []outputFile) error {
	files := atomicfile.NewGroup(c.Context)
	defer files.Discard()
	if err := plot.AddAll(c.Context, files, c.String("plots"), plotsOf(e), plot.Options{SafeCSV: c.Bool("csv-safe")}); err != nil {
		return err
	}
	return commit(c, files, append(others, drawnOutputs("--plots", files.Paths()...)...), filesOf(e)...)
}
