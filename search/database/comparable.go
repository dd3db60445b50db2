package database

import (
	"fmt"
	"math"
)

// An embedding can be compared if its length is between these. Cosine similarity divides by the
// length, or by 10⁻¹² where that is shorter. Products and squared distances of two embeddings, at
// most 4 · 10³⁶, stay within float32, which ends at 3.4 · 10³⁸.
const (
	minLength = 1e-12
	maxLength = 1e18
)

// CheckEmbedding returns an error unless an embedding can be compared with others: one of zeros is
// as similar to one class as to another, and one that is too long or too short overflows or
// vanishes in float32. No other comes into a database.
func CheckEmbedding(v []float32) error {
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	switch length := math.Sqrt(square); {
	case length == 0:
		return fmt.Errorf("the embedding is all zero, and is as similar to one class as to another")
	case math.IsNaN(length):
		return fmt.Errorf("the embedding has elements that are not numbers")
	case length < minLength:
		return fmt.Errorf("the embedding has length %.3g; use at least %g, so that it can be divided by its length in float32", length, minLength)
	case length > maxLength:
		return fmt.Errorf("the embedding has length %.3g; use at most %g, so that products of two do not overflow float32", length, maxLength)
	}
	return nil
}
