package classifier

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vs/search/moments"
)

// Spec says which classifier to fit, and with what parameters. Those that are not given are chosen
// on the training examples.
type Spec struct {
	Kind        string `json:"kind,omitempty"`        // one of Kinds
	Power       Choice `json:"power,omitzero"`        // p > 0 of sign(x)·|x|^p
	Shrinkage   Choice `json:"shrinkage,omitzero"`    // λ of the discriminant, 0 to 1
	Counts      bool   `json:"counts,omitempty"`      // of the discriminant: a class is as likely as it has examples
	Penalty     Choice `json:"penalty,omitzero"`      // λ > 0 of least squares and of softmax regression
	Projections int    `json:"projections,omitempty"` // of least squares: random directions; 0: none
	Seed        uint64 `json:"seed,omitempty"`        // of the random directions
}

// The kinds of classifiers.
const (
	LDA      = "lda"      // linear discriminant with a shared, shrunk covariance
	Ridge    = "ridge"    // least squares on one-hot targets
	Logistic = "logistic" // softmax regression
)

// Kinds are all kinds of classifiers.
var Kinds = []string{LDA, Ridge, Logistic}

const (
	maxPower       = 8       // a larger one leaves nothing of an embedding but its largest component
	maxProjections = 1 << 14 // of which the products take 2 GiB
)

// powers are what the power is chosen from. Photographs took 0.5, filters without learned weights
// also 1.
var powers = moments.Powers[:]

// OfSums reports whether the classifier can be made of the sums that databases keep.
func (s Spec) OfSums() bool {
	power, given := s.Power.Value()
	return s.Kind != Logistic && s.Projections == 0 && (!given || slices.Contains(moments.Powers[:], power))
}

// Features returns how many features an embedding of that many elements has.
func (s Spec) Features(dim int) int {
	if s.Projections > 0 {
		return s.Projections
	}
	return dim
}

// Validate reports what of the parameters means nothing.
func (s Spec) Validate() error {
	power, givenPower := s.Power.Value()
	shrinkage, givenShrinkage := s.Shrinkage.Value()
	penalty, givenPenalty := s.Penalty.Value()
	switch {
	case !slices.Contains(Kinds, s.Kind):
		return fmt.Errorf("no classifier %q: choose %s", s.Kind, strings.Join(Kinds, ", "))
	case givenPower && !(power > 0 && power <= maxPower):
		return fmt.Errorf("--power %v: use auto, or more than 0 and at most %v", power, float64(maxPower))
	case givenShrinkage && s.Kind != LDA:
		return fmt.Errorf("--shrinkage is a parameter of lda, not of %s; leave it out", s.Kind)
	case givenShrinkage && !(shrinkage >= 0 && shrinkage <= 1):
		return fmt.Errorf("--shrinkage %v: use auto, or 0 to 1", shrinkage)
	case s.Counts && s.Kind != LDA:
		return fmt.Errorf("--priors is a parameter of lda, not of %s; leave it out", s.Kind)
	case givenPenalty && s.Kind == LDA:
		return errors.New("--penalty is a parameter of ridge and logistic, not of lda; leave it out")
	case givenPenalty && !(penalty > 0 && penalty <= 1e9):
		return fmt.Errorf("--penalty %v: use auto, or more than 0 and at most 1e9", penalty)
	case s.Projections != 0 && s.Kind != Ridge:
		return fmt.Errorf("--projections is a parameter of ridge, not of %s; leave it out", s.Kind)
	case s.Projections < 0 || s.Projections > maxProjections:
		return fmt.Errorf("--projections %d: use 1 to %d", s.Projections, maxProjections)
	}
	return nil
}

// String returns a name for tables, such as "lda" or "ridge, penalty 0.1, 2000 projections".
func (s Spec) String() string {
	parts := []string{s.Kind}
	add := func(name string, c Choice) {
		if _, given := c.Value(); given {
			parts = append(parts, name+" "+c.String())
		}
	}
	add("power", s.Power)
	add("shrinkage", s.Shrinkage)
	add("penalty", s.Penalty)
	if s.Projections > 0 {
		parts = append(parts, fmt.Sprintf("%d projections", s.Projections))
	}
	if s.Counts {
		parts = append(parts, "priors by counts")
	}
	return strings.Join(parts, ", ")
}
