package calibration

import (
	"math"
	"slices"
)

// Temperature returns the temperature that makes the classes, [N], of examples with these scores,
// [N, C], most likely. The loss is convex in β = 1/temperature, so Newton's method finds it, held
// between bounds on a logarithmic scale. Of many examples some say where it may begin. Where the
// scores say nothing, or there are none, the temperature is 1.
func Temperature(scores []float64, class []int) float64 {
	if len(class) == 0 {
		return 1
	}
	rows := slices.Collect(slices.Chunk(scores, len(scores)/len(class)))
	spread := meanSpread(rows)
	if !(spread > 0) {
		return 1
	}
	l := &likelihood{rows: rows, class: class}
	for _, row := range rows {
		l.best = append(l.best, slices.Max(row))
	}
	at := math.Log(1 / spread)
	if step := len(rows) / fewExamples; step > 1 {
		at = l.some(step).sharpest(at, spread)
	}
	return math.Exp(-l.sharpest(at, spread))
}

// fewExamples is how many examples, at least, say where to begin.
const fewExamples = 256

// likelihood is that of the classes of examples.
type likelihood struct {
	rows  [][]float64 // [N][C] scores
	best  []float64   // [N] the largest of each
	class []int       // [N]
}

// some returns one example of each step.
func (l *likelihood) some(step int) *likelihood {
	out := &likelihood{}
	for i := 0; i < len(l.rows); i += step {
		out.rows, out.best, out.class = append(out.rows, l.rows[i]), append(out.best, l.best[i]), append(out.class, l.class[i])
	}
	return out
}

// sharpest returns the logarithm of the best β, starting at another one. Spread is that of the
// scores.
func (l *likelihood) sharpest(at, spread float64) float64 {
	low, high := math.Log(minSharpness/spread), math.Log(maxSharpness/spread)
	for range maxSteps {
		first, second := l.slopes(math.Exp(at))
		if first > 0 {
			high = at
		} else {
			low = at
		}
		next, enough := (low+high)/2, tolerance
		if second > 0 {
			if newton := at - first/second; newton > low && newton < high {
				next, enough = newton, newtonTolerance
			}
		}
		step := math.Abs(next - at)
		at = next
		if step < enough {
			break
		}
	}
	return at
}

// The temperature is such that the mean difference between an example's scores lies between these.
const (
	minSharpness = 1e-4
	maxSharpness = 1e6
	maxSteps     = 60
)

// The steps after which the logarithm of β is known to about 1e-7. What a step of Newton's method
// leaves is about the square of the step.
const (
	tolerance       = 1e-7
	newtonTolerance = 3e-4
)

// meanSpread is the mean over examples of the standard deviation of their scores.
func meanSpread(rows [][]float64) float64 {
	var total float64
	for _, row := range rows {
		var sum, squares float64
		for _, s := range row {
			sum += s
		}
		mean := sum / float64(len(row))
		for _, s := range row {
			squares += (s - mean) * (s - mean)
		}
		total += math.Sqrt(squares / float64(len(row)))
	}
	return total / float64(len(rows))
}

// slopes returns the first and second derivatives of the negative log-likelihood by the logarithm
// of β.
func (l *likelihood) slopes(beta float64) (first, second float64) {
	negligible := -negligibleExponent / beta
	for i, own := range l.class {
		row, best := l.rows[i], l.best[i]
		var sum, mean, square float64
		for _, s := range row {
			d := s - best
			if d < negligible {
				continue
			}
			e := math.Exp(beta * d)
			sum += e
			mean += e * d
			square += e * d * d
		}
		mean /= sum
		first += mean - (row[own] - best)
		second += square/sum - mean*mean
	}
	return beta * first, beta*beta*second + beta*first
}

// negligibleExponent is such that e to the power of its negative adds nothing to a sum that begins
// at 1, however many classes there are.
const negligibleExponent = 60
