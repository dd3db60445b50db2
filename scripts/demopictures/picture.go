package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
)

// picture draws one picture of a class, which depends on class, index and seed only: the pattern of
// the class in two random colours, seen by a camera that turns, zooms, bends and adds noise. In
// some pictures another class shows in a part, so that no classifier gets everything right.
func picture(class, index int, seed uint64) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, uint64(class)<<32|uint64(index)))
	short, long := between(r, 200, 300), between(r, 1, 1.5)
	w, h := int(short*long), int(short)
	if r.IntN(3) == 0 {
		w, h = h, w
	}
	front, back := newView(r, class), newView(r, (class+1+r.IntN(len(classes)-1))%len(classes))
	border := between(r, -.2, 1.8) // beyond .9 it is outside the picture
	light, grain := between(r, -.4, .4), between(r, 0, .12)
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for j := range h {
		for i := range w {
			x, y := (float64(i)-float64(w)/2)/short, (float64(j)-float64(h)/2)/short
			v := front
			if x*front.cos+y*front.sin > border {
				v = back
			}
			c := v.at(x, y)
			for k := range c {
				c[k] = c[k]*(1+light*x) + grain*(r.Float64()+r.Float64()-1)
			}
			m.SetRGBA(i, j, color.RGBA{level(c[0]), level(c[1]), level(c[2]), 255})
		}
	}
	return m
}

// view is a pattern before a camera.
type view struct {
	paint      pattern
	z          noise
	sin, cos   float64 // of the turn
	zoom, bend float64
	dark, lit  rgb
}

func newView(r *rand.Rand, class int) view {
	v := view{paint: classes[class].paint, z: noise(r.Uint64()), zoom: between(r, 5, 12), bend: between(r, 0, .1)}
	v.sin, v.cos = math.Sincos(between(r, -.4, .4))
	// Each class has a favourite hue, from which pictures stray.
	hue := float64(class)/float64(len(classes)) + between(r, -.25, .25)
	v.dark = shade(hue, between(r, 0, .6), between(r, .1, .45))
	v.lit = shade(hue+between(r, -.1, .1), between(r, 0, .5), between(r, .6, 1))
	return v
}

// at is the colour of a point; the shorter side of the picture measures 1.
func (v view) at(x, y float64) rgb {
	x, y = v.cos*x+v.sin*y, v.cos*y-v.sin*x
	x += v.bend * v.z.smooth(3*x, 3*y)
	y += v.bend * v.z.smooth(3*y, 3*x)
	t := v.paint(v.zoom*x, v.zoom*y, v.z)
	t = .85*t + .15*v.z.smooth(40*x, 40*y)
	var c rgb
	for k := range c {
		c[k] = v.dark[k] + t*(v.lit[k]-v.dark[k])
	}
	return c
}

// rgb are red, green and blue, 0 to 1.
type rgb [3]float64

// shade is a colour by hue (a turn is 1), saturation and value.
func shade(hue, saturation, value float64) rgb {
	var c rgb
	for k := range c {
		away := math.Abs(math.Remainder(hue-float64(k)/3, 1)) // of this channel's own hue
		c[k] = value * (1 - saturation*min(max(6*away-1, 0), 1))
	}
	return c
}

func level(v float64) uint8 { return uint8(255*min(max(v, 0), 1) + .5) }

func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

func encode(m image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, nil)
	return b.Bytes(), err
}
