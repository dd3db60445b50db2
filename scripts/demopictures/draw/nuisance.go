package draw

import (
	"math"
	"math/rand/v2"
)

// What a camera and the world do to a picture of something. The shares are set so that plain texture and
// colour features (nearest class mean, four fifths for the means) get most pictures right and not all.
const (
	mixed     = .25 // share of pictures of which a part shows something else
	cluttered = .4  // share of pictures with things in front
)

// intrude lets another picture show through in a part of this one, with a soft wavy border.
func (c *canvas) intrude(r *rand.Rand, other *canvas) {
	sin, cos := math.Sincos(between(r, 0, 2*math.Pi))
	start, soft := between(r, .02, .3), between(r, .01, .15)
	border := newField(r)
	for k := range c.pix {
		x := (float64(k%c.w) - float64(c.w)/2) * c.px
		y := (float64(k/c.w) - float64(c.h)/2) * c.px
		side := cos*x + sin*y + .4*(border.fbm(3*x, 3*y, 3)-.5)
		c.pix[k] = c.pix[k].mix(other.pix[k], .9*smooth(start-soft, start+soft, side))
	}
}

// clutter puts plain discs and bars in front.
func (c *canvas) clutter(r *rand.Rand) {
	for range 1 + r.IntN(3) {
		body := hsv(r.Float64(), between(r, 0, .7), between(r, .1, .95))
		x, y := between(r, -.6, .6), between(r, -.6, .6)
		long, thick := between(r, .02, .4), between(r, .01, .08)
		sin, cos := math.Sincos(between(r, 0, math.Pi))
		capsule := func(dx, dy float64) float64 {
			u, v := cos*dx+sin*dy, cos*dy-sin*dx
			u = max(math.Abs(u)-long, 0)
			return math.Sqrt(u*u+v*v) - thick
		}
		c.shape(x, y, long+thick+c.px, capsule, func(dx, dy, d float64) rgb { return body.scale(.8 - .25*d/thick + .1*dx - .1*dy) })
	}
}

// light shades the picture from one side and towards its corners, and changes exposure, contrast and tint.
func (c *canvas) light(r *rand.Rand) {
	sin, cos := math.Sincos(between(r, 0, 2*math.Pi))
	slope, corner := between(r, 0, .5), between(r, 0, .4)
	gain, contrast := between(r, .8, 1.15), between(r, .75, 1.1)
	warm, tint := between(r, -.08, .08), between(r, -.04, .04)
	vivid := between(r, .6, 1.1)
	for k, p := range c.pix {
		x := (float64(k%c.w) - float64(c.w)/2) * c.px
		y := (float64(k/c.w) - float64(c.h)/2) * c.px
		s := gain * (1 + slope*(cos*x+sin*y)) * (1 - corner*(x*x+y*y))
		grey := p.luma()
		p = rgb{grey, grey, grey}.mix(p, vivid)
		p = rgb{.45, .45, .45}.mix(p, contrast)
		c.pix[k] = rgb{p.r * s * (1 + warm), p.g * s * (1 + tint), p.b * s * (1 - warm)}
	}
}

// blur averages over a square of side 2·radius+1 pixels, first along rows and then along columns.
func (c *canvas) blur(radius int) {
	if radius == 0 {
		return
	}
	out := make([]rgb, len(c.pix))
	pass := func(from, to []rgb, count, length, step, stride int) {
		for n := range count {
			for k := range length {
				var sum rgb
				for d := -radius; d <= radius; d++ {
					p := from[n*stride+min(max(k+d, 0), length-1)*step]
					sum = rgb{sum.r + p.r, sum.g + p.g, sum.b + p.b}
				}
				to[n*stride+k*step] = sum.scale(1 / float64(2*radius+1))
			}
		}
	}
	pass(c.pix, out, c.h, c.w, 1, c.w)
	pass(out, c.pix, c.w, c.h, c.w, 1)
}

// speckle adds sensor noise: near enough normal, as the sum of four even numbers.
func (c *canvas) speckle(r *rand.Rand, strength float64) {
	for k := range c.pix {
		var n [3]float64
		for i := range n {
			bits := r.Uint64()
			sum := bits&0xffff + bits>>16&0xffff + bits>>32&0xffff + bits>>48
			n[i] = strength * (float64(sum)/0x10000 - 2)
		}
		p := &c.pix[k]
		*p = rgb{p.r + n[0], p.g + n[1], p.b + n[2]}
	}
}
