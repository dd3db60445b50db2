package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// marker is how a picture of a class, or the runs of a model, are drawn.
type marker struct {
	colour color.Color
	shape  shape
}

// shape adds an outline around a point to a path. All shapes have about the same area for the same
// radius.
type shape func(p *vg.Path, at vg.Point, radius vg.Length)

var shapes = []shape{
	circle,
	polygon(1.25, 45, 4), // square
	polygon(1.4, 90, 3),  // triangle
	polygon(1.25, 0, 4),  // diamond
	polygon(1.4, -90, 3), // triangle on its head
	star(0),              // plus
	star(45),             // cross
	hourglass,
}

// maxMarkers is how many classes can have a marker of their own.
var maxMarkers = len(palette) * len(shapes)

// markerOf gives as many colours as there are before it gives another shape.
func markerOf(i int) marker {
	return marker{palette[i%len(palette)], shapes[i/len(palette)%len(shapes)]}
}

func circle(p *vg.Path, at vg.Point, radius vg.Length) {
	p.Move(vg.Point{X: at.X + radius, Y: at.Y})
	p.Arc(at, radius, 0, 2*math.Pi)
	p.Close()
}

func polygon(scale vg.Length, degrees float64, corners int) shape {
	return func(p *vg.Path, at vg.Point, radius vg.Length) {
		for i := range corners {
			angle := degrees*math.Pi/180 + 2*math.Pi*float64(i)/float64(corners)
			corner(p, i, at, scale*radius, angle)
		}
		p.Close()
	}
}

// star is a plus sign with arms a third as thick as it is wide, turned by some degrees.
func star(degrees float64) shape {
	const reach, half = 1.2, 0.42
	outline := [][2]float64{{reach, -half}, {reach, half}, {half, half}}
	return func(p *vg.Path, at vg.Point, radius vg.Length) {
		for i := range 12 {
			point := outline[i%3]
			angle := degrees*math.Pi/180 + math.Pi/2*float64(i/3) + math.Atan2(point[1], point[0])
			corner(p, i, at, vg.Length(math.Hypot(point[0], point[1]))*radius, angle)
		}
		p.Close()
	}
}

func hourglass(p *vg.Path, at vg.Point, radius vg.Length) {
	for i, degrees := range []float64{45, 135, -45, -135} {
		corner(p, i, at, 1.6*radius, degrees*math.Pi/180)
	}
	p.Close()
}

func corner(p *vg.Path, i int, at vg.Point, distance vg.Length, angle float64) {
	sin, cos := math.Sincos(angle)
	point := at.Add(vg.Point{X: distance * vg.Length(cos), Y: distance * vg.Length(sin)})
	if i == 0 {
		p.Move(point)
	} else {
		p.Line(point)
	}
}

// fill draws the marker at points as one path, which keeps SVG files small.
func (m marker) fill(c draw.Canvas, radius vg.Length, points ...vg.Point) {
	if len(points) == 0 {
		return
	}
	var path vg.Path
	for _, point := range points {
		m.shape(&path, point, radius)
	}
	c.SetColor(m.colour)
	c.Fill(path)
}

// ring marks points.
func ring(c draw.Canvas, radius vg.Length, points ...vg.Point) {
	if len(points) == 0 {
		return
	}
	var path vg.Path
	for _, point := range points {
		circle(&path, point, radius)
	}
	c.SetLineStyle(draw.LineStyle{Color: color.Black, Width: 0.9})
	c.Stroke(path)
}
