package moments

import (
	"bytes"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// embeddings are n random vectors, some of them of few elements or of one.
func embeddings(n, dim int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 3))
	out := make([]float32, n*dim)
	for i := range out {
		switch row := i / dim; {
		case row%5 == 1 && i%dim != row%dim:
		case row%5 == 2 && i%3 == 0:
		default:
			out[i] = float32(random.NormFloat64() * math.Exp(3*random.NormFloat64()))
		}
	}
	return out
}

func rounded(x []float32, dim int, power float64) []int64 {
	out := make([]int64, len(x))
	scratch := make([]float64, dim)
	for i := 0; i < len(x); i += dim {
		Round(out[i:i+dim], x[i:i+dim], power, scratch)
	}
	return out
}

// exact adds up products in integers of any size.
func exact(features []int64, dim int) []*big.Int {
	out := make([]*big.Int, triangle(dim))
	next := 0
	for i := range dim {
		for j := range i + 1 {
			sum := new(big.Int)
			for row := 0; row < len(features); row += dim {
				sum.Add(sum, new(big.Int).Mul(big.NewInt(features[row+i]), big.NewInt(features[row+j])))
			}
			out[next] = sum
			next++
		}
	}
	return out
}

func (a int128) big() *big.Int {
	v := new(big.Int).Lsh(big.NewInt(a.high), 64)
	return v.Add(v, new(big.Int).SetUint64(a.low))
}

func mustAdd(t testing.TB, p *Products, features []int64, sign int64) {
	t.Helper()
	if err := p.Add(features, sign, Plain); err != nil {
		t.Fatal(err)
	}
}

func TestProductsAreExact(t *testing.T) {
	const dim, n = 7, 60
	for _, power := range Powers {
		features := rounded(embeddings(n, dim, 1), dim, power)
		p := NewProducts(dim)
		mustAdd(t, p, features, 1)
		for i, want := range exact(features, dim) {
			got := p.values[i]
			if got.big().Cmp(want) != 0 {
				t.Fatalf("power %v: product %d is %v, want %v", power, i, got.big(), want)
			}
			float, _ := new(big.Float).SetInt(want).Float64()
			if math.Abs(got.float()-float) > 1e-15*math.Abs(float) {
				t.Errorf("%v as a number is %v", want, got.float())
			}
		}
	}
}

func TestAddingThenTakingAwayLeavesTheSameBits(t *testing.T) {
	const dim = 5
	all := rounded(embeddings(90, dim, 2), dim, 0.5)
	p := NewProducts(dim)
	mustAdd(t, p, all[:40*dim], 1)
	before := p.Encode()
	mustAdd(t, p, all[40*dim:], 1)
	if bytes.Equal(p.Encode(), before) {
		t.Error("adding has changed nothing")
	}
	for i := 89; i >= 40; i-- { // one by one, and in another order
		mustAdd(t, p, all[i*dim:(i+1)*dim], -1)
	}
	if !bytes.Equal(p.Encode(), before) {
		t.Error("the sums differ from those before")
	}
	again, err := Decode(dim, before)
	if err != nil || !slices.Equal(again.values, p.values) {
		t.Errorf("reading what was written gives other sums (%v)", err)
	}
	if _, err := Decode(dim, before[1:]); err == nil {
		t.Error("sums that are cut off are read")
	}
}

func TestTheLargestSumsAreExact(t *testing.T) {
	// Features of one element are as large as any.
	const dim = 2
	features := make([]int64, 4096*dim)
	for i := range features {
		features[i] = grid * int64(1-2*(i%2))
	}
	p := NewProducts(dim)
	mustAdd(t, p, features, 1)
	for range 45 { // sums of 2⁵⁷ such pictures
		p.values[0], p.values[1], p.values[2] = p.values[0].plus(p.values[0]), p.values[1].plus(p.values[1]), p.values[2].plus(p.values[2])
	}
	want := new(big.Int).Lsh(big.NewInt(1), 12+45+2*gridBits)
	for i, sign := range []int64{1, -1, 1} {
		if p.values[i].big().Cmp(new(big.Int).Mul(want, big.NewInt(sign))) != 0 {
			t.Errorf("product %d is %v, want ±%v", i, p.values[i].big(), want)
		}
	}
}

func TestFeatures(t *testing.T) {
	for _, power := range []float64{0.5, 1, 2.5} {
		x := []float32{-4, 0, 1, 1e-30, 9}
		dst, ints := make([]float64, len(x)), make([]int64, len(x))
		Feature(dst, x, power)
		Round(ints, x, power, make([]float64, len(x)))
		var square float64
		for i, v := range x {
			square += dst[i] * dst[i]
			if want := math.Pow(math.Abs(float64(v))/9, power); math.Abs(math.Abs(dst[i])-want*dst[4]) > 1e-15 || math.Signbit(dst[i]) != (v < 0) {
				t.Errorf("power %v: %v becomes %v", power, v, dst[i])
			}
			if math.Abs(Float(ints[i])-dst[i]) > 1./(1<<31) {
				t.Errorf("power %v: %v is rounded to %v", power, dst[i], Float(ints[i]))
			}
			if high, low := split(ints[i]); high*(1<<lowBits)+low != float64(ints[i]) || math.Abs(low) > 1<<14 || math.Abs(high) > 1<<15 {
				t.Errorf("%d is split into %v and %v", ints[i], high, low)
			}
		}
		if math.Abs(square-1) > 1e-15 {
			t.Errorf("power %v: the squared length is %v", power, square)
		}
	}
	zero := make([]float64, 3)
	if Feature(zero, make([]float32, 3), 0.5); !slices.Equal(zero, make([]float64, 3)) {
		t.Errorf("zero becomes %v", zero)
	}
}

func TestCheckFindsAnyDifference(t *testing.T) {
	const dim, n = 6, 50
	features := rounded(embeddings(n, dim, 4), dim, 1)
	p, c := NewProducts(dim), NewCheck(dim)
	mustAdd(t, p, features, 1)
	for i := 0; i < len(features); i += dim {
		c.Add(features[i : i+dim])
	}
	if !c.Agrees(p) {
		t.Fatal("sound sums are refused")
	}
	for bit := range 128 * len(p.values) {
		v := &p.values[bit/128]
		old := *v
		if b := bit % 128; b < 64 {
			v.low ^= 1 << b
		} else {
			v.high ^= 1 << (b - 64)
		}
		if c.Agrees(p) {
			t.Errorf("bit %d of product %d may be anything", bit%128, bit/128)
		}
		*v = old
	}
	c.Add(features[:dim])
	if c.Agrees(p) {
		t.Error("a picture that is missing in the sums is not found")
	}
}

func FuzzProducts(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xfe, 0x80, 0x7f}, byte(2))
	f.Fuzz(func(t *testing.T, text []byte, d byte) {
		dim := 1 + int(d)%4
		var features []int64
		for i := 0; i+4 <= len(text); i += 4 {
			v := int64(int32(uint32(text[i]) | uint32(text[i+1])<<8 | uint32(text[i+2])<<16 | uint32(text[i+3])<<24))
			features = append(features, v/2)
		}
		features = features[:len(features)/dim*dim]
		p, c := NewProducts(dim), NewCheck(dim)
		mustAdd(t, p, features, 1)
		for i := 0; i < len(features); i += dim {
			c.Add(features[i : i+dim])
		}
		for i, want := range exact(features, dim) {
			if p.values[i].big().Cmp(want) != 0 {
				t.Fatalf("product %d is %v, want %v", i, p.values[i].big(), want)
			}
		}
		if !c.Agrees(p) {
			t.Error("sound sums are refused")
		}
		mustAdd(t, p, features, -1)
		if slices.ContainsFunc(p.values, func(v int128) bool { return v != int128{} }) {
			t.Error("taking all away leaves something")
		}
	})
}
