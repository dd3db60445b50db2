package moments

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sync"
)

// Products is Σttᵀ of rounded features, a symmetric matrix of integers in units of 2⁻⁶⁰. The
// integers have 128 bits, which the products of 2⁶⁷ pictures fit into.
type Products struct {
	Dim    int
	values []int128 // [D·(D+1)/2] the lower triangle, row by row
}

// int128 is a signed integer in two's complement.
type int128 struct {
	high int64
	low  uint64
}

func (a int128) plus(b int128) int128 {
	low, carry := bits.Add64(a.low, b.low, 0)
	return int128{a.high + b.high + int64(carry), low}
}

func (a int128) negative() int128 {
	low, borrow := bits.Sub64(0, a.low, 0)
	return int128{-a.high - int64(borrow), low}
}

// shifted returns v·2^by, for by from 1 to 63.
func shifted(v int64, by uint) int128 { return int128{v >> (64 - by), uint64(v) << by} }

// float returns the number nearest to a, or next to it.
func (a int128) float() float64 {
	if a.high < 0 {
		return -a.negative().float()
	}
	return float64(a.high)*(1<<32)*(1<<32) + float64(a.low)
}

// NewProducts returns sums of nothing.
func NewProducts(dim int) *Products {
	return &Products{dim, make([]int128, triangle(dim))}
}

func triangle(dim int) int { return dim * (dim + 1) / 2 }

// Multiply returns aᵀ·b, [D, D], of two matrices of n rows, [n, D], whose products are exact. It is
// called from several goroutines at a time.
type Multiply func(a, b []float64, dim int) ([]float64, error)

// mostRows is how many features a product may take: all sums of 2²² products of two parts are below
// 2⁵³.
const mostRows = 1 << 22

// Add adds the products of rounded features, [n, D], or with sign −1 takes them away.
func (p *Products) Add(features []int64, sign int64, multiply Multiply) error {
	if n := len(features) / p.Dim; n > mostRows || len(features)%p.Dim != 0 {
		panic(fmt.Sprintf("moments: %d numbers are not rows of %d", len(features), p.Dim))
	}
	if len(features) == 0 {
		return nil
	}
	high, low := make([]float64, len(features)), make([]float64, len(features))
	for i, t := range features {
		high[i], low[i] = split(t)
	}
	var parts [3][]float64
	var errs [3]error
	var group sync.WaitGroup
	for i, pair := range [3][2][]float64{{high, high}, {high, low}, {low, low}} {
		group.Go(func() { parts[i], errs[i] = multiply(pair[0], pair[1], p.Dim) })
	}
	group.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	hh, hl, ll := parts[0], parts[1], parts[2]
	next := 0
	for i := range p.Dim {
		for j := range i + 1 {
			at, mirrored := i*p.Dim+j, j*p.Dim+i
			sum := shifted(sign*int64(hh[at]), 2*lowBits)
			sum = sum.plus(shifted(sign*(int64(hl[at])+int64(hl[mirrored])), lowBits))
			low := sign * int64(ll[at])
			p.values[next] = p.values[next].plus(sum).plus(int128{low >> 63, uint64(low)})
			next++
		}
	}
	return nil
}

// Plain is a [Multiply] without any library.
func Plain(a, b []float64, dim int) ([]float64, error) {
	out := make([]float64, dim*dim)
	for row := 0; row < len(a); row += dim {
		for i, v := range a[row : row+dim] {
			if v == 0 {
				continue
			}
			to := out[i*dim : (i+1)*dim]
			for j, w := range b[row : row+dim] {
				to[j] += v * w
			}
		}
	}
	return out, nil
}

// Float returns the sums as numbers, [D, D].
func (p *Products) Float() []float64 {
	out := make([]float64, p.Dim*p.Dim)
	next := 0
	for i := range p.Dim {
		for j := range i + 1 {
			v := math.Ldexp(p.values[next].float(), -2*gridBits)
			out[i*p.Dim+j], out[j*p.Dim+i] = v, v
			next++
		}
	}
	return out
}

// Encode writes the lower triangle row by row, each sum as 16 bytes, little-endian.
func (p *Products) Encode() []byte {
	out := make([]byte, 0, EncodedSize(p.Dim))
	for _, v := range p.values {
		out = binary.LittleEndian.AppendUint64(out, v.low)
		out = binary.LittleEndian.AppendUint64(out, uint64(v.high))
	}
	return out
}

// EncodedSize is the number of bytes of [Products.Encode].
func EncodedSize(dim int) int { return 16 * triangle(dim) }

// Decode reads what [Products.Encode] wrote, which must be [EncodedSize] bytes.
func Decode(dim int, text []byte) (*Products, error) {
	if len(text) != EncodedSize(dim) {
		return nil, fmt.Errorf("the products of %d dimensions have %d bytes, not %d", dim, len(text), EncodedSize(dim))
	}
	p := NewProducts(dim)
	for i := range p.values {
		p.values[i] = int128{int64(binary.LittleEndian.Uint64(text[16*i+8:])), binary.LittleEndian.Uint64(text[16*i:])}
	}
	return p, nil
}
