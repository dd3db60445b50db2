package transform

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
)

// Whatever the file, instances change nothing of its plain crop, or of its error.
func FuzzAugmenter(f *testing.F) {
	for _, x := range readFixtures(f) {
		f.Add(x.file)
	}
	s := imageNet
	s.Height, s.Width, s.CropPct = 20, 20, 0.8
	d, m := mustDecoder(f, s), mustAugmenter(f, s, withInstances(1))
	want, dst := make([]uint8, 3*20*20), make([]uint8, 2*3*20*20)
	f.Fuzz(func(t *testing.T, file []byte) {
		if claimsMany(d, file) {
			t.Skip("more pixels than a fuzzer has time for")
		}
		wantInfo, wantErr := d.Crop(want, file)
		info, err := m.Crops(dst, file, sha256.Sum256(file))
		if info != wantInfo || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%+v, %v; want %+v, %v", info, err, wantInfo, wantErr)
		}
		if err == nil && !bytes.Equal(dst[:len(want)], want) {
			t.Error("another crop")
		}
	})
}

// One pass over a picture that resizes it in two ways makes of it what two passes make.
func TestTwoResizesAtOnceAreEachAsAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	both := func(kernel int, s Spec, layouts ...layout) *Decoder {
		d, err := newDecoder(s, kernel)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		d.layouts = layouts
		if len(layouts) == 2 {
			if err := d.core.resizeAlso(); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
	for range 60 {
		s := randomSpec(rng)
		other := s.layoutWithin(s.Height+rng.IntN(s.Height+1), s.Width+rng.IntN(s.Width+1), filter(rng.IntN(len(filterNames))))
		for kernel, name := range kernels() {
			plain, second, joined := both(kernel, s, s.layout()), both(kernel, s, other), both(kernel, s, s.layout(), other)
			for range 3 {
				p := newRGBX(1+rng.IntN(200), 1+rng.IntN(200))
				for i := range p.pix {
					p.pix[i] = byte(rng.Uint32())
				}
				n := 3 * s.Height * s.Width
				pixels, wantPixels := make([]byte, n), make([]byte, n)
				other, wantOther := make([]byte, n), make([]byte, n)
				for _, err := range []error{
					plain.resample(target{pixels: wantPixels}, p, "random"),
					second.resample(target{pixels: wantOther}, p, "random"),
					joined.resample(target{pixels, other}, p, "random"),
				} {
					if err != nil {
						t.Fatal(err)
					}
				}
				if !bytes.Equal(pixels, wantPixels) || !bytes.Equal(other, wantOther) {
					t.Errorf("%s: %dx%d under %v and %+v differs", name, p.width, p.height, s, other)
				}
			}
		}
	}
}
