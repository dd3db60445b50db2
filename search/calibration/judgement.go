package calibration

import (
	"math"
	"slices"
)

// Probabilities turns the scores of the classes, [C], into probabilities, in place, and returns the
// logarithm of what their exponentials add up to. They are NaN for a temperature of 0.
func Probabilities(scores []float64, temperature float64) (logSum float64) {
	best := slices.Max(scores)
	var sum float64
	for c, s := range scores {
		scores[c] = math.Exp((s - best) / temperature)
		sum += scores[c]
	}
	for c := range scores {
		scores[c] /= sum
	}
	return best/temperature + math.Log(sum)
}

// Judgement is what probabilities say of an example whose class is known.
type Judgement struct {
	Confidence float64 // probability of the most probable class
	Loss       float64 // negative logarithm of the probability of its own class, in nats
	Brier      float64 // sum over the classes of (p − y)², where y is 1 for its own class and else 0; 0 to 2
}

// Judge judges the scores of the classes, [C], of an example of a class.
func Judge(scores []float64, own int, temperature float64) Judgement {
	best := slices.Max(scores)
	var sum, squares float64
	for _, s := range scores {
		p := math.Exp((s - best) / temperature)
		sum += p
		squares += p * p
	}
	loss := math.Log(sum) - (scores[own]-best)/temperature
	p := math.Exp(-loss)
	return Judgement{
		Confidence: 1 / sum, Loss: loss,
		// The term of the own class is (1 − p)² in place of p².
		Brier: max(0, squares/(sum*sum)+1-2*p),
	}
}
