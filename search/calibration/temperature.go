package calibration

import (
	"math"
	"slices"
)

// Temperature returns the temperature that makes the classes, [N], of examples with these scores,
// [N, C], most likely. The loss is convex in β = 1/temperature, so Newton's method finds it, held
// between bounds on a logarithmic scale. Where the scores say nothing, or there are none, the
// temperature is 1.
func Temperature(scores []float64, class []int) float64 {
	if len(class) == 0 {
		return 1
	}
	rows := slices.Collect(slices.Chunk(scores, len(scores)/len(class)))
	spread := meanSpread(rows)
	if !(spread > 0) {
		return 1
	}
	best := make([]float64, len(rows))
	for i, row := range rows {
		best[i] = slices.Max(row)
	}
	low, high := math.Log(minSharpness/spread), math.Log(maxSharpness/spread)
	at := math.Log(1 / spread)
	for range maxSteps {
		first, second := slopes(rows, best, class, math.Exp(at))
		if first > 0 {
			high = at
		} else {
			low = at
		}
		next := (low + high) / 2
		if second > 0 {
			if newton := at - first/second; newton > low && newton < high {
				next = newton
			}
		}
		if math.Abs(next-at) < 1e-6 {
			break
		}
		at = next
	}
	return math.Exp(-at)
}

// The temperature is such that the mean difference between an example's scores lies between these.
const (
	minSharpness = 1e-4
	maxSharpness = 1e6
	maxSteps     = 60
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
// of β. Best, [N], are the largest scores.
func slopes(rows [][]float64, best []float64, class []int, beta float64) (first, second float64) {
	negligible := -negligibleExponent / beta
	for i, own := range class {
		var sum, mean, square float64
		for _, s := range rows[i] {
			d := s - best[i]
			if d < negligible {
				continue
			}
			e := math.Exp(beta * d)
			sum += e
			mean += e * d
			square += e * d * d
		}
		mean /= sum
		first += mean - (rows[i][own] - best[i])
		second += square/sum - mean*mean
	}
	return beta * first, beta*beta*second + beta*first
}

// negligibleExponent is such that e to the power of its negative adds nothing to a sum that begins
// at 1, however many classes there are.
const negligibleExponent = 60
