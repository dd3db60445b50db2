package moments

import "math"

// Powers are those of which databases keep sums: what is chosen from unless a power is given.
var Powers = [2]float64{0.5, 1}

// Feature writes sign(x)·|x|^power, scaled to length one, to dst. Zero stays zero.
//
// A power below one evens out the few dimensions in which embeddings are large; Perronnin, Sánchez
// and Mensink, Improving the Fisher kernel for large-scale image classification, ECCV 2010, use one
// half.
func Feature(dst []float64, x []float32, power float64) {
	// Divided by the largest component, the squares of what is left neither overflow nor vanish.
	var largest float64
	for _, v := range x {
		largest = max(largest, math.Abs(float64(v)))
	}
	if largest == 0 {
		clear(dst)
		return
	}
	for i, v := range x {
		t := math.Abs(float64(v)) / largest
		switch power {
		case 1:
		case 0.5:
			t = math.Sqrt(t)
		default:
			t = math.Pow(t, power)
		}
		dst[i] = math.Copysign(t, float64(v))
	}
	ScaleToOne(dst)
}

// ScaleToOne scales a vector to length one.
func ScaleToOne(x []float64) {
	length := math.Sqrt(squares(x))
	for i := range x {
		x[i] /= length
	}
}

// squares adds up in four lanes. The conversions keep processors that have fused operations from
// using them: the features of a picture are the same on all machines.
func squares(x []float64) float64 {
	var s [4]float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s[0] += float64(x[i] * x[i])
		s[1] += float64(x[i+1] * x[i+1])
		s[2] += float64(x[i+2] * x[i+2])
		s[3] += float64(x[i+3] * x[i+3])
	}
	for ; i < len(x); i++ {
		s[0] += float64(x[i] * x[i])
	}
	return s[0] + s[1] + s[2] + s[3]
}

// The grid that features are rounded to, and where they are split.
const (
	gridBits = 30
	grid     = 1 << gridBits
	lowBits  = 15
)

// Round writes the features of an embedding under a power, in multiples of 2⁻³⁰, to dst. They lie
// between −2³⁰ and 2³⁰. Scratch is as long.
func Round(dst []int64, x []float32, power float64, scratch []float64) {
	Feature(scratch, x, power)
	for i, t := range scratch {
		dst[i] = int64(math.RoundToEven(t * grid))
	}
}

// Float returns a sum of rounded features as a number.
func Float(sum int64) float64 { return float64(sum) / grid }

// split divides a rounded feature t into high·2¹⁵ + low, where low is between −2¹⁴ and 2¹⁴.
func split(t int64) (high, low float64) {
	h := (t + 1<<(lowBits-1)) >> lowBits
	return float64(h), float64(t - h<<lowBits)
}
