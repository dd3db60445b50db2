package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Generator draws random numbers. Torch's CPU generator is one.
type Generator interface {
	// Random returns one number, drawn from 64 bits.
	Random() (int64, error)
	// RandPerm returns the numbers 0 to n−1 in random order.
	RandPerm(n int) ([]int64, error)
}

// Split holds the three parts of one run as indices into the pictures, in label order and within a
// label in permuted order.
type Split struct {
	Train, Valid, Test []int
}

// Indices returns the indices of n pictures, 0 to n−1.
func Indices(n int) []int {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// Parts names the parts of a Split.
var Parts = []string{"train", "valid", "test"}

// Part returns the part of that name, one of Parts.
func (s Split) Part(name string) ([]int, error) {
	i, err := partIndex(name)
	if err != nil {
		return nil, err
	}
	return [...][]int{s.Train, s.Valid, s.Test}[i], nil
}

func partIndex(name string) (int, error) {
	i := slices.Index(Parts, name)
	if i < 0 {
		return 0, fmt.Errorf("split: no part %q: choose %s", name, strings.Join(Parts, ", "))
	}
	return i, nil
}

// Shares says which part of each class's pictures is for validation and for test; the rest is for
// training.
type Shares struct {
	Valid, Test float64
}

// Validate reports whether both shares lie in [0, 1) and leave something for training.
func (s Shares) Validate() error {
	for _, share := range []struct {
		part  string
		value float64
	}{{"validation", s.Valid}, {"test", s.Test}} {
		if math.IsNaN(share.value) || share.value < 0 || share.value >= 1 {
			return fmt.Errorf("split: %s share %v is outside [0, 1); give for instance 0.2", share.part, share.value)
		}
	}
	if s.Valid+s.Test >= 1 {
		return fmt.Errorf("split: validation share %v and test share %v leave nothing for training: keep their sum below 1", s.Valid, s.Test)
	}
	return nil
}

// sizes returns how many of n pictures each of Parts gets. The products are float64 and rounded
// toward zero, as Python's int(n * share) is.
func (s Shares) sizes(n int) [3]int {
	valid, test := int(float64(n)*s.Valid), int(float64(n)*s.Test)
	return [3]int{n - valid - test, valid, test}
}

// CheckPart returns an error when the named part is empty for all classes or for some class, so
// that nothing could be said about it. Counts holds the number of pictures of each label.
func (s Shares) CheckPart(name string, counts []int, labels []string) error {
	if err := s.check(counts, labels); err != nil {
		return err
	}
	part, err := partIndex(name)
	if err != nil {
		return err
	}
	first, empty := 0, 0
	for c, n := range counts {
		if s.sizes(n)[part] == 0 {
			if empty == 0 {
				first = c
			}
			empty++
		}
	}
	share := [...]float64{1 - s.Valid - s.Test, s.Valid, s.Test}[part]
	const remedy = "give a larger share or more pictures"
	switch empty {
	case 0:
		return nil
	case len(counts):
		return fmt.Errorf("split: the %s part is empty for every class, since a share of %v leaves none of at most %d pictures: %s", name, share, slices.Max(counts), remedy)
	case 1:
		return fmt.Errorf("split: the %s part is empty for class %q, since a share of %v leaves none of its %d pictures: %s", name, labels[first], share, counts[first], remedy)
	default:
		return fmt.Errorf("split: the %s part is empty for %d of %d classes, such as %q, since a share of %v leaves none of its %d pictures: %s", name, empty, len(counts), labels[first], share, counts[first], remedy)
	}
}

// check reports whether the shares fit the classes and leave each some training pictures.
func (s Shares) check(counts []int, labels []string) error {
	if err := s.Validate(); err != nil {
		return err
	}
	if len(counts) == 0 {
		return errors.New("split: there are no classes: give at least one")
	}
	if len(counts) != len(labels) {
		return fmt.Errorf("split: %d counts for %d labels: give one per label", len(counts), len(labels))
	}
	for c, n := range counts {
		if s.sizes(n)[0] <= 0 {
			return fmt.Errorf("split: class %q with %d pictures has none left for training; add pictures or give smaller shares", labels[c], n)
		}
	}
	return nil
}

// Splits deals the pictures of every class into the parts, again for each run. The pictures of
// class c are the counts[c] that follow those of the classes before it. For each run, then for each
// label in order, it takes one permutation of the class's pictures from g: its beginning is for
// training, then come the pictures for validation, then those for test.
//
// Before the first permutation it draws one number and drops it. A Python program that seeds torch,
// loads its pictures with a DataLoader and then splits them does the same, since the DataLoader
// draws a seed for its workers when it starts; without it no split would be that of the reference.
func Splits(counts []int, labels []string, runs int, s Shares, g Generator) ([]Split, error) {
	if err := checkRuns(runs); err != nil {
		return nil, err
	}
	if err := s.check(counts, labels); err != nil {
		return nil, err
	}
	if _, err := g.Random(); err != nil {
		return nil, fmt.Errorf("split: draw a number: %w", err)
	}
	var totals [3]int
	for _, n := range counts {
		for part, size := range s.sizes(n) {
			totals[part] += size
		}
	}
	splits := make([]Split, runs)
	for run := range splits {
		split := Split{
			Train: make([]int, 0, totals[0]),
			Valid: make([]int, 0, totals[1]),
			Test:  make([]int, 0, totals[2]),
		}
		offset := 0
		for c, n := range counts {
			perm, err := permute(g, n)
			if err != nil {
				return nil, fmt.Errorf("split: run %d, class %q: %w", run, labels[c], err)
			}
			for i := range perm {
				perm[i] += offset
			}
			sizes := s.sizes(n)
			split.Train = append(split.Train, perm[:sizes[0]]...)
			split.Valid = append(split.Valid, perm[sizes[0]:sizes[0]+sizes[1]]...)
			split.Test = append(split.Test, perm[sizes[0]+sizes[1]:]...)
			offset += n
		}
		splits[run] = split
	}
	return splits, nil
}

// permute draws a permutation and makes sure that it is one, since every picture must land in
// exactly one part.
func permute(g Generator, n int) ([]int, error) {
	drawn, err := g.RandPerm(n)
	if err != nil {
		return nil, fmt.Errorf("draw a permutation of %d: %w", n, err)
	}
	perm := make([]int, len(drawn))
	seen := make([]bool, n)
	for i, v := range drawn {
		if v < 0 || v >= int64(n) || seen[v] {
			return nil, fmt.Errorf("draw a permutation of %d: number %d is out of range or drawn twice", n, v)
		}
		seen[v] = true
		perm[i] = int(v)
	}
	if len(perm) != n {
		return nil, fmt.Errorf("draw a permutation of %d: got %d numbers", n, len(perm))
	}
	return perm, nil
}
