package classifier

import (
	"fmt"
	"math"
	"slices"
)

// Examples are the pictures that a classifier is fitted to.
type Examples struct {
	Embeddings []float32 // [M, D]
	Queries    []float32 // [M, D] by which pictures are asked about when they are left out; nil: Embeddings
	Dim        int       // D
	Classes    int       // C
	Class      []int     // [M], 0 to C−1
	Rows       []int     // [N] the embeddings that count; one that is listed twice counts twice
}

// check refuses examples of which a class has fewer than some.
func (x *Examples) check(least int) error {
	if len(x.Embeddings) != len(x.Class)*x.Dim || x.Queries != nil && len(x.Queries) != len(x.Embeddings) {
		panic(fmt.Sprintf("classifier: %d numbers for %d embeddings of size %d", len(x.Embeddings), len(x.Class), x.Dim))
	}
	for c, n := range x.counts() {
		if n < least {
			return fmt.Errorf("class %d has %d training pictures and needs %d", c, n, least)
		}
	}
	return nil
}

// counts returns the examples of each class, [C].
func (x *Examples) counts() []int {
	counts := make([]int, x.Classes)
	for _, row := range x.Rows {
		counts[x.Class[row]]++
	}
	return counts
}

// rowsAtOnce is how many examples a matrix product takes, which bounds memory. The blocks are the
// same for any number of workers, and so are the sums of their products.
const rowsAtOnce = 4096

// blocks calls f for the transformed examples, [n, D], a block at a time. f may change them.
func (x *Examples) blocks(power float64, f func(rows []int, features matrix) error) error {
	for rows := range slices.Chunk(x.Rows, rowsAtOnce) {
		if err := f(rows, transformed(x.Embeddings, x.Dim, power, rows)); err != nil {
			return err
		}
	}
	return nil
}

// transformed returns some of the embeddings, [n, D], transformed.
func transformed(embeddings []float32, dim int, power float64, rows []int) matrix {
	features := newMatrix(len(rows), dim)
	for i, row := range rows {
		transform(features.row(i), embeddings[row*dim:(row+1)*dim], power)
	}
	return features
}

// transform writes sign(x)·|x|^power, scaled to length one, to dst. Zero stays zero.
//
// A power below one evens out the few dimensions in which embeddings are large; Perronnin, Sánchez
// and Mensink, Improving the Fisher kernel for large-scale image classification, ECCV 2010, use one
// half.
func transform(dst []float64, x []float32, power float64) {
	// Divided by the largest component, the squares of what is left neither overflow nor vanish.
	var largest float64
	for _, v := range x {
		largest = max(largest, math.Abs(float64(v)))
	}
	if largest == 0 {
		clear(dst)
		return
	}
	var squares float64
	for i, v := range x {
		t := math.Abs(float64(v)) / largest
		switch power {
		case 1:
		case 0.5:
			t = math.Sqrt(t)
		default:
			t = math.Pow(t, power)
		}
		squares += t * t
		dst[i] = math.Copysign(t, float64(v))
	}
	length := math.Sqrt(squares)
	for i := range dst {
		dst[i] /= length
	}
}
