package draw

import (
	"math"
	"math/rand/v2"
)

// clouds is a sky, clear to overcast, at noon or at sunset.
func clouds(c *canvas, r *rand.Rand) {
	high := colour(r, rgb{.20, .42, .75}, rgb{.30, .50, .80}, rgb{.25, .28, .45}, rgb{.5, .55, .6})
	low := high.mix(colour(r, rgb{.75, .85, .95}, rgb{.95, .65, .45}, rgb{.8, .8, .8}), .7)
	white := colour(r, rgb{.98, .98, .97}, rgb{.98, .90, .82}, rgb{.85, .86, .88})
	shade := white.mix(high, .3).scale(between(r, .45, .75))
	zoom, stretch := between(r, 1.5, 4), between(r, 1, 2.2)
	cover, soft := between(r, .38, .58), between(r, .06, .22)
	warp, body := newField(r), newField(r)
	c.fill(func(x, y float64) rgb {
		sky := high.mix(low, clamp(y+.6))
		u, v := zoom*x, zoom*stretch*y
		bend := warp.fbm(u, v, 2)
		m := body.fbm(u+bend, v-bend, 5)
		lit := body.fbm(u+bend-.15, v-bend-.25, 3)
		p := white.mix(shade, clamp(.35+2.6*(lit-.4)+1.2*(m-cover)))
		return sky.mix(p, smooth(cover-soft, cover+soft, m))
	})
}

// waves is water under wind, from above or with its horizon.
func waves(c *canvas, r *rand.Rand) {
	deep := colour(r, rgb{.04, .20, .32}, rgb{.05, .30, .33}, rgb{.20, .26, .30}, rgb{.12, .16, .35})
	shine := apart(deep, colour(r, rgb{.55, .75, .85}, rgb{.85, .70, .55}, rgb{.7, .75, .8}), .3)
	sky := colour(r, rgb{.65, .78, .9}, rgb{.95, .75, .6}, rgb{.75, .77, .8})
	horizon := -between(r, .15, 1.2) // above the picture in most cases
	count := between(r, 5, 14)
	warp, rough := newField(r), newField(r)
	foam := between(r, .55, .8)
	type train struct{ kx, ky, phase, height float64 }
	trains := make([]train, 4)
	for i := range trains {
		sin, cos := math.Sincos(between(r, -.5, .5))
		k := 2 * math.Pi * count * between(r, .6, 1.7)
		trains[i] = train{k * sin * .6, k * cos, between(r, 0, 7), between(r, .5, 1)}
	}
	c.fill(func(x, y float64) rgb {
		below := y - horizon
		if below <= 0 {
			return sky.mix(shine, clamp(1+3*below)*.5)
		}
		// Waves crowd together towards the horizon; the fourth root of the squeeze keeps them above a pixel.
		far := 1 / math.Sqrt(math.Sqrt(.15+below))
		u, v := x*far, y*far*far
		bend := .12 * (warp.fbm(3*u, 4*v, 3) - .5)
		slope, height := 0.0, 0.0
		for _, t := range trains {
			sin, cos := math.Sincos(t.kx*u + t.ky*(v+bend) + t.phase)
			height += t.height * sin
			slope += t.height * cos
		}
		ripple := rough.fbm(u*count*2, v*count*5, 3)
		light := clamp(.32 + .17*slope + .7*(ripple-.5))
		p := deep.mix(shine, light)
		crest := smooth(foam, foam+.25, .25*height+ripple)
		p = p.mix(rgb{.93, .95, .96}, .8*crest)
		return p.mix(sky, .6*smooth(.25, 0, below))
	})
}
