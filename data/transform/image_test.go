package transform

import (
	"bytes"
	"encoding/json"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkImage compares the crop that a transform makes of the decoded image with what Python makes
// of the file.
func checkImage(t *testing.T, s Spec, file []byte, w want) {
	t.Helper()
	m, _, err := decodeImage(file, func(_, _ int) int { return 1 })
	if w.Error != "" {
		_, thumbnailErr := DecodeThumbnail(file, 1)
		_, transformErr := mustDecoder(t, s).Crop(make([]uint8, 3*s.Height*s.Width), file)
		if err == nil || thumbnailErr == nil || err.Error() != transformErr.Error() || err.Error() != thumbnailErr.Error() {
			t.Errorf("image: %v; thumbnail: %v; want the transform's %v", err, thumbnailErr, transformErr)
		}
		return
	}
	if err != nil {
		t.Fatalf("error %v; Python has none", err)
	}
	crop := make([]uint8, 3*s.Height*s.Width)
	whole := &rgbx{m.Rect.Dx(), m.Rect.Dy(), m.Pix}
	if err := mustDecoder(t, s).resample(target{pixels: crop}, whole, "image"); err != nil {
		t.Fatal(err)
	}
	if got := hash(interleaved(crop)); got != w.CropSHA256 && w.CropSHA256 != "" {
		t.Errorf("its crop has SHA-256 %s, want %s", got, w.CropSHA256)
	}
	if !m.Opaque() {
		t.Error("not opaque")
	}
	if _, info, err := decodeImage(file, func(_, _ int) int { return 1 }); err != nil {
		t.Fatal(err)
	} else if info.Orientation != upright {
		turned, err := orient(&rgbx{m.Rect.Dx(), m.Rect.Dy(), m.Pix}, info.Orientation)
		if err != nil {
			t.Fatal(err)
		}
		m = turned.image()
	}
	for _, side := range []int{0, 1, 40, 100, max(m.Rect.Dx(), m.Rect.Dy()) + 1} {
		small, err := DecodeThumbnail(file, side)
		if err != nil {
			t.Fatal(err)
		}
		checkThumbnail(t, small, m, side)
	}
}

// checkThumbnail compares a reduced picture with the whole one: its size, and its means.
func checkThumbnail(t *testing.T, small, whole *image.RGBA, side int) {
	t.Helper()
	w, h := whole.Rect.Dx(), whole.Rect.Dy()
	scale := 1
	for scale < 8 && max(w, h)/(2*scale) >= side {
		scale *= 2
	}
	if want := image.Rect(0, 0, (w+scale-1)/scale, (h+scale-1)/scale); small.Rect != want {
		t.Fatalf("side %d of %dx%d: %v, want %v", side, w, h, small.Rect, want)
	}
	if !small.Opaque() {
		t.Errorf("side %d: not opaque", side)
	}
	var got, want [3]float64
	for y := range h {
		for x := range w {
			for c := range 3 {
				want[c] += float64(whole.Pix[whole.PixOffset(x, y)+c]) / float64(w*h)
				got[c] += float64(small.Pix[small.PixOffset(x/scale, y/scale)+c]) / float64(w*h)
			}
		}
	}
	for c := range 3 {
		if math.Abs(got[c]-want[c]) > 6 { // levels: a JPEG may go beyond its edges, and mixes inks, not colours
			t.Errorf("side %d: channel %d has mean %.1f, the whole picture %.1f", side, c, got[c], want[c])
		}
	}
}

func TestImagesOfFixtures(t *testing.T) {
	for _, f := range readFixtures(t) {
		t.Run(f.name, func(t *testing.T) { checkImage(t, f.spec, f.file, f.want) })
	}
}

func TestImagesOfGoldenPictures(t *testing.T) {
	root := goldenDir(t)
	raw, err := os.ReadFile(filepath.Join(root, "preprocess.json"))
	if err != nil {
		t.Fatal(err)
	}
	var wants map[string]want
	if err := json.Unmarshal(raw, &wants); err != nil {
		t.Fatal(err)
	}
	for name, w := range wants {
		if strings.HasPrefix(name, "oddities/") {
			t.Run(name, func(t *testing.T) {
				file, err := os.ReadFile(filepath.Join(root, name))
				if err != nil {
					t.Fatal(err)
				}
				checkImage(t, imageNet, file, w)
			})
		}
	}
}

func TestThumbnailIsTheMeanOfBlocks(t *testing.T) {
	p := newRGBX(5, 3)
	for i := range p.pix {
		p.pix[i] = byte(10 * i % 251)
	}
	m, err := pictureImage(p, "random", func(_, _ int) int { return 2 })
	if err != nil {
		t.Fatal(err)
	}
	if m.Rect != image.Rect(0, 0, 3, 2) {
		t.Fatalf("bounds %v", m.Rect)
	}
	for y := range 2 {
		for x := range 3 {
			var want [4]byte
			want[3] = 255
			for c := range 3 {
				sum, n := 0, 0
				for py := 2 * y; py < min(2*y+2, 3); py++ {
					for px := 2 * x; px < min(2*x+2, 5); px++ {
						sum += int(p.pixel(px, py)[c])
						n++
					}
				}
				want[c] = byte((sum + n/2) / n)
			}
			if got := m.Pix[m.PixOffset(x, y):][:4]; !bytes.Equal(got, want[:]) {
				t.Errorf("pixel (%d, %d) is %v, want %v", x, y, got, want)
			}
		}
	}
}

func FuzzDecodeThumbnail(f *testing.F) {
	for _, x := range readFixtures(f) {
		f.Add(x.file, uint16(30))
	}
	d := mustDecoder(f, imageNet)
	f.Fuzz(func(t *testing.T, file []byte, side uint16) {
		if claimsMany(d, file) {
			t.Skip("more pixels than a fuzzer has time for")
		}
		m, err := DecodeThumbnail(file, int(side))
		if err != nil {
			if text := err.Error(); m != nil || text == "" || strings.ContainsAny(text, "\n\r") {
				t.Errorf("%v with error of more or less than a line: %q", m, text)
			}
			return
		}
		if m.Rect.Empty() || !m.Opaque() {
			t.Errorf("%v, opaque: %v", m.Rect, m.Opaque())
		}
	})
}

func BenchmarkDecodeThumbnail(b *testing.B) {
	file := photograph(b, 500, 375)
	for _, size := range []struct {
		name string
		side int
	}{{"whole", 500}, {"half", 200}, {"quarter", 100}, {"eighth", 50}} {
		b.Run(size.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := DecodeThumbnail(file, size.side); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
