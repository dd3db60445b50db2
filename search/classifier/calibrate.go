package classifier

import "math"

// calibrate returns the temperature that makes the classes of scores, [N, C], most likely, and their
// mean negative log-likelihood, in nats (Platt, 1999; Guo et al., On calibration of modern neural
// networks, ICML 2017). The loss is convex in β = 1/temperature, so Newton's method finds it, held
// between bounds on a logarithmic scale. Without scores the temperature is 1 and the loss 0.
func calibrate(scores matrix, class []int) (temperature, loss float64) {
	if len(class) == 0 {
		return 1, 0
	}
	spread := meanSpread(scores)
	if spread == 0 {
		return 1, math.Log(float64(scores.columns))
	}
	low, high := math.Log(minSharpness/spread), math.Log(maxSharpness/spread)
	at := math.Log(1 / spread)
	for range maxSteps {
		var first, second float64
		loss, first, second = likelihood(scores, class, math.Exp(at))
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
	return math.Exp(-at), loss
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
	return total / float64(scores.rows)
}

// likelihood returns the mean negative log-likelihood at a β, and its first and second derivatives
// by the logarithm of β.
func likelihood(scores matrix, class []int, beta float64) (loss, first, second float64) {
	for i, own := range class {
		row := scores.row(i)
		largest := row[0]
		for _, s := range row {
			largest = max(largest, s)
		}
		var sum, mean, square float64
		for _, s := range row {
			d := s - largest
			e := math.Exp(beta * d)
			sum += e
			mean += e * d
			square += e * d * d
		}
		mean /= sum
		square /= sum
		d := row[own] - largest
		loss += math.Log(sum) - beta*d
		first += mean - d
		second += square - mean*mean
	}
	n := float64(len(class))
	first, second = beta*first/n, beta*beta*second/n+beta*first/n
	return loss / n, first, second
}
