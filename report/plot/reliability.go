package plot

import (
	"errors"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vs/report"
)

// Reliability draws for each model how often answers of a confidence are right, one point for each
// bin of [report.Probabilities]. Calibrated probabilities lie on the diagonal.
func Reliability(evals []*report.Evaluation) (*Plot, error) {
	if !hasProbabilities(evals) {
		return nil, errors.New("no probabilities to draw")
	}
	p := newAxes("Reliability of the probabilities"+trial(evals), "Mean confidence of the answers", "Share of right answers, over "+runsOf(evals), chartWidth)
	scale(&p.X, 0, 1, 0.1)
	scale(&p.Y, 0, 1, 0.1)
	diagonal := draw.LineStyle{Color: axisLine, Width: 1, Dashes: []vg.Length{3, 3}}
	p.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		c.StrokeLines(diagonal, []vg.Point{at(0, 0), at(1, 1)})
	}))
	entries := []entry{{"calibrated", "", func(c draw.Canvas, at vg.Point) {
		c.StrokeLine2(diagonal, at.X-8, at.Y, at.X+8, at.Y)
	}}}
	names := report.DisplayNames(evals)
	for i, e := range evals {
		if e.Probabilities == nil {
			continue
		}
		m := marker{palette[i%len(palette)], shapes[i%len(shapes)]}
		line := curveStyle(i)
		line.Width = 1.2
		p.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			var points []vg.Point
			for _, bin := range e.Probabilities.Bins {
				points = append(points, at(bin.Confidence, bin.Accuracy))
			}
			c.StrokeLines(line, points)
			m.fill(c, 3.2, points...)
		}))
		detail := ": calibration error " + number(e.Probabilities.CalibrationError, 3)
		entries = append(entries, entry{names[i], detail, func(c draw.Canvas, at vg.Point) {
			c.StrokeLine2(line, at.X-8, at.Y, at.X+8, at.Y)
			m.fill(c, 3, at)
		}})
	}
	return withLegend(p, newLegend(chartWidth-2*margin, entries...), chartWidth, chartHeight), nil
}

func hasProbabilities(evals []*report.Evaluation) bool {
	for _, e := range evals {
		if e.Probabilities != nil {
			return true
		}
	}
	return false
}

// reliabilityRecords has a row for each point.
func reliabilityRecords(evals []*report.Evaluation) [][]string {
	records := [][]string{{"model", "confidence", "accuracy", "num_answers"}}
	for i, name := range report.DisplayNames(evals) {
		if evals[i].Probabilities == nil {
			continue
		}
		for _, bin := range evals[i].Probabilities.Bins {
			records = append(records, []string{name, report.Exact(bin.Confidence), report.Exact(bin.Accuracy), report.Exact(float64(bin.Answers))})
		}
	}
	return records
}
