package classifier

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"vs/torch"
)

// LDA is the linear discriminant with a shrunk covariance S that all classes share. A class with
// mean μ scores xᵀΣ⁻¹μ − ½μᵀΣ⁻¹μ, where Σ = (1−λ)·S + λ·tr(S)/D·I (Fisher, The use of multiple
// measurements in taxonomic problems, 1936; Ledoit and Wolf, A well-conditioned estimator for
// large-dimensional covariance matrices, 2004, for the form of Σ).
//
// The zero value chooses the power and the shrinkage and takes classes to be equally likely.
type LDA struct {
	Power     Choice `json:"power,omitzero"`     // p > 0
	Shrinkage Choice `json:"shrinkage,omitzero"` // λ, 0 to 1
	Counts    bool   `json:"counts,omitempty"`   // a class is as likely as it has training pictures
}

// What is chosen from. Real photographs took 0.5 with λ of 0.5 to 0.6, filters without learned
// weights also p = 1, with little shrinkage where there are many pictures.
var (
	powers     = []float64{0.5, 1}
	shrinkages = []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}
)

// Validate reports what of the parameters means nothing.
func (l LDA) Validate() error {
	if p, ok := l.Power.Value(); ok && !(p > 0 && p <= maxPower) {
		return fmt.Errorf("power %v: use auto, or more than 0 and at most %v", p, float64(maxPower))
	}
	if s, ok := l.Shrinkage.Value(); ok && !(s >= 0 && s <= 1) {
		return fmt.Errorf("shrinkage %v: use auto, or 0 to 1", s)
	}
	return nil
}

// String returns a name for tables, such as "lda" or "lda, power 0.5, shrinkage 0.3".
func (l LDA) String() string {
	name := "lda"
	if _, given := l.Power.Value(); given {
		name += ", power " + l.Power.String()
	}
	if _, given := l.Shrinkage.Value(); given {
		name += ", shrinkage " + l.Shrinkage.String()
	}
	if l.Counts {
		name += ", priors by counts"
	}
	return name
}

// maxPower bounds what is left of an embedding but its largest component.
const maxPower = 8

// Fit makes a classifier of examples. Every class needs one.
func (l LDA) Fit(ctx context.Context, device torch.Device, x *Examples) (*Linear, error) {
	if err := x.check(1); err != nil {
		return nil, err
	}
	tried, err := l.trials(ctx, device, x)
	if err != nil {
		return nil, err
	}
	return l.linear(slices.MinFunc(tried, func(a, b *trial) int { return cmp.Compare(a.loss(), b.loss()) }))
}

// priors returns the logarithm of how likely each class is, [C], up to a constant.
func (l LDA) priors(counts []int) []float64 {
	logs := make([]float64, len(counts))
	if l.Counts {
		for c, n := range counts {
			logs[c] = math.Log(float64(n))
		}
	}
	return logs
}

// priorsWithout are the priors where a class has one picture less.
func (l LDA) priorsWithout(counts []int, class int) []float64 {
	logs := l.priors(counts)
	if l.Counts {
		logs[class] = math.Log(float64(counts[class] - 1))
	}
	return logs
}

func (l LDA) linear(from *trial) (*Linear, error) {
	s := from.scatter
	weights, err := s.solve(from.shrinkage)
	if err != nil {
		return nil, err
	}
	out := &Linear{
		Power: s.power, Shrinkage: from.shrinkage, Temperature: from.temperature, Loss: from.loss(),
		dim: s.means.columns, weights: weights, bias: l.priors(s.counts),
	}
	first := make(map[string]int) // by the bytes of the mean
	for c := range weights.rows {
		// A product may round equal means in different ways, by which none of them may win.
		key := fmt.Sprint(s.means.row(c))
		if same, ok := first[key]; ok {
			copy(weights.row(c), weights.row(same))
		} else {
			first[key] = c
		}
		out.bias[c] -= dot(weights.row(c), s.means.row(c)) / 2
	}
	return out, nil
}

// Linear is a fitted classifier: a class scores the product of its weights with a transformed
// embedding, plus its bias.
type Linear struct {
	Power       float64 // p of the transform
	Shrinkage   float64 // λ
	Temperature float64 // what scores are divided by before they are taken for log-probabilities
	Loss        float64 // mean negative log-likelihood, in nats, of training pictures when left out

	dim     int
	weights matrix    // [C, D]
	bias    []float64 // [C]
}

// Scores writes the scores of the classes, [C], for an embedding, [D].
func (l *Linear) Scores(embedding []float32, scores []float64) {
	features := make([]float64, l.dim)
	transform(features, embedding, l.Power)
	for c := range scores {
		scores[c] = dot(features, l.weights.row(c)) + l.bias[c]
	}
}

// Probabilities turns scores into probabilities, in place.
func (l *Linear) Probabilities(scores []float64) { softmax(scores, 1/l.Temperature) }

// softmax writes exp(β·score), scaled to a sum of one, to scores.
func softmax(scores []float64, beta float64) {
	largest := slices.Max(scores)
	var sum float64
	for i, s := range scores {
		scores[i] = math.Exp(beta * (s - largest))
		sum += scores[i]
	}
	for i := range scores {
		scores[i] /= sum
	}
}
