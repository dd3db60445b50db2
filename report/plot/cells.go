package plot

import (
	"image"
	"image/color"
	imagedraw "image/draw"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	// underlap is how far a cell reaches under the next, because viewers that smooth edges would
	// show gaps.
	underlap = 0.3
	// maxDrawn is the number of classes up to which each cell is a shape. More would make SVG files
	// of many megabytes.
	maxDrawn = 128
	// smallestText is the size of the smallest text that is written into cells.
	smallestText = 6
)

func (h *heatMap) drawCells(c draw.Canvas, l *heatLayout) {
	if n := len(h.labels); n <= maxDrawn {
		h.drawGuides(c, l)
		h.drawRectangles(c, l)
	} else {
		c.DrawImage(vg.Rectangle{
			Min: vg.Point{X: l.origin.X, Y: l.origin.Y - vg.Length(n)*l.cell},
			Max: vg.Point{X: l.origin.X + vg.Length(n)*l.cell, Y: l.origin.Y},
		}, h.image(pixels(l.cell)))
	}
	frame := rectangle(l.origin.X, l.origin.Y-l.side, l.side, l.side)
	c.StrokeLines(draw.LineStyle{Color: axisLine, Width: 0.75}, append(frame, frame[0]))
	h.writeCells(c, l)
}

// drawGuides draws lines that lead the eye from a label to its cells, where those are not all
// filled.
func (h *heatMap) drawGuides(c draw.Canvas, l *heatLayout) {
	every := 1
	if l.cell < 16 {
		every = 5
	}
	line := draw.LineStyle{Color: faint, Width: 0.5}
	for i := every; i < len(h.labels); i += every {
		at := vg.Length(i) * l.cell
		c.StrokeLine2(line, l.origin.X, l.origin.Y-at, l.origin.X+l.side, l.origin.Y-at)
		c.StrokeLine2(line, l.origin.X+at, l.origin.Y, l.origin.X+at, l.origin.Y-l.side)
	}
}

// drawRectangles draws from the upper left corner rightwards and down. Equal neighbours in a row
// are one rectangle.
func (h *heatMap) drawRectangles(c draw.Canvas, l *heatLayout) {
	n := len(h.labels)
	for row := range n {
		for column := 0; column < n; {
			colour, end := h.shade(row, column), column+1
			for end < n && h.shade(row, end) == colour {
				end++
			}
			if colour != nil {
				x, right := vg.Length(column)*l.cell, vg.Length(end)*l.cell
				y, bottom := vg.Length(row)*l.cell, vg.Length(row+1)*l.cell
				if end < n && h.shade(row, end) != nil {
					right += underlap
				}
				if row < n-1 && h.shade(row+1, column) != nil {
					bottom += underlap
				}
				c.FillPolygon(colour, rectangle(l.origin.X+x, l.origin.Y-bottom, right-x, bottom-y))
			}
			column = end
		}
	}
}

// image has as many pixels a cell as a PNG file has, so that neither format has to scale it.
func (h *heatMap) image(cell int) image.Image {
	n := len(h.labels)
	img := image.NewNRGBA(image.Rect(0, 0, n*cell, n*cell))
	for row := range n {
		for column := range n {
			colour := h.shade(row, column)
			if colour == nil {
				colour = color.White
			}
			square := image.Rect(column*cell, row*cell, (column+1)*cell, (row+1)*cell)
			imagedraw.Draw(img, square, image.NewUniform(colour), image.Point{}, imagedraw.Src)
		}
	}
	return img
}

func (h *heatMap) writeCells(c draw.Canvas, l *heatLayout) {
	style := textStyle(min(10, l.cell*0.42))
	if style.Font.Size < smallestText || textWidth(style, h.longest) > l.cell-2 {
		return
	}
	style.XAlign = draw.XCenter
	for row := range h.labels {
		for column := range h.labels {
			colour := h.shade(row, column)
			if colour == nil {
				continue
			}
			style.Color = textOn(colour)
			at := vg.Point{X: l.origin.X + (vg.Length(column)+0.5)*l.cell, Y: l.origin.Y - (vg.Length(row)+0.5)*l.cell}
			textBeside(c, style, at, h.text(row, column))
		}
	}
}
