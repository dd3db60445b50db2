package draw

import (
	"image"
	"image/color"
	"math"
)

// canvas is a picture in the making. Objects are placed in scene units: the origin is the middle of
// the picture, y points down, and the shorter side measures 1 before the camera rolls and tilts.
type canvas struct {
	w, h           int
	pix            []rgb // row by row
	cos, sin, tilt float64
	px             float64 // side of a pixel in scene units
	reach          float64 // every visible point has |x| and |y| below it
}

func newCanvas(w, h int, roll, tilt float64) *canvas {
	c := &canvas{w: w, h: h, pix: make([]rgb, w*h), tilt: tilt, px: 1 / float64(min(w, h))}
	c.sin, c.cos = math.Sincos(roll)
	for _, corner := range [4][2]int{{0, 0}, {w, 0}, {0, h}, {w, h}} {
		x, y := c.point(corner[0], corner[1])
		c.reach = max(c.reach, math.Abs(x), math.Abs(y))
	}
	return c
}

// point is the place in the scene that the middle of a pixel shows.
func (c *canvas) point(i, j int) (x, y float64) {
	a := (float64(i) + .5 - float64(c.w)/2) * c.px
	b := (float64(j) + .5 - float64(c.h)/2) * c.px
	x, y = c.cos*a+c.sin*b, c.cos*b-c.sin*a
	s := 1 / (1 + c.tilt*y)
	return x * s, y * s
}

// pixel undoes point; the result may lie outside the picture. Places where tilt·y reaches 1 have none: the
// classes' tilts are so small that objects at the border of the picture stay well below.
func (c *canvas) pixel(x, y float64) (i, j float64) {
	s := 1 / (1 - c.tilt*y)
	x, y = x*s, y*s
	a, b := c.cos*x-c.sin*y, c.sin*x+c.cos*y
	return a/c.px + float64(c.w)/2 - .5, b/c.px + float64(c.h)/2 - .5
}

// fill paints every pixel with the colour of its place.
func (c *canvas) fill(surface func(x, y float64) rgb) {
	for j := range c.h {
		for i := range c.w {
			x, y := c.point(i, j)
			c.pix[j*c.w+i] = surface(x, y)
		}
	}
}

// shape paints one object within radius of (x, y). For a place relative to (x, y), distance is how far
// the outline is (negative inside) and paint the colour there; edges are blended over one pixel.
func (c *canvas) shape(x, y, radius float64, distance func(dx, dy float64) float64, paint func(dx, dy, d float64) rgb) {
	lowI, lowJ, highI, highJ := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, corner := range [4][2]float64{{-1, -1}, {1, -1}, {-1, 1}, {1, 1}} {
		i, j := c.pixel(x+corner[0]*radius, y+corner[1]*radius)
		lowI, highI = min(lowI, i), max(highI, i)
		lowJ, highJ = min(lowJ, j), max(highJ, j)
	}
	left, right := int(max(lowI, 0)), int(min(highI+2, float64(c.w)))
	top, bottom := int(max(lowJ, 0)), int(min(highJ+2, float64(c.h)))
	for j := top; j < bottom; j++ {
		for i := left; i < right; i++ {
			px, py := c.point(i, j)
			px, py = px-x, py-y
			d := distance(px, py)
			if cover := clamp(.5 - d/c.px); cover > 0 {
				at := &c.pix[j*c.w+i]
				*at = at.mix(paint(px, py, d), cover)
			}
		}
	}
}

// level turns 0..1 into 0..255.
func level(v float64) uint8 { return uint8(255*clamp(v) + .5) }

func (c *canvas) rgba() *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
	for k, p := range c.pix {
		m.Pix[4*k], m.Pix[4*k+1], m.Pix[4*k+2], m.Pix[4*k+3] = level(p.r), level(p.g), level(p.b), 255
	}
	return m
}

func (c *canvas) grey() *image.Gray {
	m := image.NewGray(image.Rect(0, 0, c.w, c.h))
	for k, p := range c.pix {
		m.SetGray(k%c.w, k/c.w, color.Gray{Y: level(p.luma())})
	}
	return m
}
