package main

import "math"

// pattern is the brightness, 0 to 1, of a class at a point. The unit is one brick, square or wave;
// z is the random noise of the picture.
type pattern func(x, y float64, z noise) float64

// classes are in the order of their names, as the labels of a data set are.
var classes = []struct {
	name  string
	paint pattern
}{
	{"bricks", bricks},
	{"checkers", checkers},
	{"clouds", clouds},
	{"dots", dots},
	{"marble", marble},
	{"pebbles", pebbles},
	{"rings", rings},
	{"scales", scales},
	{"stripes", stripes},
	{"waves", waves},
	{"wood", wood},
	{"zigzag", zigzag},
}

func bricks(x, y float64, z noise) float64 {
	x, y = x/2, y+.1*z.smooth(x, y)
	row := math.Floor(y)
	x += row / 2
	edge := min(2*toLine(x), toLine(y))
	return step(.05, .1, edge) * (.6 + .4*z.cell(math.Floor(x), row))
}

func checkers(x, y float64, z noise) float64 {
	odd := math.Mod(math.Abs(math.Floor(x)+math.Floor(y)), 2)
	return .1 + .6*odd + .3*z.cell(math.Floor(x), math.Floor(y))
}

func clouds(x, y float64, z noise) float64 { return step(.35, .75, z.fractal(x/4, y/3)) }

func dots(x, y float64, z noise) float64 {
	i, j := math.Floor(x), math.Floor(y)
	dx, dy := x-i-.5-.2*(z.cell(i, j)-.5), y-j-.5-.2*(z.cell(j, i)-.5)
	return step(.34, .28, math.Sqrt(dx*dx+dy*dy))
}

func marble(x, y float64, z noise) float64 {
	bend := 2 * z.fractal(x/4, y/4)
	return step(0, .12, math.Abs(z.fractal(x/3+bend, y/3-bend)-.5))
}

// pebbles are bright in the middle of each cell of a Voronoi diagram.
func pebbles(x, y float64, z noise) float64 {
	first, second := 9., 9.
	for i := math.Floor(x) - 1; i <= math.Floor(x)+1; i++ {
		for j := math.Floor(y) - 1; j <= math.Floor(y)+1; j++ {
			dx, dy := i+z.cell(i, j)-x, j+z.cell(j, i)-y
			if d := dx*dx + dy*dy; d < first {
				first, second = d, first
			} else {
				second = min(second, d)
			}
		}
	}
	return step(0, .3, math.Sqrt(second)-math.Sqrt(first))
}

func rings(x, y float64, z noise) float64 {
	x, y = x-4*z.cell(0, 0), y-4*z.cell(1, 1)
	return wave(math.Sqrt(x*x+y*y) + .3*z.smooth(x/2, y/2))
}

// scales are rows of discs; each row hangs over the next.
func scales(x, y float64, z noise) float64 {
	row := math.Floor(2 * y)
	for above := row - 1; ; above++ {
		u := x + above/2
		dx, dy := u-math.Floor(u)-.5, y-above/2
		if d := dx*dx + dy*dy; d < .36 || above == row {
			return step(.36, .1, d) * (.6 + .4*z.cell(math.Floor(u), above))
		}
	}
}

func stripes(x, y float64, z noise) float64 {
	return step(.4, .6, wave(x)) * (.7 + .3*z.cell(math.Floor(x), 0))
}

func waves(x, y float64, z noise) float64 {
	return wave(y + .3*math.Sin(2*x) + .6*z.smooth(x/2, y))
}

func wood(x, y float64, z noise) float64 {
	return .6*wave(y/2+2*z.smooth(x/12, y/4)) + .4*z.smooth(x/2, 8*y)
}

func zigzag(x, y float64, z noise) float64 {
	return step(.35, .65, wave(y+2*toLine(x/2)+.1*z.smooth(x, y)))
}

// toLine is the distance from x to the nearest whole number.
func toLine(x float64) float64 { return math.Abs(x - math.Round(x)) }

// wave swings between 0 and 1 with period 1.
func wave(x float64) float64 { return .5 + .5*math.Sin(2*math.Pi*x) }

// step goes from 0 at lo to 1 at hi without corners; lo may be the larger one.
func step(lo, hi, x float64) float64 {
	x = min(max((x-lo)/(hi-lo), 0), 1)
	return x * x * (3 - 2*x)
}

// noise is a random function of the plane, chosen by its value.
type noise uint64

// cell is a random number, 0 to 1, for each pair of whole numbers.
func (z noise) cell(i, j float64) float64 {
	h := uint64(z) ^ uint64(int64(i))*0x9e3779b97f4a7c15 ^ uint64(int64(j))*0xc2b2ae3d27d4eb4f
	h *= 0xd6e8feb86659fd93
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return float64(h>>40) / (1 << 24)
}

// smooth interpolates the cells.
func (z noise) smooth(x, y float64) float64 {
	i, j := math.Floor(x), math.Floor(y)
	u, v := step(0, 1, x-i), step(0, 1, y-j)
	top := z.cell(i, j)*(1-u) + z.cell(i+1, j)*u
	low := z.cell(i, j+1)*(1-u) + z.cell(i+1, j+1)*u
	return top*(1-v) + low*v
}

// fractal adds ever finer and weaker noise, on grids turned against each other by a 3-4-5 triangle.
func (z noise) fractal(x, y float64) float64 {
	sum, weight := 0., .5
	for range 4 {
		sum += weight * z.smooth(x, y)
		x, y, weight = 1.6*x-1.2*y+17, 1.2*x+1.6*y-9, weight/2
	}
	return sum + weight
}
