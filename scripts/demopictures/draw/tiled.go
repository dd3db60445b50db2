package draw

import (
	"math"
	"math/rand/v2"
)

// bricks is a wall in running, third or stack bond.
func bricks(c *canvas, r *rand.Rand) {
	rows := between(r, 7, 13)
	length := between(r, 1.7, 3.2) // of a brick, in heights
	gap := between(r, .03, .08)
	bond := pick(r, 0, .5, .5, .5, 1./3)
	dark := colour(r, rgb{.50, .20, .14}, rgb{.42, .27, .20}, rgb{.45, .43, .42}, rgb{.62, .42, .28})
	light := dark.mix(colour(r, rgb{.75, .42, .30}, rgb{.70, .60, .50}), between(r, .3, .8))
	mortar := apart(dark.mix(light, .5), colour(r, rgb{.75, .73, .70}, rgb{.35, .33, .32}), .18)
	rough, each := newField(r), newField(r)
	c.fill(func(x, y float64) rgb {
		v := y * rows
		row := math.Floor(v)
		u := x*rows/length + bond*row
		column := math.Floor(u)
		along, up := (u-column)*length, v-row
		grain := rough.fbm(x*rows*3, y*rows*3, 3)
		d := min(along, length-along, up, 1-up) - gap + .08*(grain-.5)
		brick := dark.mix(light, each.cell(int(column), int(row)))
		brick = brick.scale((.75 + .5*grain) * (.8 + .2*smooth(0, .12, d)))
		return mortar.scale(.8+.4*grain).mix(brick, clamp(.5+d/(c.px*rows)))
	})
}

// checkers is a worn two-coloured board.
func checkers(c *canvas, r *rand.Rand) {
	squares := between(r, 3.5, 9)
	one := colour(r, rgb{.92, .90, .85}, rgb{.85, .75, .55}, rgb{.9, .9, .95})
	two := apart(one, colour(r, rgb{.08, .08, .10}, rgb{.40, .20, .12}, rgb{.65, .10, .12}, rgb{.1, .3, .25}), .3)
	wear, each := newField(r), newField(r)
	worn := between(r, .1, .6)
	c.fill(func(x, y float64) rgb {
		u, v := x*squares, y*squares
		i, j := math.Floor(u), math.Floor(v)
		edge := min(u-i, i+1-u, v-j, j+1-v)
		own, other := one, two
		if (int(i)+int(j))&1 != 0 {
			own, other = two, one
		}
		p := other.mix(own, clamp(.5+edge/(c.px*squares)))
		w := wear.fbm(x*squares*.8, y*squares*3, 4)
		p = p.mix(one.mix(two, .5), worn*smooth(.45, .8, w))
		return p.scale(.88 + .14*each.cell(int(i), int(j)) + .2*(w-.5))
	})
}

// scales is rows of overlapping round plates, as on a fish or a roof.
func scales(c *canvas, r *rand.Rand) {
	rows := between(r, 6, 12)
	radius := between(r, .52, .62) // of a plate; plates stand 1 apart, rows half of that
	base := colour(r, rgb{.25, .45, .45}, rgb{.45, .50, .58}, rgb{.55, .30, .22}, rgb{.35, .42, .22}, rgb{.70, .55, .25})
	shine := apart(base, colour(r, rgb{.8, .9, .9}, rgb{.9, .8, .6}), .25)
	rough, each := newField(r), newField(r)
	ribs := between(r, 0, .25)
	c.fill(func(x, y float64) rgb {
		u, v := x*rows/1.6, y*rows/1.6
		row := math.Floor(2 * v)
		// The upper rows lie on top, so the first plate that reaches this far down is the one seen.
		for k := row - 1; ; k++ {
			shift := .5 * float64(int(k)&1)
			column := math.Floor(u + shift)
			du, dv := u+shift-column-.5, v-k/2
			d := math.Sqrt(du*du+dv*dv) - radius
			if d > 0 && k < row {
				continue
			}
			tone := each.cell(int(column), int(k))
			p := base.scale(.7+.5*tone).mix(shine, .5*smooth(.1, -.45, d-.2*du)*(.6+.4*tone))
			p = p.scale(1 - ribs*(.5+.5*math.Sin(40*du/(1.2+dv))))
			p = p.scale(.35 + .65*smooth(0, -.09, d))
			return p.scale(.85 + .3*rough.fbm(u*5, v*5, 3))
		}
	})
}
