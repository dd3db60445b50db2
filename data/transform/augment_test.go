package transform

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// augmented is what Python makes of training instances (scripts/make_augment_fixtures.py). Of
// SHA-256 sums it keeps the first 16 digits.
type augmented struct {
	Specs []struct {
		Name          string
		Size          int
		Interpolation string
		CropPct       float64 `json:"crop_pct"`
		Mean, Std     [3]float64
	}
	Variations []struct {
		Picture, Spec string
		Flip          bool
		Order         [3]string
		Factors       [3]float64
		CropSHA256    string `json:"crop_sha256"`
		TensorSHA256  string `json:"tensor_sha256"`
	}
	Draws []struct {
		Hash         string
		Instance     int
		Augmentation string
		Flip         bool
		Order        [3]string
		Factors      [3]float64
	}
	Chains []chainFixture
}

type chainFixture struct {
	Picture, Spec, Augmentation string
	TensorsSHA256               []string `json:"tensors_sha256"`
}

func readAugmented(t testing.TB) (all augmented) {
	t.Helper()
	raw, err := os.ReadFile("testdata/augment.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Specs) < 5 || len(all.Variations) < 200 || len(all.Draws) < 60 || len(all.Chains) < 200 {
		t.Fatalf("augment.json lists %d specs, %d variations, %d draws, %d chains", len(all.Specs), len(all.Variations), len(all.Draws), len(all.Chains))
	}
	for _, newer := range readSmoothing(t).Chains {
		for i, f := range all.Chains {
			if f.Picture == newer.Picture && f.Spec == newer.Spec && f.Augmentation == newer.Augmentation {
				all.Chains[i] = newer
			}
		}
	}
	return all
}

func (a *augmented) spec(t testing.TB, name string) Spec {
	t.Helper()
	for _, s := range a.Specs {
		if s.Name == name {
			return Spec{Height: s.Size, Width: s.Size, Interpolation: s.Interpolation, CropPct: s.CropPct, CropMode: "center", Mean: s.Mean, Std: s.Std}
		}
	}
	t.Fatalf("augment.json has no spec %q", name)
	return Spec{}
}

func orderOf(names [3]string) (order [3]int) {
	for i, name := range names {
		order[i] = map[string]int{"brightness": brightness, "contrast": contrast, "saturation": saturation}[name]
	}
	return order
}

func mustAugmenter(t testing.TB, s Spec, a Augmentation) *Augmenter {
	t.Helper()
	m, err := NewAugmenter(s, a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func mustParse(t testing.TB, text string) Augmentation {
	t.Helper()
	a, err := ParseAugmentation(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func withInstances(n int) Augmentation {
	a := DefaultAugmentation
	a.Instances = n
	return a
}

func TestVariationsAreThoseOfPillow(t *testing.T) {
	all := readAugmented(t)
	for i, f := range all.Variations {
		t.Run(fmt.Sprintf("%d %s %s flip=%v %v %v", i, f.Picture, f.Spec, f.Flip, f.Order, f.Factors), func(t *testing.T) {
			s := all.spec(t, f.Spec)
			m := mustAugmenter(t, s, withInstances(1))
			size := 3 * s.Height * s.Width
			crops := make([]uint8, 2*size)
			file := readFile(t, f.Picture)
			if _, err := m.Crops(crops, file, sha256.Sum256(file)); err != nil {
				t.Fatal(err)
			}
			instance := make([]uint8, size)
			augment(m.origin(crops[:size]), s.Width, variation{f.Flip, orderOf(f.Order), f.Factors}, m.grey, instance)
			if got := hash(interleaved(instance))[:16]; got != f.CropSHA256 {
				t.Errorf("pixels have SHA-256 %s…, want %s…", got, f.CropSHA256)
			}
			if got := hash(normalised(s, instance))[:16]; got != f.TensorSHA256 {
				t.Errorf("tensor has SHA-256 %s…, want %s…", got, f.TensorSHA256)
			}
		})
	}
}

func TestDrawsAreThoseThatAreDocumented(t *testing.T) {
	for _, f := range readAugmented(t).Draws {
		var content [32]byte
		if _, err := hex.Decode(content[:], []byte(f.Hash)); err != nil {
			t.Fatal(err)
		}
		got := mustParse(t, f.Augmentation).draw(content, f.Instance)
		if want := (variation{f.Flip, orderOf(f.Order), f.Factors}); got != want {
			t.Errorf("instance %d of %s under %s is %+v, want %+v", f.Instance, f.Hash, f.Augmentation, got, want)
		}
	}
}

func TestCropsOfWholeFiles(t *testing.T) {
	all := readAugmented(t)
	for _, f := range all.Chains {
		t.Run(fmt.Sprintf("%s %s %s", f.Picture, f.Spec, f.Augmentation), func(t *testing.T) {
			s := all.spec(t, f.Spec)
			m := mustAugmenter(t, s, mustParse(t, f.Augmentation))
			checkCrops(t, m, readFile(t, f.Picture), f.TensorsSHA256)
		})
	}
}

// One Augmenter makes the same of a picture whatever it has decoded before.
func TestAnAugmenterRemembersNothing(t *testing.T) {
	all := readAugmented(t)
	augmenters := map[string]*Augmenter{}
	for range 2 {
		for _, f := range all.Chains {
			name := f.Spec + f.Augmentation
			if augmenters[name] == nil {
				augmenters[name] = mustAugmenter(t, all.spec(t, f.Spec), mustParse(t, f.Augmentation))
			}
			checkCrops(t, augmenters[name], readFile(t, f.Picture), f.TensorsSHA256)
			if _, err := augmenters[name].Crops(cropsFor(augmenters[name]), []byte("\xff\xd8\xff"), [32]byte{}); err == nil {
				t.Error("a broken file is decoded")
			}
		}
	}
}

func cropsFor(m *Augmenter) []uint8 {
	return make([]uint8, (1+m.augmentation.Instances)*3*m.decoder.spec.Height*m.decoder.spec.Width)
}

func checkCrops(t *testing.T, m *Augmenter, file []byte, want []string) {
	t.Helper()
	dst := cropsFor(m)
	if _, err := m.Crops(dst, file, sha256.Sum256(file)); err != nil {
		t.Fatal(err)
	}
	size := len(dst) / len(want)
	for i := range want {
		if got := hash(normalised(m.decoder.spec, dst[i*size:(i+1)*size]))[:16]; got != want[i] {
			t.Errorf("tensor %d has SHA-256 %s…, want %s…", i, got, want[i])
		}
	}
}

// Without instances, and as the first of them, a picture's crop is that of the Decoder, for files
// of all kinds.
func TestThePlainCropIsThatOfTheDecoder(t *testing.T) {
	for _, f := range readFixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			size := 3 * f.spec.Height * f.spec.Width
			want := make([]uint8, size)
			wantInfo, wantErr := mustDecoder(t, f.spec).Crop(want, f.file)
			for _, a := range []Augmentation{{}, withInstances(1), {Instances: 2, Resize: 1.7}} {
				got := make([]uint8, (1+a.Instances)*size)
				info, err := mustAugmenter(t, f.spec, a).Crops(got, f.file, sha256.Sum256(f.file))
				if info != wantInfo || fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Errorf("%q: %+v, %v; want %+v, %v", a, info, err, wantInfo, wantErr)
				}
				if err == nil && !bytes.Equal(got[:size], want) {
					t.Errorf("%q: another crop", a)
				}
			}
		})
	}
}

func TestAugmentationsThatAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		change func(a *Augmentation)
		want   string
	}{
		{"the usual one", func(*Augmentation) {}, ""},
		{"none", func(a *Augmentation) { *a = Augmentation{} }, ""},
		{"nothing but instances", func(a *Augmentation) { *a = Augmentation{Instances: 1, Resize: 1} }, ""},
		{"no instances, but their form", func(a *Augmentation) { a.Instances = 0 }, "0 instances: want 1 to 100"},
		{"negative instances", func(a *Augmentation) { a.Instances = -1 }, "-1 instances"},
		{"too many instances", func(a *Augmentation) { a.Instances = 101 }, "101 instances"},
		{"a resize that leaves a border", func(a *Augmentation) { a.Resize = 0.99 }, "resize 0.99: want a number of 1 or more"},
		{"a resize that is infinite", func(a *Augmentation) { a.Resize = math.Inf(1) }, "resize +Inf"},
		{"a resize that is not a number", func(a *Augmentation) { a.Resize = math.NaN() }, "resize NaN"},
		{"a negative probability", func(a *Augmentation) { a.Flip = -0.1 }, "flip -0.1: want 0 to 1"},
		{"a probability above 1", func(a *Augmentation) { a.Flip = 1.1 }, "flip 1.1"},
		{"a probability that is not a number", func(a *Augmentation) { a.Flip = math.NaN() }, "flip NaN"},
		{"a brightness above 1", func(a *Augmentation) { a.Brightness = 1.5 }, "brightness 1.5"},
		{"a negative contrast", func(a *Augmentation) { a.Contrast = -1 }, "contrast -1"},
		{"a saturation that is not a number", func(a *Augmentation) { a.Saturation = math.NaN() }, "saturation NaN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := withInstances(4)
			tt.change(&a)
			err := a.Validate()
			if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			m, newErr := NewAugmenter(imageNet, a)
			if (newErr == nil) != (err == nil) {
				t.Errorf("NewAugmenter says %v, Validate says %v", newErr, err)
			}
			if m != nil {
				m.Close()
			}
		})
	}
	a := withInstances(1)
	a.Resize = 100
	if _, err := NewAugmenter(imageNet, a); err == nil || !strings.Contains(err.Error(), "22400 pixels") {
		t.Errorf("a resize beyond reason gives %v", err)
	}
	if _, err := NewAugmenter(Spec{}, withInstances(1)); err == nil {
		t.Error("an empty spec is taken")
	}
}

var augmentationTexts = []struct{ text, want string }{
	{"", ""},
	{"instances=4 resize=1.05 flip=0.5 brightness=0.4 contrast=0.4 saturation=0.4", ""},
	{"instances=1 resize=1 flip=0 brightness=0 contrast=0 saturation=0", ""},
	{"instances=4", "unknown augmentation"},
	{"instances=4 resize=1.05 flip=0.5 brightness=0.4 contrast=0.4 saturation=0.4 hue=0.1", "unknown augmentation"},
	{"resize=1.05 instances=4 flip=0.5 brightness=0.4 contrast=0.4 saturation=0.4", "unknown augmentation"},
	{"instances=4 resize=1.050 flip=0.5 brightness=0.4 contrast=0.4 saturation=0.4", "unknown augmentation"},
	{"instances=4 resize=1.05 flip=-0 brightness=0.4 contrast=0.4 saturation=0.4", "unknown augmentation"},
	{"instances=four resize=1.05 flip=0.5 brightness=0.4 contrast=0.4 saturation=0.4", `"instances=four"`},
	{"instances=4 resize= flip=0.5 brightness=0.4 contrast=0.4 saturation=0.4", `"resize="`},
	{"instances=4 resize=1.05 flip=2 brightness=0.4 contrast=0.4 saturation=0.4", "flip 2: want 0 to 1"},
	{"instances=0 resize=0 flip=0 brightness=0 contrast=0 saturation=0", "unknown augmentation"},
	{"none", "unknown augmentation"},
}

func TestParseAugmentation(t *testing.T) {
	for _, tt := range augmentationTexts {
		a, err := ParseAugmentation(tt.text)
		if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want one with %q", tt.text, err, tt.want)
		}
		if err == nil && a.String() != tt.text {
			t.Errorf("%q becomes %q", tt.text, a)
		}
	}
	if a := mustParse(t, augmentationTexts[1].text); a != withInstances(4) {
		t.Errorf("%+v", a)
	}
}

func FuzzParseAugmentation(f *testing.F) {
	for _, tt := range augmentationTexts {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAugmentation(text)
		switch {
		case err != nil && strings.ContainsAny(err.Error(), "\n\r"):
			t.Errorf("error of more than a line: %q", err)
		case err == nil && (a.String() != text || a.Validate() != nil):
			t.Errorf("%q becomes %q, valid by %v", text, a, a.Validate())
		}
	})
}

func TestCropsOfWrongLengthPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	mustAugmenter(t, imageNet, withInstances(2)).Crops(make([]uint8, 3*224*224), nil, [32]byte{})
}

func BenchmarkAugment(b *testing.B) {
	file := photograph(b, 500, 375)
	for _, crop := range []struct {
		name string
		spec Spec
	}{
		{"one resize", imageNet},
		{"two resizes", Spec{Height: 224, Width: 224, Interpolation: "bicubic", CropPct: 0.9, CropMode: "center", Mean: imageNet.Mean, Std: imageNet.Std}},
	} {
		for _, a := range []Augmentation{{}, withInstances(1), withInstances(4)} {
			b.Run(fmt.Sprintf("%s/%d instances", crop.name, a.Instances), func(b *testing.B) {
				m := mustAugmenter(b, crop.spec, a)
				dst := cropsFor(m)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := m.Crops(dst, file, sha256.Sum256(file)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
