package plot

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vs/report"
)

// AccuracyPerRun draws the accuracy of each run, their mean as a line and its confidence interval
// as a band: the interval that the evaluation quotes, corrected for the overlap of splits where it
// can be, and Wilson's where runs do not vary. The axis of accuracies shows the range that they
// take, since a band of some thousandths would not be seen between 0 and 1. Runs are counted from
// 0, as in [report.WriteRunsCSV].
func AccuracyPerRun(evals []*report.Evaluation) (*Plot, error) {
	if len(evals) == 0 {
		return nil, errNoEvaluations
	}
	p := newAxes("Accuracy of each run"+trial(evals), "Run", "Accuracy", chartWidth)
	low, high, longest := math.Inf(1), math.Inf(-1), 0
	for _, e := range evals {
		low, high = stretch(low, high, e.Accuracy.Mean, e.Accuracy.Low, e.Accuracy.High)
		for _, run := range e.Runs {
			low, high = stretch(low, high, run.Accuracy)
		}
		longest = max(longest, len(e.Runs))
	}
	low, high = accuracyRange(low, high)
	y := step(high-low, 8)
	scale(&p.Y, max(0, y*math.Floor(low/y+1e-9)), min(1, y*math.Ceil(high/y-1e-9)), y)
	scale(&p.X, -0.5, float64(longest)-0.5, max(1, step(float64(longest), 10)))
	if evals[0].Protocol == report.KFold {
		p.X.Label.Text = "Fold"
	}

	var entries []entry
	names := report.DisplayNames(evals)
	radius := vg.Length(3.2)
	if longest > 100 {
		radius = 2
	}
	// Bands lie below all points, lest one model's hide another's.
	for i, e := range evals {
		band := translucent(palette[i%len(palette)])
		if hasInterval(e) {
			p.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
				low, high := at(p.X.Min, e.Accuracy.Low), at(p.X.Max, e.Accuracy.High)
				c.FillPolygon(band, rectangle(low.X, low.Y, high.X-low.X, high.Y-low.Y))
			}))
		}
	}
	for i, e := range evals {
		m := marker{palette[i%len(palette)], shapes[i%len(shapes)]}
		line := curveStyle(i)
		line.Width = 1.2
		p.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			c.StrokeLines(line, []vg.Point{at(p.X.Min, e.Accuracy.Mean), at(p.X.Max, e.Accuracy.Mean)})
			var points []vg.Point
			for r, run := range e.Runs {
				points = append(points, at(float64(r), run.Accuracy))
			}
			m.fill(c, radius, points...)
		}))
		entries = append(entries, entry{names[i], ": " + intervalText(e), func(c draw.Canvas, at vg.Point) {
			if hasInterval(e) {
				c.FillPolygon(translucent(m.colour), rectangle(at.X-8, at.Y-4, 16, 8))
			}
			c.StrokeLine2(line, at.X-8, at.Y, at.X+8, at.Y)
			m.fill(c, 3, at)
		}})
	}
	return withLegend(p, newLegend(chartWidth-2*margin, entries...), chartWidth, chartHeight), nil
}

// stretch makes a range hold values, leaving out those that are not defined.
func stretch(low, high float64, values ...float64) (float64, float64) {
	for _, v := range values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// accuracyRange widens a range so that points do not lie on its edges, and differences that mean
// nothing do not look large.
func accuracyRange(low, high float64) (float64, float64) {
	room := 0.05 * (high - low)
	const least = 0.05
	if missing := least - (high - low + 2*room); missing > 0 {
		room += missing / 2
	}
	low, high = low-room, high+room
	switch {
	case high > 1:
		return max(0, low-(high-1)), 1
	case low < 0:
		return 0, min(1, high-low)
	}
	return low, high
}

func hasInterval(e *report.Evaluation) bool { return e.Accuracy.Low <= e.Accuracy.High }

// intervalText is "0.951, 95 % interval 0.945–0.957 (corrected)", or says that it is Wilson's.
func intervalText(e *report.Evaluation) string {
	a := e.Accuracy
	if !hasInterval(e) {
		return number(a.Mean, 3)
	}
	text := fmt.Sprintf("%s, %s %% interval %s–%s", number(a.Mean, 3),
		strconv.FormatFloat(100*e.Confidence, 'g', 6, 64), number(a.Low, 3), number(a.High, 3))
	switch a.Interval {
	case report.CorrectedT:
		text += " (corrected)"
	case report.WilsonScore:
		text += " (Wilson)"
	}
	return text
}

func translucent(c color.Color) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = 0x2c
	return n
}
