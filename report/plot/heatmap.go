package plot

import (
	"image/color"
	"math"

	"vs/report"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// heatMap is a square of cells, one a pair of classes, with a colour bar beside it.
type heatMap struct {
	title, rowTitle, columnTitle string
	labels                       []string
	shade                        func(row, column int) color.Color // nil for a cell that stays empty
	text                         func(row, column int) string      // what a cell says, if there is room
	longest                      string                            // a text as wide as any cell's

	barTitle  string
	low, high float64
	barShade  func(value float64) color.Color
	undefined string // what the cells say that are not defined; "" if there are none
}

// The measures of a heat map, in points. The side of a cell is a multiple of half a point, which is
// a pixel of a PNG file: its edges stay sharp.
const (
	labelWidth  = 170 // at most
	smallCell   = 10  // leaves room for a label beside each row
	largestCell = 72
	fullSide    = 432  // of the square, unless the cells get too small or too large
	largestSide = 1800 // then the cells get smaller, and only some are labelled
	barWidth    = 14
	barHeight   = 150 // at least
	titleRow    = 16
)

func cellSize(n int) vg.Length {
	size := math.Floor(2*fullSide/float64(n)) / 2
	size = min(largestCell, max(smallCell, size))
	if float64(n)*size > largestSide {
		size = max(0.5, math.Floor(2*largestSide/float64(n))/2)
	}
	return vg.Length(size)
}

// heatLayout is where the parts of a heat map are.
type heatLayout struct {
	cell, side         vg.Length
	origin             vg.Point // upper left corner of the square
	bar                vg.Point // lower left corner of the colour bar
	barHeight          vg.Length
	labels             []string
	every              int // label that is drawn; the others have no room
	labelStyle, titles draw.TextStyle
	labelled           vg.Length // width of the labels
	ticks              plot.ConstantTicks
	ticked             vg.Length // width of the numbers beside the bar
	width, height      vg.Length
}

func (h *heatMap) layout() *heatLayout {
	n := len(h.labels)
	l := &heatLayout{cell: cellSize(n), titles: textStyle(10.5)}
	l.side = vg.Length(math.Ceil(float64(l.cell) * float64(n)))
	l.labelStyle = textStyle(min(10, max(8, l.cell/2)))
	l.labels = shortenAll(l.labelStyle, h.labels, labelWidth)
	l.labelled = widest(l.labelStyle, l.labels)
	l.every = int(math.Ceil(float64(smallCell / l.cell)))

	var axis plot.Axis
	scale(&axis, h.low, h.high, step(h.high-h.low, 5))
	l.ticks = axis.Tick.Marker.(plot.ConstantTicks)
	for _, tick := range l.ticks {
		l.ticked = max(l.ticked, widest(textStyle(9), []string{tick.Label}))
	}

	left, below := margin+l.labelled+6, margin+l.labelled+6
	if h.rowTitle != "" {
		left += titleRow
	}
	if h.columnTitle != "" {
		below += titleRow
	}
	if h.undefined != "" {
		below += titleRow
	}
	l.barHeight = max(l.side, barHeight)
	l.width = left + l.side + 18 + barWidth + 6 + l.ticked + 18 + margin
	// A small matrix stands in the middle below its title.
	heading := vg.Length(math.Ceil(float64(textWidth(headingStyle(), report.Printable(h.title))))) + 2*margin
	if extra := min(heading, fullSide) - l.width; extra > 0 {
		l.width += extra
		left += vg.Length(math.Floor(float64(extra / 2)))
	}
	l.height = below + l.barHeight + margin + 28
	l.origin = vg.Point{X: left, Y: below + l.barHeight}
	l.bar = vg.Point{X: left + l.side + 18, Y: below}
	return l
}

func headingStyle() draw.TextStyle {
	style := textStyle(13)
	style.XAlign, style.YAlign = draw.XCenter, draw.YTop
	return style
}

func (h *heatMap) plot() *Plot {
	l := h.layout()
	return &Plot{l.width, l.height, func(c draw.Canvas) {
		h.drawCells(c, l)
		h.drawLabels(c, l)
		h.drawBar(c, l)
		heading := headingStyle()
		c.FillText(heading, vg.Point{X: l.width / 2, Y: l.height - margin}, shorten(heading, h.title, l.width-2*margin))
	}}
}

func (h *heatMap) drawLabels(c draw.Canvas, l *heatLayout) {
	style := l.labelStyle
	style.XAlign = draw.XRight
	upright := style
	upright.Rotation = math.Pi / 2
	below := l.origin.Y - l.side - 6
	for i := 0; i < len(l.labels); i += l.every {
		middle := (vg.Length(i) + 0.5) * l.cell
		textBeside(c, style, vg.Point{X: l.origin.X - 6, Y: l.origin.Y - middle}, l.labels[i])
		textBeside(c, upright, vg.Point{X: l.origin.X + middle, Y: below}, l.labels[i])
	}
	titles := l.titles
	titles.XAlign = draw.XCenter
	y := below - l.labelled - titleRow/2
	if h.columnTitle != "" {
		textBeside(c, titles, vg.Point{X: l.origin.X + l.side/2, Y: y - 3}, h.columnTitle)
		y -= titleRow
	}
	if h.undefined != "" {
		c.FillPolygon(undefinedColour, rectangle(l.origin.X, y-7, 10, 10))
		textBeside(c, textStyle(9), vg.Point{X: l.origin.X + 15, Y: y - 2}, h.undefined)
	}
	titles.Rotation = math.Pi / 2
	textBeside(c, titles, vg.Point{X: l.origin.X - 6 - l.labelled - titleRow/2, Y: l.origin.Y - l.side/2}, h.rowTitle)
}

// drawBar draws the colour bar.
func (h *heatMap) drawBar(c draw.Canvas, l *heatLayout) {
	const steps = 100
	for i := range steps {
		from := l.barHeight * vg.Length(i) / steps
		to := min(l.barHeight, l.barHeight*vg.Length(i+1)/steps+underlap)
		value := h.low + (h.high-h.low)*(float64(i)+0.5)/steps
		c.FillPolygon(h.barShade(value), rectangle(l.bar.X, l.bar.Y+from, barWidth, to-from))
	}
	line := draw.LineStyle{Color: axisLine, Width: 0.75}
	frame := rectangle(l.bar.X, l.bar.Y, barWidth, l.barHeight)
	c.StrokeLines(line, append(frame, frame[0]))
	right, style := l.bar.X+barWidth, textStyle(9)
	for _, tick := range l.ticks {
		y := l.bar.Y + l.barHeight*vg.Length((tick.Value-h.low)/(h.high-h.low))
		c.StrokeLine2(line, right, y, right+3, y)
		textBeside(c, style, vg.Point{X: right + 6, Y: y}, tick.Label)
	}
	style.Rotation, style.XAlign = math.Pi/2, draw.XCenter
	textBeside(c, style, vg.Point{X: right + 6 + l.ticked + 12, Y: l.bar.Y + l.barHeight/2}, h.barTitle)
}

func rectangle(x, y, width, height vg.Length) []vg.Point {
	return []vg.Point{{X: x, Y: y}, {X: x + width, Y: y}, {X: x + width, Y: y + height}, {X: x, Y: y + height}}
}
