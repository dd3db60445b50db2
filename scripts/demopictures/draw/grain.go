package draw

import (
	"math"
	"math/rand/v2"
)

// wood is boards with grain and a knot here and there.
func wood(c *canvas, r *rand.Rand) {
	boards := between(r, 1, 5)
	lines := between(r, 5, 14)
	light := colour(r, rgb{.78, .58, .36}, rgb{.62, .42, .25}, rgb{.55, .50, .45}, rgb{.85, .72, .52})
	dark := light.scale(between(r, .4, .7))
	warp, fibre, each := newField(r), newField(r), newField(r)
	knots := between(r, 0, .8)
	c.fill(func(x, y float64) rgb {
		v := y * boards
		board := math.Floor(v)
		n := int(board)
		along := x + 7*each.cell(n, 1)
		across := y + .10*(warp.fbm(along*1.1, y*3+5*board, 2)-.5)
		if each.cell(n, 2) < knots {
			kx, ky := along-7*each.cell(n, 1)-2*(each.cell(n, 3)-.5), v-board-.5
			near := 1 / (1 + 60*kx*kx + 20*ky*ky)
			across += .25 * near * ky
		}
		t := .5 + .5*math.Sin(2*math.Pi*lines*(across+.2*each.cell(n, 4)))
		t = .65*t*t + .35*fibre.fbm(along*7, across*150, 2)
		p := light.mix(dark, t).scale(.8 + .35*each.cell(n, 5))
		gap := min(v-board, board+1-v) / boards
		return p.scale(.3 + .7*smooth(0, .012, gap))
	})
}

// marble is veined stone.
func marble(c *canvas, r *rand.Rand) {
	zoom := between(r, 1.8, 3.5)
	stone := colour(r, rgb{.90, .89, .87}, rgb{.85, .82, .78}, rgb{.30, .42, .36}, rgb{.80, .66, .58}, rgb{.6, .6, .65})
	cloud := stone.mix(colour(r, rgb{.6, .6, .62}, rgb{.4, .35, .3}), .45)
	vein := apart(stone, colour(r, rgb{.35, .35, .38}, rgb{.85, .83, .8}, rgb{.5, .4, .25}), .4)
	warp, body := newField(r), newField(r)
	thin := between(r, .03, .06)
	sin, cos := math.Sincos(between(r, 0, math.Pi))
	stretch := between(r, 1, 2.5)
	c.fill(func(x, y float64) rgb {
		x, y = zoom*(cos*x+sin*y), zoom*stretch*(cos*y-sin*x)
		wx, wy := warp.fbm(x, y, 4), warp.fbm(x+31, y-47, 4)
		m := body.fbm(x+1.8*wx, y+1.8*wy, 4)
		ridge := math.Abs(m - .5)
		fine := math.Abs(wx - .5)
		p := stone.mix(cloud, smooth(.3, .7, wy))
		p = p.mix(vein, .7*smooth(thin*.6, 0, fine))
		return p.mix(vein, .85*smooth(thin, 0, ridge))
	})
}

// rings is one or several sets of circles within circles.
func rings(c *canvas, r *rand.Rand) {
	type centre struct{ x, y, turn, reach float64 }
	centres := make([]centre, pick(r, 1, 1, 2, 3, 4, 6))
	size := 1 / math.Sqrt(float64(len(centres)))
	for i := range centres {
		centres[i] = centre{between(r, -.6, .6), between(r, -.6, .6), r.Float64(), between(r, .5, 1.1) * size}
	}
	period := between(r, .05, .13) * (.5 + .5*size)
	one := colour(r, rgb{.9, .88, .82}, rgb{.2, .4, .6}, rgb{.75, .6, .4})
	two := apart(one, colour(r, rgb{.15, .15, .2}, rgb{.7, .15, .15}, rgb{.3, .2, .12}), .25)
	ground := colour(r, rgb{.5, .5, .5}, rgb{.3, .4, .35}, rgb{.7, .65, .55})
	wobble, rough := newField(r), newField(r)
	shake, fill := between(r, 0, .05), between(r, .35, .65)
	c.fill(func(x, y float64) rgb {
		grain := rough.fbm(x*9, y*9, 4)
		p := ground.scale(.6 + .8*grain)
		for _, k := range centres {
			dx, dy := x-k.x, y-k.y
			d := math.Sqrt(dx*dx+dy*dy) + shake*(wobble.at(4*x, 4*y)-.5)
			if d > k.reach+c.px {
				continue
			}
			t := d/period + k.turn
			t -= math.Floor(t)
			edge := (fill/2 - math.Abs(t-.5)) * period
			p = p.mix(two.mix(one, clamp(.5+edge/c.px)).scale(.8+.4*grain), clamp(.5+(k.reach-d)/c.px))
		}
		return p
	})
}
