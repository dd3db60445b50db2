package transform

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestAllKernelsMakeTheSamePixels(t *testing.T) {
	names := kernels()
	portable := len(names) - 1
	if names[portable] != "portable" {
		t.Fatalf("kernels are %v, want the portable one last", names)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 150 {
		p := newRGBX(1+rng.IntN(300), 1+rng.IntN(300))
		for i := range p.pix {
			p.pix[i] = byte(rng.Uint32())
			if rng.IntN(4) == 0 { // extremes make the filters overshoot
				p.pix[i] = byte(rng.IntN(2) * 255)
			}
		}
		s := randomSpec(rng)
		results := make([][]byte, len(names))
		for i := range names {
			d, err := newDecoder(s, i)
			if err != nil {
				t.Fatal(err)
			}
			results[i] = make([]byte, 3*s.Height*s.Width)
			if err := d.resample(target{pixels: results[i]}, p, "random"); err != nil {
				t.Fatal(err)
			}
			d.Close()
		}
		for i, name := range names {
			if !bytes.Equal(results[i], results[portable]) {
				t.Errorf("%s differs from portable for %dx%d under %v", name, p.width, p.height, s)
			}
		}
	}
}
