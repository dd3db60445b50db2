package plot

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"vs/report"
)

// EmbeddingMap draws pictures as a projection places them, each class in a colour, beyond twelve
// classes in a colour and a shape. classes[i] is the index of picture i's label, and wrong[i] rings
// it; wrong may be nil. One unit is as long on one axis as on the other, so that distances can be
// compared.
func EmbeddingMap(title string, projection *report.Projection, classes []int, labels []string, wrong []bool) (*Plot, error) {
	points := projection.Points
	switch {
	case len(points) == 0:
		return nil, errors.New("no pictures to draw")
	case len(classes) != len(points):
		return nil, fmt.Errorf("%d points and %d classes, must be as many", len(points), len(classes))
	case wrong != nil && len(wrong) != len(points):
		return nil, fmt.Errorf("%d points and %d marks, must be as many", len(points), len(wrong))
	}
	members := make([][][2]float64, len(labels))
	for i, class := range classes {
		if class < 0 || class >= len(labels) {
			return nil, fmt.Errorf("picture %d is of class %d, but there are %d labels", i, class, len(labels))
		}
		members[class] = append(members[class], points[i])
	}
	var ringed [][2]float64
	for i, is := range wrong {
		if is {
			ringed = append(ringed, points[i])
		}
	}

	const width, height = 640, 560
	p := newAxes(title, component("First", projection.Explained[0]), component("Second", projection.Explained[1]), width)
	size := p.DataCanvas(draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: width - 2*margin, Y: height - 2*margin}}}).Size()
	square(p, points, float64(size.X/size.Y))
	radius := radiusFor(len(points))
	p.Add(plotterFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		// In rounds, so that a class does not lie on top of another as a whole.
		const rounds = 8
		for round := range rounds {
			for class, points := range members {
				var some []vg.Point
				for i := round; i < len(points); i += rounds {
					some = append(some, at(points[i][0], points[i][1]))
				}
				markerOf(class).fill(c, radius, some...)
			}
		}
		var marked []vg.Point
		for _, point := range ringed {
			marked = append(marked, at(point[0], point[1]))
		}
		ring(c, radius+1.6, marked...)
	}))

	var entries []entry
	if len(labels) <= maxMarkers {
		for class, label := range labels {
			entries = append(entries, entry{label, "", func(c draw.Canvas, at vg.Point) { markerOf(class).fill(c, 3.4, at) }})
		}
	} else {
		entries = append(entries, entry{fmt.Sprintf("%d classes, too many to name; colours and shapes repeat", len(labels)), "",
			func(c draw.Canvas, at vg.Point) { markerOf(0).fill(c, 3.4, at) }})
	}
	if len(ringed) > 0 {
		entries = append(entries, entry{"wrong in most runs", "", func(c draw.Canvas, at vg.Point) { ring(c, 5, at) }})
	}
	return withLegend(p, newLegend(width-2*margin, entries...), width, height), nil
}

func component(ordinal string, explained float64) string {
	return fmt.Sprintf("%s principal component (%s of the variance)", ordinal, percent(explained))
}

// square gives both axes the same units for a data area whose width is ratio times its height.
func square(p *plot.Plot, points [][2]float64, ratio float64) {
	var low, high [2]float64
	for a := range 2 {
		low[a], high[a] = math.Inf(1), math.Inf(-1)
		for _, point := range points {
			low[a], high[a] = stretch(low[a], high[a], point[a])
		}
	}
	// The room around is 4 % of the height. Where all is one point, any range will do.
	height := 1.08 * max((high[0]-low[0])/ratio, high[1]-low[1])
	if height == 0 {
		height = 1
	}
	x, y := (low[0]+high[0])/2, (low[1]+high[1])/2
	unit := step(height, 8)
	scale(&p.X, x-height*ratio/2, x+height*ratio/2, unit)
	scale(&p.Y, y-height/2, y+height/2, unit)
}

func radiusFor(pictures int) vg.Length {
	switch {
	case pictures <= 500:
		return 3
	case pictures <= 5000:
		return 2.2
	}
	return 1.5
}
