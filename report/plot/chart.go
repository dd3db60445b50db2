package plot

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// margin is left free around every plot.
const margin = 12

// newAxes is an empty system of axes with a light grid.
func newAxes(title, x, y string, width vg.Length) *plot.Plot {
	p := plot.New()
	p.Title.TextStyle = textStyle(13)
	p.Title.TextStyle.XAlign, p.Title.TextStyle.YAlign = draw.XCenter, draw.YTop
	p.Title.Text = shorten(p.Title.TextStyle, title, width-2*margin)
	p.Title.Padding = 10
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Padding = 0
		axis.Label.Padding = 5
		axis.LineStyle = draw.LineStyle{Color: axisLine, Width: 0.75}
		axis.Tick.LineStyle = axis.LineStyle
		axis.Tick.Length = 4
		label, tick := textStyle(10.5), textStyle(9)
		label.XAlign, label.YAlign = axis.Label.TextStyle.XAlign, axis.Label.TextStyle.YAlign
		tick.XAlign, tick.YAlign = axis.Tick.Label.XAlign, axis.Tick.Label.YAlign
		axis.Label.TextStyle, axis.Tick.Label = label, tick
	}
	p.X.Label.Text, p.Y.Label.Text = x, y
	grid := draw.LineStyle{Color: faint, Width: 0.6}
	p.Add(&plotter.Grid{Vertical: grid, Horizontal: grid})
	return p
}

// withLegend puts a legend below axes.
func withLegend(p *plot.Plot, l *legend, width, height vg.Length) *Plot {
	below := l.height() + 8
	total := height + below
	return &Plot{width, total, func(c draw.Canvas) {
		p.Draw(draw.Crop(c, margin, -margin, margin+below, -margin))
		l.draw(draw.Crop(c, margin, -margin, margin, -(total - margin - l.height())))
	}}
}

// plotterFunc draws in data coordinates.
type plotterFunc func(c draw.Canvas, at func(x, y float64) vg.Point)

func (f plotterFunc) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	f(c, func(a, b float64) vg.Point { return vg.Point{X: x(a), Y: y(b)} })
}

// scale sets the range of an axis, and ticks at the multiples of a step.
func scale(axis *plot.Axis, low, high, step float64) {
	axis.Min, axis.Max = low, high
	places := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var ticks plot.ConstantTicks
	for i := math.Ceil(low/step - 1e-9); i <= high/step+1e-9; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: number(i*step+0, places)})
	}
	axis.Tick.Marker = ticks
}

// step is the smallest of 1, 2 and 5 times a power of ten that divides a span into at most that
// many parts.
func step(span float64, parts int) float64 {
	power := math.Pow(10, math.Floor(math.Log10(span/float64(parts))))
	for _, factor := range []float64{1, 2, 5} {
		if span <= factor*power*float64(parts)*(1+1e-9) {
			return factor * power
		}
	}
	return 10 * power
}
