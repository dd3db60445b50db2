package classifier

import (
	"context"
	"errors"
	"fmt"
	"math"
	"vs/search/calibration"

	"gonum.org/v1/gonum/optimize"
)

// minimize fits to the examples in some places, beginning with another solution or with zero.
func (r *softmaxRegression) minimize(ctx context.Context, penalty float64, places []int, start solution, tolerance float64) (solution, error) {
	o := &objective{penalty: penalty, classes: r.x.Classes, size: r.z.columns}
	z := newMatrix(len(places), o.size)
	for i, place := range places {
		copy(z.row(i), r.z.row(place))
		o.class = append(o.class, r.x.Class[r.x.Rows[place/r.x.each()]])
	}
	var err error
	if o.examples, err = newOperand(r.device, z); err != nil {
		return solution{}, err
	}
	defer o.examples.close()
	at := make([]float64, o.classes*(o.size+1))
	copy(at, start.weights.values)
	copy(at[o.classes*o.size:], start.bias)
	if err = o.chooseScales(at, r.values, r.z.rows); err == nil {
		at, err = lbfgs(ctx, o, at, tolerance)
	}
	if err != nil {
		return solution{}, fmt.Errorf("fit logistic with penalty %v: %w", penalty, err)
	}
	return solution{matrix{o.classes, o.size, at[:o.classes*o.size]}, at[o.classes*o.size:]}, nil
}

// objective is the mean negative log-likelihood of examples, plus the penalty per example. Its
// arguments are the weights, [C, R], and then the bias, [C].
type objective struct {
	penalty  float64
	classes  int
	size     int // R
	class    []int
	examples *operand // [N, R]

	// Scales, [R + 1], of the weights along each eigenvector and of the bias, are what the
	// optimiser sees arguments multiplied by, and gradients divided by, so that the value bends
	// about alike in all directions.
	scales []float64
}

// chooseScales finds the scales at a start. The second derivative by the weight of a class along an
// eigenvector is about p(1 − p)·value + λ, where p(1 − p) is that of all examples and classes on
// average; that by the bias is the same without λ. The values are eigenvalues of that many
// examples.
func (o *objective) chooseScales(at, values []float64, examples int) error {
	scores, err := o.scores(at)
	if err != nil {
		return err
	}
	var spread float64
	for i := range scores.rows {
		calibration.Probabilities(scores.row(i), 1)
		for _, p := range scores.row(i) {
			spread += p * (1 - p)
		}
	}
	spread = max(spread/float64(len(scores.values)), leastSpread)
	n := float64(examples)
	for _, v := range values {
		o.scales = append(o.scales, math.Sqrt((spread*v+o.penalty)/n))
	}
	o.scales = append(o.scales, math.Sqrt(spread))
	return nil
}

// leastSpread keeps the scale of the bias from zero where all examples are certain.
const leastSpread = 1e-6

// scale returns arguments multiplied by the scales to some power.
func (o *objective) scale(at []float64, power float64) []float64 {
	out := make([]float64, len(at))
	for j, s := range o.scales {
		s = math.Pow(s, power)
		for c := range o.classes {
			i := c*o.size + j
			if j == o.size {
				i = o.classes*o.size + c
			}
			out[i] = at[i] * s
		}
	}
	return out
}

// scores returns those of all examples, [N, C].
func (o *objective) scores(at []float64) (matrix, error) {
	scores, err := o.examples.timesTransposed(matrix{o.classes, o.size, at[:o.classes*o.size]})
	for i := range scores.rows {
		for c, b := range at[o.classes*o.size:] {
			scores.row(i)[c] += b
		}
	}
	return scores, err
}

func (o *objective) evaluate(at []float64) (value float64, gradient []float64, err error) {
	scores, err := o.scores(at)
	if err != nil {
		return 0, nil, err
	}
	n := float64(len(o.class))
	biasGradient := make([]float64, o.classes)
	for i, own := range o.class {
		row := scores.row(i)
		score := row[own]
		value += calibration.Probabilities(row, 1) - score
		row[own]-- // the probabilities become the gradient
		for c, p := range row {
			biasGradient[c] += p / n
		}
	}
	g, err := o.examples.transposedTimes(scores)
	if err != nil {
		return 0, nil, err
	}
	for i, w := range at[:o.classes*o.size] {
		value += o.penalty / 2 * w * w
		g.values[i] = (g.values[i] + o.penalty*w) / n
	}
	return value / n, append(g.values, biasGradient...), nil
}

// steepest bounds the components of a scaled gradient, whatever eigenvectors and mean the arguments
// are along: the length of that by the weights of a class, plus what the mean makes of that by its
// bias.
func (o *objective) steepest(scaled []float64) (largest float64) {
	gradient := o.scale(scaled, 1)
	for c := range o.classes {
		g := gradient[c*o.size : (c+1)*o.size]
		largest = max(largest, math.Sqrt(dot(g, g))+math.Abs(gradient[o.classes*o.size+c]))
	}
	return largest
}

// flat ends the optimiser where the gradient of an objective is within a tolerance.
type flat struct {
	*objective
	tolerance float64
}

func (f flat) Init(int) {}

func (f flat) Converged(at *optimize.Location) optimize.Status {
	if f.steepest(at.Gradient) <= f.tolerance {
		return optimize.GradientThreshold
	}
	return optimize.NotTerminated
}

// lbfgs minimises an objective until no component of its gradient exceeds the tolerance.
func lbfgs(ctx context.Context, o *objective, start []float64, tolerance float64) ([]float64, error) {
	// The optimiser calls from goroutines of its own. The objective is evaluated on this one, whose
	// thread has the number of intra-op threads that makes products the same on all machines.
	type answer struct {
		value    float64
		gradient []float64
	}
	asked, answered := make(chan []float64), make(chan answer)
	var last []float64
	var known answer
	ask := func(x []float64) answer {
		if last == nil || !equal(last, x) {
			last = append(last[:0], x...)
			asked <- last
			known = <-answered
		}
		return known
	}
	var result *optimize.Result
	var failed error
	done := make(chan struct{})
	go func() {
		defer close(done)
		problem := optimize.Problem{
			Func: func(x []float64) float64 { return ask(x).value },
			Grad: func(gradient, x []float64) { copy(gradient, ask(x).gradient) },
		}
		settings := &optimize.Settings{Converger: flat{o, tolerance}, MajorIterations: maxIterations}
		result, failed = optimize.Minimize(problem, o.scale(start, 1), settings, &optimize.LBFGS{Linesearcher: &optimize.MoreThuente{}})
	}()
	var broken error
	for {
		select {
		case x := <-asked:
			var a answer
			if broken == nil {
				broken = ctx.Err()
			}
			if broken == nil {
				if a.value, a.gradient, broken = o.evaluate(o.scale(x, -1)); broken == nil {
					a.gradient = o.scale(a.gradient, -1)
				}
			}
			if broken != nil { // where no gradient is left the optimiser ends
				a = answer{math.Inf(-1), make([]float64, len(x))}
			}
			answered <- a
		case <-done:
			switch {
			case broken != nil:
				return nil, broken
			case result == nil:
				return nil, failed
			case failed != nil && !(o.steepest(result.Gradient) <= lineSearchTolerance*tolerance):
				return nil, failed
			case result.Status == optimize.IterationLimit:
				return nil, errors.New("it does not converge; use a larger penalty")
			}
			return o.scale(result.X, -1), nil
		}
	}
}

const (
	maxIterations = 5000
	// A line search may find no better point where rounding hides it, within this many tolerances.
	lineSearchTolerance = 100
)

func equal(a, b []float64) bool {
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}
