package transform

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// layoutSpec is a Spec as timm's configurations write it.
type layoutSpec struct {
	CropMode      string  `json:"crop_mode"`
	InputSize     [3]int  `json:"input_size"`
	CropPct       float64 `json:"crop_pct"`
	Interpolation string
	Mean, Std     [3]float64
}

func (s layoutSpec) spec() Spec {
	return Spec{
		Height: s.InputSize[1], Width: s.InputSize[2], Interpolation: s.Interpolation,
		CropPct: s.CropPct, CropMode: s.CropMode, Mean: s.Mean, Std: s.Std,
	}
}

// layouts is what timm makes of pictures in all its ways (scripts/make_layout_fixtures.py). Of
// SHA-256 sums it keeps the first 16 digits.
type layouts struct {
	Files []struct {
		Spec          layoutSpec
		TensorsSHA256 map[string]string `json:"tensors_sha256"` // by picture; "error": timm refuses it
	}
	Sizes []struct {
		Interpolation string
		CropsSHA256   []string `json:"crops_sha256"`
	}
}

func readLayouts(t *testing.T) (all layouts) {
	t.Helper()
	raw, err := os.ReadFile("testdata/layouts.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Files) < 30 || len(all.Sizes) != len(filterNames) {
		t.Fatalf("layouts.json lists %d specs, %d filters", len(all.Files), len(all.Sizes))
	}
	return all
}

func TestEveryCropModeAndInterpolationIsThatOfTimm(t *testing.T) {
	for _, f := range readLayouts(t).Files {
		s := f.Spec.spec()
		d := mustDecoder(t, s)
		crop := make([]uint8, 3*s.Height*s.Width)
		for picture, want := range f.TensorsSHA256 {
			t.Run(fmt.Sprintf("%s %s", picture, s), func(t *testing.T) {
				_, err := d.Crop(crop, readFile(t, picture))
				switch {
				case want == "error" && (err == nil || !strings.Contains(err.Error(), "would be resized to")):
					t.Errorf("error %v; timm refuses the picture for its size", err)
				case want != "error" && err != nil:
					t.Error(err)
				case want != "error" && hash(normalised(s, crop))[:16] != want:
					t.Errorf("tensor has SHA-256 %s…, want %s…", hash(normalised(s, crop))[:16], want)
				}
			})
		}
	}
}

func TestEverySizeIsResizedAsPillowDoes(t *testing.T) {
	for _, f := range readLayouts(t).Sizes {
		for i, want := range f.CropsSHA256 {
			s := imageNet
			s.Height, s.Width, s.CropPct, s.CropMode, s.Interpolation = 1+i, 64-i, 1, "squash", f.Interpolation
			d := mustDecoder(t, s)
			all := sha256.New()
			crop := make([]uint8, 3*s.Height*s.Width)
			for side := 1; side <= 64; side++ {
				if err := d.resample(target{pixels: crop}, pattern(side, 1+side*7%64), "pattern"); err != nil {
					t.Fatal(err)
				}
				all.Write(interleaved(crop))
			}
			if got := hex.EncodeToString(all.Sum(nil))[:16]; got != want {
				t.Errorf("%s: pixels have SHA-256 %s…, want %s…", s, got, want)
			}
		}
	}
}

func pattern(width, height int) *rgbx {
	p := newRGBX(width, height)
	for y := range height {
		for x := range width {
			for c := range 3 {
				p.pixel(x, y)[c] = byte(3*x*x + 5*y*y + x*y + 97*c)
			}
		}
	}
	return p
}

func TestPicturesThatCannotBeResizedAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		mode          string
		width, height int
		want          string
	}{
		"nothing is left of a side":      {"border", 1000, 1, "picture of 1000x1 pixels would be resized to 48x0"},
		"a side is longer than Pillow's": {"center", 1, 12_000_000, "picture of 1x12000000 pixels would be resized to 48x576000000, which is too long"},
		"a side is too long to squash":   {"squash", 1<<20 + 1, 1, "picture of 1048577x1 pixels is too long to squash: want sides of at most 1048576"},
		"one is not":                     {"squash", 1 << 20, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := imageNet
			s.Height, s.Width, s.CropPct, s.CropMode = 48, 48, 1, tt.mode
			err := mustDecoder(t, s).begin(tt.width, tt.height)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// Instances are fitted to their box as the pictures are.
func TestInstancesHaveTheCropModeOfTheModel(t *testing.T) {
	for _, mode := range []string{"squash", "border"} {
		s := Spec{
			Height: 30, Width: 20, Interpolation: "lanczos", CropPct: 1, CropMode: mode,
			Mean: [3]float64{0.1, 0.2, 0.3}, Std: [3]float64{1, 1, 1},
		}
		m := mustAugmenter(t, s, Augmentation{Instances: 1, Resize: 1.2})
		file := readFile(t, "jpeg_420.jpg")
		crops := cropsFor(m)
		if _, err := m.Crops(crops, file, sha256.Sum256(file)); err != nil {
			t.Fatal(err)
		}
		// The plain transform to the same box.
		s.CropPct, s.Interpolation = 1/1.2, "bicubic"
		want := make([]uint8, 3*s.Height*s.Width)
		if _, err := mustDecoder(t, s).Crop(want, file); err != nil {
			t.Fatal(err)
		}
		if got := crops[len(want):]; hash(got) != hash(want) {
			t.Errorf("%s: another crop", mode)
		}
	}
}

// What C is told of any picture and any valid Spec lies within the picture and within the crop.
func TestSidesAreWithinTheirBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	length := func(most float64) int { return int(math.Exp(rng.Float64() * math.Log(most))) }
	for range 200_000 {
		s := imageNet
		s.Height, s.Width, s.CropPct = length(maxSide), length(maxSide), 2*rng.Float64()
		s.CropMode = cropModeNames[rng.IntN(len(cropModeNames))]
		if s.Validate() != nil {
			continue
		}
		w := length(maxPixels)
		h := length(maxPixels / float64(w))
		columns, rows, err := s.layout().sides(w, h)
		if err != nil {
			continue
		}
		for _, side := range []side{columns, rows} {
			if side.in < 1 || side.out < 1 || side.out > maxResized || side.crop < 0 || side.kept < 1 || side.pad < 0 ||
				side.crop+side.kept > side.out || side.pad+side.kept > side.size {
				t.Fatalf("%dx%d under %s: %+v", w, h, s, side)
			}
		}
		if columns.size != s.Width || rows.size != s.Height {
			t.Fatalf("%dx%d under %s: crop of %dx%d", w, h, s, rows.size, columns.size)
		}
	}
}
