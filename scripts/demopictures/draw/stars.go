package draw

import (
	"math"
	"math/rand/v2"
)

// stars is five-pointed stars, in rows or strewn, on cloth or on a night sky.
func stars(c *canvas, r *rand.Rand) {
	field := colour(r, rgb{.08, .10, .28}, rgb{.10, .18, .42}, rgb{.55, .10, .12}, rgb{.15, .1, .25}, rgb{.8, .8, .75})
	glow := field.mix(colour(r, rgb{.4, .2, .5}, rgb{.2, .4, .6}), .4)
	light := apart(field, colour(r, rgb{.96, .94, .85}, rgb{.95, .80, .25}, rgb{.85, .87, .9}), .3)
	mist := newField(r)
	c.fill(func(x, y float64) rgb {
		return field.mix(glow, smooth(.35, .75, mist.fbm(2*x, 2*y, 5))).scale(.85 + .3*mist.fbm(x*40, y*40, 2))
	})
	across := between(r, 2.5, 8)
	step := 1 / across
	strewn := between(r, 0, .5)
	turn := between(r, 0, 2*math.Pi)
	spin, size := between(r, 0, 1.2), between(r, .26, .46)
	inner := between(r, .38, .55)
	rows := int(c.reach*across) + 1
	for j := -rows; j <= rows; j++ {
		for i := -rows; i <= rows; i++ {
			x := step * (float64(i) + .5*float64(j&1) + between(r, -strewn, strewn))
			y := step * (float64(j) + between(r, -strewn, strewn))
			radius := step * size * between(r, 1-strewn, 1+strewn)
			star(c, x, y, radius, inner, turn+spin*between(r, -1, 1), light.scale(between(r, .8, 1.05)))
		}
	}
}

// star paints one star; inner is the radius of its notches as a share of that of its tips.
func star(c *canvas, x, y, radius, inner, turn float64, body rgb) {
	// Mirrored into one tenth of the circle, the outline is the line from a tip to the next notch.
	const tenth = math.Pi / 5
	sin, cos := math.Sincos(tenth)
	ex, ey := inner*cos-1, inner*sin
	long := math.Sqrt(ex*ex + ey*ey)
	outline := func(dx, dy float64) float64 {
		a := math.Atan2(dy, dx) - turn
		a -= 2 * tenth * math.Floor(a/(2*tenth)+.5)
		s, k := math.Sincos(math.Abs(a))
		d := math.Sqrt(dx*dx+dy*dy) / radius
		return radius * ((d*s)*-ex + (d*k-1)*ey) / long
	}
	c.shape(x, y, radius*1.05, outline, func(dx, dy, d float64) rgb { return body.scale(.85 - .5*d/radius) })
}
