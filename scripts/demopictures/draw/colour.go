package draw

import (
	"math"
	"math/rand/v2"
)

// rgb is a display colour; 0 is black and 1 full, and values between steps may leave that range.
type rgb struct{ r, g, b float64 }

func (a rgb) scale(k float64) rgb { return rgb{a.r * k, a.g * k, a.b * k} }

// mix goes from a (t = 0) to b (t = 1).
func (a rgb) mix(b rgb, t float64) rgb {
	return rgb{a.r + t*(b.r-a.r), a.g + t*(b.g-a.g), a.b + t*(b.b-a.b)}
}

func (a rgb) luma() float64 { return .299*a.r + .587*a.g + .114*a.b }

// hsv takes hue, saturation and value, each in 0..1; the hue wraps.
func hsv(h, s, v float64) rgb {
	channel := func(n float64) float64 {
		k := math.Mod(n+6*(h-math.Floor(h)), 6)
		return v * (1 - s*clamp(min(k, 4-k)))
	}
	return rgb{channel(5), channel(3), channel(1)}
}

// strangeColour is how often an object has a colour that its class seldom has, so that colour alone
// does not tell the classes apart.
const strangeColour = .12

// colour picks one of the usual colours and shifts it a little, or takes any colour at all.
func colour(r *rand.Rand, usual ...rgb) rgb {
	if chance(r, strangeColour) {
		return hsv(r.Float64(), between(r, .1, .75), between(r, .2, .95))
	}
	c, shift := pick(r, usual...), .06
	return rgb{c.r + between(r, -shift, shift), c.g + between(r, -shift, shift), c.b + between(r, -shift, shift)}
}

// apart moves b away from a in brightness until they differ by at least gap, so that a pattern of
// the two can be seen.
func apart(a, b rgb, gap float64) rgb {
	d := b.luma() - a.luma()
	switch {
	case math.Abs(d) >= gap:
		return b
	case a.luma() > .5:
		return b.mix(rgb{}, clamp(gap+d))
	default:
		return b.mix(rgb{1, 1, 1}, clamp(gap-d))
	}
}

// clamp limits t to 0..1, by branches since min and max take several times as long over their care for NaN.
func clamp(t float64) float64 {
	if t < 0 {
		return 0
	}
	if t > 1 {
		return 1
	}
	return t
}

// smooth rises from 0 at lo to 1 at hi without corners.
func smooth(lo, hi, t float64) float64 {
	t = clamp((t - lo) / (hi - lo))
	return t * t * (3 - 2*t)
}

func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
