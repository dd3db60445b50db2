package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	legendRow   = 14  // height of a row
	legendThumb = 22  // width of the sample beside a text
	legendName  = 300 // a name is at most so wide
	legendGap   = 16  // between columns
)

// entry is a name in the legend, which may be shortened, what is said of it, and the sample beside
// it, drawn around a point.
type entry struct {
	name, detail string
	sample       func(c draw.Canvas, at vg.Point)
}

// legend stands below a plot, in as many columns as there is room for.
type legend struct {
	entries       []entry
	texts         []string
	style         draw.TextStyle
	columns, rows int
	column        vg.Length // width
}

func newLegend(width vg.Length, entries ...entry) *legend {
	l := &legend{entries: entries, style: textStyle(9)}
	for _, e := range entries {
		room := min(legendName, width-legendThumb-textWidth(l.style, e.detail))
		l.texts = append(l.texts, shorten(l.style, e.name, room)+e.detail)
	}
	l.column = legendThumb + widest(l.style, l.texts)
	l.columns = max(1, min(len(entries), int((width+legendGap)/(l.column+legendGap))))
	l.rows = (len(entries) + l.columns - 1) / l.columns
	return l
}

func (l *legend) height() vg.Length { return vg.Length(l.rows*legendRow + 4) }

// draw fills the columns from the top, in the middle of the canvas.
func (l *legend) draw(c draw.Canvas) {
	used := (len(l.entries) + l.rows - 1) / l.rows
	width := vg.Length(used)*(l.column+legendGap) - legendGap
	left := (c.Min.X + c.Max.X - width) / 2
	for i, e := range l.entries {
		x := left + vg.Length(i/l.rows)*(l.column+legendGap)
		y := c.Max.Y - vg.Length(i%l.rows)*legendRow - legendRow/2
		e.sample(c, vg.Point{X: x + (legendThumb-6)/2, Y: y})
		textBeside(c, l.style, vg.Point{X: x + legendThumb, Y: y}, l.texts[i])
	}
}
