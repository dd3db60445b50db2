package classifier

import (
	"math"
	"slices"
)

// calibrate returns the temperature that makes the classes of scores, [N, C], most likely (Platt,
// Probabilistic outputs for support vector machines, 1999; Guo et al., On calibration of modern
// neural networks, ICML 2017). The loss is convex in β = 1/temperature, so Newton's method finds
// it, held between bounds on a logarithmic scale. Where the scores say nothing the temperature is
// 1.
func calibrate(scores matrix, class []int) (temperature float64) {
	spread := meanSpread(scores)
	if !(spread > 0) {
		return 1
	}
	best := make([]float64, scores.rows)
	for i := range best {
		best[i] = slices.Max(scores.row(i))
	}
	low, high := math.Log(minSharpness/spread), math.Log(maxSharpness/spread)
	at := math.Log(1 / spread)
	for range maxSteps {
		first, second := slopes(scores, best, class, math.Exp(at))
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
func meanSpread(scores matrix) float64 {
	var total float64
	for i := range scores.rows {
		var sum, squares float64
		for _, s := range scores.row(i) {
			sum += s
		}
		mean := sum / float64(scores.columns)
		for _, s := range scores.row(i) {
			squares += (s - mean) * (s - mean)
		}
		total += math.Sqrt(squares / float64(scores.columns))
	}
	return total / float64(max(1, scores.rows))
}

// slopes returns the first and second derivatives of the negative log-likelihood by the logarithm
// of β. Best, [N], are the largest scores.
func slopes(scores matrix, best []float64, class []int, beta float64) (first, second float64) {
	negligible := -negligibleExponent / beta
	for i, own := range class {
		row := scores.row(i)
		var sum, mean, square float64
		for _, s := range row {
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
		first += mean - (row[own] - best[i])
		second += square/sum - mean*mean
	}
	return beta * first, beta*beta*second + beta*first
}

// negligibleExponent is such that e to the power of its negative adds nothing to a sum that begins
// at 1, however many classes there are.
const negligibleExponent = 60

// losses returns the negative log-likelihood, in nats, of the class of each row of scores.
func losses(scores matrix, class []int, temperature float64) []float64 {
	out := make([]float64, len(class))
	for i, own := range class {
		row := scores.row(i)
		largest := slices.Max(row)
		var sum float64
		for _, s := range row {
			sum += math.Exp((s - largest) / temperature)
		}
		out[i] = math.Log(sum) - (row[own]-largest)/temperature
	}
	return out
}
