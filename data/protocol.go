package data

import (
	"errors"
	"fmt"
	"slices"
)

// KFold deals the pictures of every class to folds, differently for each seed: split i has fold i
// for validation and the other folds for training, so each picture is validated exactly once. The
// pictures of class c are the counts[c] that follow those of the classes before it. In every class
// the folds differ by one picture at most, and so they do in all, because the deal goes on with the
// next class where it stopped in the last one. A class that has fewer pictures than there are folds
// has none for validation in some of them, but pictures for training in all.
//
// Before the permutations, one for each label in order, it draws one number and drops it, for the
// reason that [Splits] gives.
func KFold(counts []int, labels []string, folds int, g Generator) ([]Split, error) {
	if err := checkCounts(counts, labels); err != nil {
		return nil, err
	}
	for c, n := range counts {
		if n < 2 {
			return nil, fmt.Errorf("split: class %q has %d pictures, so that a fold would leave none for training; add pictures, or leave the class out", labels[c], n)
		}
	}
	switch largest := slices.Max(counts); {
	case folds < 2:
		return nil, fmt.Errorf("split: %d folds: give at least 2", folds)
	case folds > largest:
		return nil, fmt.Errorf("split: %d folds are more than the %d pictures of the largest class; give fewer folds", folds, largest)
	}
	if _, err := g.Random(); err != nil {
		return nil, fmt.Errorf("split: draw a number: %w", err)
	}
	splits := make([]Split, folds)
	offset := 0 // of the class's pictures; also how many have been dealt
	for c, n := range counts {
		perm, err := permute(g, n)
		if err != nil {
			return nil, fmt.Errorf("split: class %q: %w", labels[c], err)
		}
		for j, i := range perm {
			valid := (offset + j) % folds
			for fold := range splits {
				part := &splits[fold].Train
				if fold == valid {
					part = &splits[fold].Valid
				}
				*part = append(*part, offset+i)
			}
		}
		offset += n
	}
	return splits, nil
}

// Bootstrap draws the training part of each run with replacement: of a class of n pictures n times
// one of them, so that the part lists some of them several times, in the order in which they were
// drawn. The pictures that were never drawn, about a share of 1/e, are for validation (they are out
// of the bag), in their order. A class may have none of them in a run. A run that would have none
// at all, which happens to a handful of pictures, is drawn again.
//
// Before the first run it draws one number and drops it, for the reason that [Splits] gives; then,
// for each run and label in order, as many as it needs for the pictures.
func Bootstrap(counts []int, labels []string, runs int, g Generator) ([]Split, error) {
	if err := checkRuns(runs); err != nil {
		return nil, err
	}
	if err := checkCounts(counts, labels); err != nil {
		return nil, err
	}
	if err := checkNotEmpty(counts, labels); err != nil {
		return nil, err
	}
	if slices.Max(counts) < 2 {
		return nil, errors.New("split: no class has 2 pictures, so that none is ever left for validation; add pictures")
	}
	return bootstrap(counts, labels, runs, g, func(drawn Split) Split { return drawn })
}

// bootstrap draws runs of things that represent pictures, of which finish makes a split.
func bootstrap(counts []int, labels []string, runs int, g Generator, finish func(drawn Split) Split) ([]Split, error) {
	if _, err := g.Random(); err != nil {
		return nil, fmt.Errorf("split: draw a number: %w", err)
	}
	splits := make([]Split, runs)
	for run := range splits {
		// Of 2 pictures every other draw leaves one; that many in vain do not happen to a sound
		// generator.
		for try := 0; len(splits[run].Valid) == 0; try++ {
			if try == maxDraws {
				return nil, fmt.Errorf("split: run %d: in %d draws no picture was left for validation: the generator is broken", run, try)
			}
			drawn, err := resample(counts, g)
			if err != nil {
				return nil, fmt.Errorf("split: run %d: %w", run, err)
			}
			splits[run] = finish(drawn)
		}
	}
	return splits, nil
}

// checkCounts reports whether there are classes and each has a label.
func checkCounts(counts []int, labels []string) error {
	if len(counts) == 0 {
		return errors.New("split: there are no classes: give at least one")
	}
	if len(counts) != len(labels) {
		return fmt.Errorf("split: %d counts for %d labels: give one per label", len(counts), len(labels))
	}
	return nil
}

func checkRuns(runs int) error {
	if runs < 1 {
		return fmt.Errorf("split: %d runs: give at least 1", runs)
	}
	return nil
}

func checkNotEmpty(counts []int, labels []string) error {
	for c, n := range counts {
		if n < 1 {
			return fmt.Errorf("split: class %q has %d pictures; add some, or leave the class out", labels[c], n)
		}
	}
	return nil
}

// resample draws one run of Bootstrap.
func resample(counts []int, g Generator) (Split, error) {
	var split Split
	offset := 0
	for _, n := range counts {
		drawn := make([]bool, n)
		picker := newPicker(n, g)
		for range n {
			i, err := picker.pick()
			if err != nil {
				return Split{}, err
			}
			drawn[i] = true
			split.Train = append(split.Train, offset+i)
		}
		for i, in := range drawn {
			if !in {
				split.Valid = append(split.Valid, offset+i)
			}
		}
		offset += n
	}
	return split, nil
}

// maxDraws ends what a broken generator would make endless.
const maxDraws = 1000

// picker picks one of n things again and again, each equally likely. A number below a power of n is
// as many picks as it has digits in base n, so that one number of the generator serves for several
// pictures.
type picker struct {
	g      Generator
	n      uint64
	power  uint64 // of n, at most 2⁶³
	digits int    // of a number below power
	number uint64 // what is left of the last one, with as many digits as left says
	left   int
}

// randomNumbers is how many numbers a generator can give: it has 63 random bits at least, since
// torch's are not negative.
const randomNumbers = uint64(1) << 63

func newPicker(n int, g Generator) *picker {
	p := &picker{g: g, n: uint64(n), power: 1}
	for p.digits < 62 && p.power <= randomNumbers/p.n {
		p.power *= p.n
		p.digits++
	}
	return p
}

// pick returns a number from 0 to n−1.
func (p *picker) pick() (int, error) {
	if p.left == 0 {
		var err error
		if p.number, err = below(p.power, p.g); err != nil {
			return 0, err
		}
		p.left = p.digits
	}
	digit := p.number % p.n
	p.number /= p.n
	p.left--
	return int(digit), nil
}

// below draws a number from 0 to n−1, each equally likely; n is at most randomNumbers. Numbers from
// the last multiple of n on are rejected, since the remainders up to theirs would come up more
// often.
func below(n uint64, g Generator) (uint64, error) {
	end := randomNumbers - randomNumbers%n
	for range maxDraws {
		drawn, err := g.Random()
		if err != nil {
			return 0, fmt.Errorf("draw a number: %w", err)
		}
		if v := uint64(drawn) & (randomNumbers - 1); v < end {
			return v % n, nil
		}
	}
	return 0, fmt.Errorf("draw a number below %d: %d were too large: the generator is broken", n, maxDraws)
}
