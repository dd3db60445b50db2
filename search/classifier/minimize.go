package classifier

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"
)

// minimize fits to the examples in some places, beginning with another solution or with zero.
func (r *softmaxRegression) minimize(ctx context.Context, penalty float64, places []int, start solution, tolerance float64) (solution, error) {
	o := &objective{penalty: penalty, classes: r.x.Classes, size: r.z.columns}
	z := newMatrix(len(places), o.size)
	for i, place := range places {
		copy(z.row(i), r.z.row(place))
		o.class = append(o.class, r.x.Class[r.x.Rows[place]])
	}
	var err error
	if o.examples, err = newOperand(r.device, z); err != nil {
		return solution{}, err
	}
	defer o.examples.close()
	at := make([]float64, o.classes*(o.size+1))
	copy(at, start.weights.values)
	copy(at[o.classes*o.size:], start.bias)
	if at, err = lbfgs(ctx, o, at, tolerance); err != nil {
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
}

func (o *objective) evaluate(at []float64) (value float64, gradient []float64, err error) {
	weights := matrix{o.classes, o.size, at[:o.classes*o.size]}
	scores, err := o.examples.timesTransposed(weights)
	if err != nil {
		return 0, nil, err
	}
	n := float64(len(o.class))
	bias := at[o.classes*o.size:]
	biasGradient := make([]float64, o.classes)
	for i, own := range o.class {
		row := scores.row(i)
		for c, b := range bias {
			row[c] += b
		}
		score := row[own]
		value += softmax(row, 1) - score
		row[own]-- // the probabilities become the gradient
		for c, p := range row {
			biasGradient[c] += p / n
		}
	}
	g, err := o.examples.transposedTimes(scores)
	if err != nil {
		return 0, nil, err
	}
	for i, w := range weights.values {
		value += o.penalty / 2 * w * w
		g.values[i] = (g.values[i] + o.penalty*w) / n
	}
	return value / n, append(g.values, biasGradient...), nil
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
		settings := &optimize.Settings{GradientThreshold: tolerance, Converger: optimize.NeverTerminate{}, MajorIterations: maxIterations}
		result, failed = optimize.Minimize(problem, start, settings, &optimize.LBFGS{Linesearcher: &optimize.MoreThuente{}})
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
				a.value, a.gradient, broken = o.evaluate(x)
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
			case failed != nil && !small(result.Gradient, lineSearchTolerance*tolerance):
				return nil, failed
			case result.Status == optimize.IterationLimit:
				return nil, errors.New("it does not converge; use a larger penalty")
			}
			return result.X, nil
		}
	}
}

const (
	maxIterations = 5000
	// A line search may find no better point where rounding hides it, within this many tolerances.
	lineSearchTolerance = 100
)

func small(x []float64, limit float64) bool {
	for _, v := range x {
		if !(math.Abs(v) <= limit) {
			return false
		}
	}
	return true
}

func equal(a, b []float64) bool {
	for i, v := range a {
		if v != b[i] {
			return false
		}
	}
	return true
}
