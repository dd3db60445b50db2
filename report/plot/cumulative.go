package plot

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vs/report"
)

const (
	chartWidth  = 560
	chartHeight = 380
)

var errNoEvaluations = errors.New("no evaluations to draw")

// CumulativeAccuracy draws for each model the accuracy that a share of the classes, worst first,
// does not exceed. A curve that rises early belongs to a model with few weak classes. The accuracy
// of a class is that over all runs, which is steadier than that of a single one.
func CumulativeAccuracy(evals []*report.Evaluation) (*Plot, error) {
	if len(evals) == 0 {
		return nil, errNoEvaluations
	}
	p := newAxes("Cumulative accuracy"+trial(evals), "Share of classes, least accurate first",
		"Accuracy of a class, over "+runsOf(evals), chartWidth)
	scale(&p.X, 0, 1, 0.1)
	scale(&p.Y, 0, 1, 0.1)
	var entries []entry
	for i, name := range report.DisplayNames(evals) {
		curve := cumulative(evals[i])
		line := curveStyle(i)
		p.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			points := []vg.Point{at(0, 0)}
			for k := 1; k < len(curve.Shares); k++ {
				points = append(points, at(curve.Shares[k-1], curve.Accuracies[k]), at(curve.Shares[k], curve.Accuracies[k]))
			}
			c.StrokeLines(line, points)
		}))
		entries = append(entries, entry{name, "", func(c draw.Canvas, at vg.Point) {
			c.StrokeLine2(line, at.X-8, at.Y, at.X+8, at.Y)
		}})
	}
	return withLegend(p, newLegend(chartWidth-2*margin, entries...), chartWidth, chartHeight), nil
}

// cumulative is the curve of the accuracies of the classes over all runs.
func cumulative(e *report.Evaluation) report.Cumulative {
	var accuracies []float64
	for _, class := range e.ClassStats() {
		accuracies = append(accuracies, class.Accuracy)
	}
	return report.CumulativeAccuracy(accuracies)
}

// curveStyle gives each curve its colour, and also a dash pattern, so that curves that coincide
// show each other.
func curveStyle(i int) draw.LineStyle {
	dashes := [][]vg.Length{nil, {7, 2.5}, {2, 2}, {7, 2, 2, 2}}
	return draw.LineStyle{Color: palette[i%len(palette)], Width: 1.8, Dashes: dashes[(i+i/len(palette))%len(dashes)]}
}

// runsOf says how many runs the evaluations have, "20 runs".
func runsOf(evals []*report.Evaluation) string {
	n, word := len(evals[0].Runs), "runs"
	for _, e := range evals {
		if len(e.Runs) != n {
			return "all runs"
		}
		if e.Protocol == report.KFold {
			word = "folds"
		}
	}
	if n == 1 {
		return "one run"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// trial warns of numbers of a trial run.
func trial(evals []*report.Evaluation) string {
	for _, e := range evals {
		if e.ShortRun > 0 {
			return " (trial run)"
		}
	}
	return ""
}
