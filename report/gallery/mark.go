package gallery

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// point is a place on a mark, in units of its radius from its centre.
type point struct{ x, y float64 }

var (
	tick  = []point{{-0.45, 0.05}, {-0.12, 0.38}, {0.48, -0.34}}
	cross = [][]point{{{-0.36, -0.36}, {0.36, 0.36}}, {{0.36, -0.36}, {-0.36, 0.36}}}
)

// drawMark draws a white tick on a green disc, or a white cross on a red square that stands on a
// corner: who cannot tell the colours apart sees the shapes.
func drawMark(dst *image.RGBA, centre image.Point, radius int, ok bool) {
	m := mark{dst, centre, float64(radius)}
	if ok {
		const corners = 48 // enough to be round
		var disc []point
		for i := range corners {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
			disc = append(disc, point{cos, sin})
		}
		m.fill(disc, green)
		m.stroke(tick)
		return
	}
	m.fill([]point{{0, -1.15}, {1.15, 0}, {0, 1.15}, {-1.15, 0}}, red)
	for _, line := range cross {
		m.stroke(line)
	}
}

type mark struct {
	dst    *image.RGBA
	centre image.Point
	radius float64 // in pixels
}

// fill fills a polygon.
func (m mark) fill(corners []point, c color.Color) {
	side := 4 * int(math.Ceil(m.radius))
	raster := vector.NewRasterizer(side, side)
	for i, p := range corners {
		x, y := float32(float64(side)/2+m.radius*p.x), float32(float64(side)/2+m.radius*p.y)
		if i == 0 {
			raster.MoveTo(x, y)
		} else {
			raster.LineTo(x, y)
		}
	}
	raster.ClosePath()
	at := image.Rect(0, 0, side, side).Add(m.centre).Sub(image.Pt(side/2, side/2))
	raster.DrawOp = draw.Over
	raster.Draw(m.dst, at, image.NewUniform(c), image.Point{})
}

// stroke draws a white line along the points, each piece lengthened by half the line's width so
// that pieces join.
func (m mark) stroke(points []point) {
	const half = 0.11
	for i := range len(points) - 1 {
		a, b := points[i], points[i+1]
		length := math.Hypot(b.x-a.x, b.y-a.y)
		dx, dy := half*(b.x-a.x)/length, half*(b.y-a.y)/length
		m.fill([]point{
			{a.x - dx - dy, a.y - dy + dx}, {a.x - dx + dy, a.y - dy - dx},
			{b.x + dx + dy, b.y + dy - dx}, {b.x + dx - dy, b.y + dy + dx},
		}, color.White)
	}
}
