package plot

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vs/report"
)

// RiskCoverage draws for each score of an evaluation with unknown classes the share of wrong
// answers among those that are accepted, by the share of the pictures whose answer is accepted. The
// lower a curve, the better the score tells what to reject.
func RiskCoverage(title string, e *report.Evaluation) (*Plot, error) {
	if e.OpenSet == nil {
		return nil, errors.New("no unknown classes to draw")
	}
	p := newAxes(title, "Share of the answers that are accepted", "Share of these that are wrong", chartWidth)
	scale(&p.X, 0, 1, 0.1)
	scale(&p.Y, 0, 1, 0.1)
	var entries []entry
	for i, s := range e.OpenSet.Scores {
		line := curveStyle(i)
		p.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			var points []vg.Point
			for k, risk := range s.Risk {
				points = append(points, at(coverage(k, s.Risk), risk))
			}
			c.StrokeLines(line, points)
		}))
		entries = append(entries, entry{s.Score, fmt.Sprintf(": AUROC %s", number(s.AUROC.Mean, 3)), func(c draw.Canvas, at vg.Point) {
			c.StrokeLine2(line, at.X-8, at.Y, at.X+8, at.Y)
		}})
	}
	return withLegend(p, newLegend(chartWidth-2*margin, entries...), chartWidth, chartHeight), nil
}

// coverage is that of a place in a curve of risks.
func coverage(place int, risks []float64) float64 { return float64(place+1) / float64(len(risks)) }

// coverageRecords has a row for each point of the curves.
func coverageRecords(e *report.Evaluation) [][]string {
	records := [][]string{{"score", "coverage", "risk"}}
	for _, s := range e.OpenSet.Scores {
		for k, risk := range s.Risk {
			records = append(records, []string{s.Score, report.Exact(coverage(k, s.Risk)), report.Exact(risk)})
		}
	}
	return records
}
