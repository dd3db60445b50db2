package draw

import (
	"math"
	"math/rand/v2"
)

// leaves is a heap of leaves on the ground.
func leaves(c *canvas, r *rand.Rand) {
	soil := colour(r, rgb{.16, .12, .08}, rgb{.10, .14, .08}, rgb{.3, .26, .2})
	rough := newField(r)
	c.fill(func(x, y float64) rgb { return soil.scale(.5 + 1.1*rough.fbm(x*14, y*14, 4)) })
	one := colour(r, rgb{.25, .45, .12}, rgb{.40, .55, .20}, rgb{.75, .45, .12}, rgb{.65, .25, .10}, rgb{.8, .65, .2})
	two := one.mix(colour(r, rgb{.35, .5, .15}, rgb{.8, .55, .15}, rgb{.5, .3, .15}), .6)
	length := between(r, .07, .2) // half of it, in scene units
	slim := between(r, .32, .6)
	count := int(between(r, 1, 3) * c.reach * c.reach / (length * length))
	for range count {
		leaf(c, r, length*between(r, .6, 1.25), slim*between(r, .85, 1.15), one.mix(two, r.Float64()).scale(between(r, .6, 1.15)))
	}
}

// leaf paints the overlap of two circles, with ribs.
func leaf(c *canvas, r *rand.Rand, length, slim float64, body rgb) {
	x, y := between(r, -c.reach, c.reach), between(r, -c.reach, c.reach)
	sin, cos := math.Sincos(between(r, 0, 2*math.Pi))
	bend := between(r, -.6, .6)
	width := slim * length
	offset := (length*length - width*width) / (2 * width)
	radius := offset + width
	along := func(dx, dy float64) (u, v float64) {
		u, v = cos*dx+sin*dy, cos*dy-sin*dx
		return u, v + bend*(u*u-length*length/3)/length*.5
	}
	outline := func(dx, dy float64) float64 {
		u, v := along(dx, dy)
		v = math.Abs(v) + offset
		return math.Sqrt(u*u+v*v) - radius
	}
	drop := .06 * length
	c.shape(x+drop, y+drop, 1.3*length, outline, func(dx, dy, d float64) rgb { return rgb{.05, .05, .04} })
	rib := body.mix(rgb{.95, .95, .7}, .35)
	c.shape(x, y, 1.3*length, outline, func(dx, dy, d float64) rgb {
		u, v := along(dx, dy)
		u, v = u/length, v/length
		side := 7*(u-1.1*math.Abs(v)) + 20
		side = math.Abs(side - math.Floor(side) - .5)
		p := body.scale(1 + .3*v + .15*u)
		p = p.mix(rib, .5*smooth(.14, .02, side))
		return p.mix(rib, smooth(.045, .015, math.Abs(v)))
	})
}

// grass is a meadow seen from close by, with some flowers or none.
func grass(c *canvas, r *rand.Rand) {
	green := colour(r, rgb{.22, .42, .12}, rgb{.35, .50, .18}, rgb{.60, .55, .28}, rgb{.18, .35, .2})
	tip := green.mix(colour(r, rgb{.65, .75, .3}, rgb{.8, .75, .45}), .6)
	shade := green.scale(.5)
	rough := newField(r)
	c.fill(func(x, y float64) rgb { return shade.scale(.5 + 1.2*rough.fbm(x*9, y*9, 3)) })
	tall := between(r, .18, .45)
	wide := between(r, .006, .014)
	wind := between(r, -.5, .5)
	count := int(between(r, 1.5, 3) * c.reach * c.reach / (tall * wide))
	for n := range count {
		// From far to near, so that near blades hide far ones.
		y := -c.reach + (2*c.reach+tall)*float64(n)/float64(count)
		x := between(r, -c.reach, c.reach)
		near := .6 + .4*float64(n)/float64(count)
		body := green.mix(tip, r.Float64()).scale(between(r, .75, 1.3) * near)
		blade(c, x, y, tall*between(r, .5, 1.2), wide*between(r, .6, 1.3), wind+between(r, -.5, .5), body)
	}
	petal := colour(r, rgb{.95, .85, .2}, rgb{.95, .95, .95}, rgb{.8, .2, .3})
	for range pick(r, 0, 0, 0, 8, 25) {
		size := between(r, .008, .018)
		disc := func(dx, dy float64) float64 { return math.Sqrt(dx*dx+dy*dy) - size }
		c.shape(between(r, -c.reach, c.reach), between(r, -c.reach, c.reach), size+c.px, disc,
			func(_, _, d float64) rgb { return petal.scale(.75 - .25*d/size) })
	}
}

// blade paints a stalk from its root up, thinner and more bent towards the tip, piece by piece.
func blade(c *canvas, x, y, tall, wide, bend float64, body rgb) {
	const pieces = 5
	x0, y0 := x, y
	for k := 1; k <= pieces; k++ {
		t := float64(k) / pieces
		x1, y1 := x+bend*tall*t*t, y-tall*t*(1-.2*math.Abs(bend)*t)
		thick := wide * (1.05 - t) / 2
		dx, dy := (x1-x0)/2, (y1-y0)/2
		half := math.Sqrt(dx*dx + dy*dy)
		piece := func(px, py float64) float64 {
			s := 2*clamp(.5+(px*dx+py*dy)/(2*half*half)) - 1
			ex, ey := px-s*dx, py-s*dy
			return math.Sqrt(ex*ex+ey*ey) - thick
		}
		tone := body.scale(.45 + .75*t)
		c.shape(x0+dx, y0+dy, half+thick+c.px, piece, func(px, py, d float64) rgb { return tone.scale(1 + .3*d/thick) })
		x0, y0 = x1, y1
	}
}
