package classifier

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vs/search/calibration"
	"vs/torch"
)

// family is a classifier under one power, whose other parameter is still open.
type family interface {
	// candidates are the values of the parameter that are worth trying.
	candidates() []float64

	// leftOut calls f for each of some parameters with the scores, [B, C], of examples that were
	// not fitted to, and which they are.
	leftOut(ctx context.Context, parameters []float64, f func(parameter float64, scores matrix, rows []int)) error

	// solve returns the weights, [C, F], and the bias, [C].
	solve(ctx context.Context, parameter float64) (weights matrix, bias []float64, err error)

	// without calls f for some examples with their scores, [C], when fitted to all others.
	without(ctx context.Context, parameter float64, rows []int, f func(row int, scores []float64)) error

	// lift is what the classifier sees of embeddings.
	lift() *features
}

// newFamily prepares a classifier. The examples that held lists are for choosing its parameter.
func (s Spec) newFamily(device torch.Device, x *Examples, lift *features, held []int) (family, error) {
	switch s.Kind {
	case LDA:
		return s.newDiscriminant(device, x, lift, held)
	case Ridge:
		return newLeastSquares(device, x, lift, held)
	}
	return newSoftmax(device, x, lift)
}

// Fit makes a classifier of examples. Every class needs one.
func (s Spec) Fit(ctx context.Context, device torch.Device, x *Examples) (*Linear, error) {
	if err := x.check(1); err != nil {
		return nil, err
	}
	if x.Sums != nil && !s.OfSums() {
		panic("classifier: " + s.String() + " is not made of sums")
	}
	best, err := s.best(ctx, device, x)
	if err != nil {
		return nil, err
	}
	l := &Linear{
		Power: best.family.lift().power, Parameter: best.parameter, Temperature: best.temperature, Loss: best.loss(),
		Confidences: best.confidences, features: best.family.lift(),
	}
	l.weights, l.bias, err = best.family.solve(ctx, best.parameter)
	return l, err
}

// Linear is a fitted classifier: a class scores the product of its weights with the features of an
// embedding, plus its bias.
type Linear struct {
	Power       float64 // p of the features
	Parameter   float64 // shrinkage or penalty
	Temperature float64 // what scores are divided by before they are taken for log-probabilities
	Loss        float64 // mean negative log-likelihood, in nats, of training examples when left out

	// Confidences are the probabilities of the answers to training examples when left out,
	// ascending.
	Confidences []float64

	features *features
	weights  matrix    // [C, F]
	bias     []float64 // [C]
}

// Solution is what a classifier that has been fitted consists of.
type Solution struct {
	Power, Parameter, Temperature, Loss float64 // as in [Linear]

	Weights     []float64 // [C, F]
	Bias        []float64 // [C]
	Confidences []float64 // as in [Linear]
}

// Solution returns the classifier's numbers, from which [Spec.Restore] makes it again.
func (l *Linear) Solution() Solution {
	return Solution{l.Power, l.Parameter, l.Temperature, l.Loss, l.weights.values, l.bias, l.Confidences}
}

// Restore makes a classifier of embeddings of that many elements from a [Linear.Solution], which
// may be from anywhere.
func (s Spec) Restore(dim int, solved Solution) (*Linear, error) {
	if err := s.Check(dim, solved); err != nil {
		return nil, err
	}
	return &Linear{
		Power: solved.Power, Parameter: solved.Parameter, Temperature: solved.Temperature, Loss: solved.Loss,
		features: newFeatures(solved.Power, dim, s.Projections, s.Seed),
		weights:  matrix{len(solved.Bias), s.Features(dim), solved.Weights}, bias: solved.Bias, Confidences: solved.Confidences,
	}, nil
}

// Check returns an error unless [Spec.Restore] can make a classifier.
func (s Spec) Check(dim int, solved Solution) error {
	if err := s.Validate(); err != nil {
		return err
	}
	switch size := s.Features(dim); {
	case !(solved.Power > 0 && solved.Power <= maxPower):
		return fmt.Errorf("its power is %v, not above 0 and at most %v", solved.Power, float64(maxPower))
	case !(solved.Temperature >= 1/mostOfAny && solved.Temperature <= mostOfAny):
		return fmt.Errorf("its temperature is %v, not above 0 or too large", solved.Temperature)
	case !finite(solved.Parameter) || !finite(solved.Loss):
		return fmt.Errorf("its parameter is %v and its loss %v, which are not both numbers", solved.Parameter, solved.Loss)
	case len(solved.Bias) == 0 || len(solved.Weights) != len(solved.Bias)*size:
		return fmt.Errorf("it has %d weights and %d biases for features of %d elements", len(solved.Weights), len(solved.Bias), size)
	}
	for _, list := range [][]float64{solved.Weights, solved.Bias} {
		if i := slices.IndexFunc(list, func(v float64) bool { return !(math.Abs(v) <= mostOfAny) }); i >= 0 {
			return fmt.Errorf("a weight or bias is %v", list[i])
		}
	}
	last := 0.0
	for _, p := range solved.Confidences {
		if !(p >= last && p <= 1) {
			return fmt.Errorf("its confidences hold %v after %v; they must ascend from 0 to 1", p, last)
		}
		last = p
	}
	return nil
}

// mostOfAny bounds what a classifier is made of, so that no score overflows. Fits stay far below
// it.
const mostOfAny = 1e100

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Scores writes the scores of the classes, [C], for each of some embeddings, [N, D], in turn to
// scores and calls f.
func (l *Linear) Scores(device torch.Device, embeddings []float32, rows []int, scores []float64, f func(i int)) error {
	next := 0
	for some := range slices.Chunk(rows, rowsAtOnce) {
		block, err := l.features.of(device, embeddings, some)
		if err != nil {
			return err
		}
		for i := range block.rows {
			for c := range scores {
				scores[c] = dot(block.row(i), l.weights.row(c)) + l.bias[c]
			}
			f(next)
			next++
		}
	}
	return nil
}

// Probabilities turns scores into probabilities, in place.
func (l *Linear) Probabilities(scores []float64) { calibration.Probabilities(scores, l.Temperature) }
