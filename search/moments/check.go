package moments

import (
	"math/bits"
	"math/rand/v2"
)

// Check tells sums of products that are right from those that are not without computing them
// again: both are multiplied with one vector of random numbers modulo a prime (Freivalds,
// Probabilistic machines can use less running time, IFIP Congress 1977). Wrong sums pass with a
// probability of 2⁻⁶¹. A feature costs two passes over its elements, not its square.
type Check struct {
	vector []uint64 // [D]
	sum    []uint64 // [D] Σt·(tᵀv)
}

// prime is 2⁶¹ − 1.
const prime = 1<<61 - 1

// NewCheck returns the check of sums of nothing.
func NewCheck(dim int) *Check {
	c := &Check{make([]uint64, dim), make([]uint64, dim)}
	random := rand.New(rand.NewPCG(uint64(dim), prime))
	for i := range c.vector {
		c.vector[i] = random.Uint64N(prime)
	}
	return c
}

// Add adds a rounded feature, [D].
func (c *Check) Add(feature []int64) {
	var product uint64
	for i, t := range feature {
		product = plus(product, times(residue(t), c.vector[i]))
	}
	for i, t := range feature {
		c.sum[i] = plus(c.sum[i], times(residue(t), product))
	}
}

// Agrees reports whether the products are those of the features that were added.
func (c *Check) Agrees(p *Products) bool {
	if p.Dim != len(c.vector) {
		return false
	}
	got := make([]uint64, p.Dim)
	next := 0
	for i := range p.Dim {
		for j := range i + 1 {
			v := p.values[next].residue()
			got[i] = plus(got[i], times(v, c.vector[j]))
			if i != j {
				got[j] = plus(got[j], times(v, c.vector[i]))
			}
			next++
		}
	}
	for i, v := range got {
		if v != c.sum[i] {
			return false
		}
	}
	return true
}

// residue is v modulo the prime, 0 to prime − 1, for |v| below the prime.
func residue(v int64) uint64 {
	if v < 0 {
		return prime - uint64(-v)
	}
	return uint64(v)
}

func (a int128) residue() uint64 {
	if a.high < 0 {
		return plus(prime-a.negative().residue(), 0)
	}
	// 2⁶⁴ is 8 modulo the prime.
	return plus(times(fold(uint64(a.high)), 8), fold(a.low))
}

// fold is v modulo the prime.
func fold(v uint64) uint64 { return plus(v>>61, v&prime) }

func plus(a, b uint64) uint64 {
	sum := a + b
	if sum >= prime {
		sum -= prime
	}
	return sum
}

func times(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	// high·2⁶⁴ + low = (high·8 + low>>61)·2⁶¹ + the rest, and 2⁶¹ is 1.
	return plus(high<<3|low>>61, low&prime)
}
