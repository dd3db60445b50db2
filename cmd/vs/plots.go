package main

import (
	"vs/report"
	"vs/report/plot"
)

// savePlots writes the plots of evaluations, and the numbers behind them, into a folder. evaluations[i] is of sources[i].
func savePlots(dir string, sources []source, evaluations []*report.Evaluation) error {
	models := make([]plot.Model, len(sources))
	for i, s := range sources {
		models[i] = plot.Model{
			Evaluation: evaluations[i],
			Means:      s.set.Means(),
			Embeddings: s.set.Vectors,
			Dim:        s.set.Dim,
			Classes:    s.set.Classes(),
			Files:      s.set.Files(),
		}
	}
	return plot.SaveAll(dir, models)
}
