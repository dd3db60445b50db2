package transform

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"vs/data/transform/internal/plainjpeg"
)

// A JPEG is decoded only where the crop needs it. Whatever the crop, it must come out as from the
// whole picture.
func TestPartOfAJPEGEqualsThatPartOfTheWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, f := range readFixtures(t) {
		if f.Error != "" || !strings.HasPrefix(f.name, "jpeg_") || f.Mode == "CMYK" {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			whole := &rgbx{f.Size[0], f.Size[1], plainjpeg.Pixels(f.file, f.Size[0], f.Size[1])}
			for range 40 {
				s := randomSpec(rng)
				d := mustDecoder(t, s)
				got, want := make([]byte, 3*s.Height*s.Width), make([]byte, 3*s.Height*s.Width)
				if _, err := d.Crop(got, f.file); err != nil {
					t.Fatal(err)
				}
				if err := d.resample(target{pixels: want}, whole, "jpeg"); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("differs from the whole picture under %v", s)
				}
				d.Close()
			}
		})
	}
}

func randomSpec(rng *rand.Rand) Spec {
	s := imageNet
	s.Height = 1 + rng.IntN(64)
	s.Width = s.Height
	if rng.IntN(2) == 0 {
		s.Width = 1 + rng.IntN(64)
	}
	side := min(s.Height, s.Width)
	s.CropPct = float64(side) / float64(1+rng.IntN(3*side))
	s.Interpolation = filterNames[rng.IntN(len(filterNames))]
	s.CropMode = cropModeNames[rng.IntN(2)] // a border refuses pictures that are too narrow
	return s
}

func TestADecoderRemembersNothingOfThePictureBefore(t *testing.T) {
	decoders := make(map[Spec]*Decoder)
	for range 2 { // in map order, each time another
		for _, f := range readFixtures(t) {
			if decoders[f.spec] == nil {
				decoders[f.spec] = mustDecoder(t, f.spec)
			}
			t.Run(f.name, func(t *testing.T) { check(t, decoders[f.spec], f.file, f.want) })
		}
	}
}

func TestJPEGOfManyScansTakesNoMemoryForBlocksThatAreNotThere(t *testing.T) {
	var file []byte
	for _, f := range readFixtures(t) {
		if f.name == "jpeg_444_progressive.jpg" {
			file = bytes.Clone(f.file)
		}
	}
	frame := bytes.Index(file, []byte{0xff, 0xc2})
	copy(file[frame+5:], []byte{13000 >> 8, 13000 & 255, 13000 >> 8, 13000 & 255}) // height, width
	d := mustDecoder(t, imageNet)
	_, err := d.Crop(make([]uint8, 3*224*224), file)
	if want := "truncated JPEG: data ends before the last scan"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestTensorOfAJPEGAllocatesNothing(t *testing.T) {
	d := mustDecoder(t, imageNet)
	dst := make([]uint8, 3*224*224)
	for _, size := range [][2]int{{317, 253}, {90, 700}} {
		file := photograph(t, size[0], size[1])
		allocations := testing.AllocsPerRun(20, func() {
			if _, err := d.Crop(dst, file); err != nil {
				t.Fatal(err)
			}
		})
		if allocations != 0 {
			t.Errorf("%v allocations for a picture of %dx%d, want none", allocations, size[0], size[1])
		}
	}
}
