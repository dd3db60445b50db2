package search

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"vs/data"
	"vs/torch"
)

// patience is a context that ends when it has been asked so often.
type patience struct {
	context.Context
	left, asked atomic.Int64
}

func newPatience(ctx context.Context, n int64) *patience {
	p := &patience{Context: ctx}
	p.left.Store(n)
	return p
}

func (p *patience) Err() error {
	p.asked.Add(1)
	if p.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Each method asks the context at least once for every picture of a class while it is evaluated, so
// that none works for long without it, and ends with the first that says so.
func TestEveryMethodLooksAtTheContext(t *testing.T) {
	const n = 200
	set := noisySet([]int{n, n}, 8, false)
	everyOther := data.Split{}
	for i := range 2 * n {
		if i%2 == 0 {
			everyOther.Train = append(everyOther.Train, i)
		} else {
			everyOther.Valid = append(everyOther.Valid, i)
		}
	}
	for _, m := range append(allMethods([]int{8}), Method{Pool: "medoid", Metric: "l2"}) {
		for name, evaluate := range map[string]func(ctx context.Context) error{
			"leave-one-out": func(ctx context.Context) error {
				_, err := LeaveOneOut(ctx, set, torch.CPU, 1, m)
				return err
			},
			"split": func(ctx context.Context) error {
				_, err := Evaluate(ctx, set, torch.CPU, []data.Split{everyOther}, "valid", 1, m)
				return err
			},
		} {
			t.Run(fmt.Sprint(m, " ", name), func(t *testing.T) {
				all := newPatience(t.Context(), 1<<60)
				if err := evaluate(all); err != nil {
					t.Fatal(err)
				}
				if asked := all.asked.Load(); asked < n {
					t.Errorf("%d questions to the context, want one per picture, at least %d", asked, n)
				}
				half := all.asked.Load() / 2
				some := newPatience(t.Context(), half)
				if err := evaluate(some); !errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want the context's", err)
				}
				// Each worker asks once more or a few times, on its way out.
				if more := some.asked.Load() - half; more > 100 {
					t.Errorf("%d more questions after the end", more)
				}
			})
		}
	}
}
