package draw

import (
	"math"
	"math/rand/v2"
)

// city is a skyline by day, dusk or night: rows of houses, the nearest in front.
func city(c *canvas, r *rand.Rand) {
	night := pick(r, 0., .5, 1)
	high := colour(r, rgb{.35, .55, .8}, rgb{.6, .65, .7}).scale(1 - .85*night)
	low := high.mix(colour(r, rgb{.85, .88, .9}, rgb{.95, .6, .4}).scale(1-.6*night), .75)
	haze := newField(r)
	c.fill(func(x, y float64) rgb {
		return high.mix(low, clamp(y+.5)).mix(low.scale(1.15), .6*smooth(.45, .75, haze.fbm(2*x, 4*y, 4)))
	})
	wall := colour(r, rgb{.55, .5, .48}, rgb{.5, .35, .28}, rgb{.45, .5, .55}, rgb{.7, .66, .6}).scale(1 - .75*night)
	glass := colour(r, rgb{.2, .25, .32}, rgb{.55, .65, .75}).scale(1 - .8*night)
	lamp := colour(r, rgb{.98, .85, .5}, rgb{.95, .9, .75})
	storey := between(r, .022, .05)
	front := between(r, .25, .5)
	ranks := 2 + r.IntN(2)
	for k := range ranks {
		near := float64(k+1) / float64(ranks)
		tall := between(r, .5, .85) * (1.2 - .5*near)
		for x := -c.reach - .2; x < c.reach; {
			wide := between(r, .12, .34)
			top := front - tall*between(r, .3, 1)
			tone := low.mix(wall.mix(rgb{r.Float64(), r.Float64(), r.Float64()}, .15).scale(between(r, .7, 1.2)), .35+.65*near)
			house(c, r, x, top, wide, storey*(.6+.4*near), tone, low.mix(glass, .4+.6*near), lamp, .05+.5*night*r.Float64())
			x += wide * between(r, .8, 1.15)
		}
	}
}

// house paints a block from its roof at y down out of the picture, with windows, a share of them lit.
func house(c *canvas, r *rand.Rand, x, y, wide, storey float64, wall, glass, lamp rgb, lit float64) {
	deep := max(c.reach-y, wide) + c.px
	each := newField(r)
	bay := storey * between(r, .6, 1.6)
	fillX, fillY := between(r, .3, .8), between(r, .35, .7)
	sunny := between(r, -.25, .25)
	block := func(dx, dy float64) float64 { return max(math.Abs(dx-wide/2)-wide/2, -dy) }
	c.shape(x, y, deep, block, func(dx, dy, d float64) rgb {
		p := wall.scale(1 + sunny*(dx/wide-.5) - .15*dy)
		u, v := (dx-.1*bay)/bay, (dy-.4*storey)/storey
		i, j := math.Floor(u), math.Floor(v)
		if dy < .4*storey || -d < .25*bay {
			return p
		}
		edge := min(fillX/2-math.Abs(u-i-.5), fillY/2-math.Abs(v-j-.5)) * storey
		t := each.cell(int(i), int(j))
		pane := glass.scale(.7 + .6*t)
		if t < lit {
			pane = lamp.scale(.75 + .25*t/lit)
		}
		return p.mix(pane, clamp(.5+edge/c.px))
	})
}
