package transform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// small is the transform of most fixtures.
func small(t *testing.T) Spec {
	t.Helper()
	for _, f := range readFixtures(t) {
		if f.name == "formats/exif_6.png" {
			return f.spec
		}
	}
	t.Fatal("no fixture with EXIF")
	return Spec{}
}

func TestPicturesAreTurnedAsTheirEXIFSays(t *testing.T) {
	_, rotated := readFormats(t)
	if len(rotated) < 15 {
		t.Fatalf("formats.json lists %d pictures to turn", len(rotated))
	}
	s := small(t)
	s.ExifRotate = true
	d := mustDecoder(t, s)
	for name, want := range rotated {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join("testdata", "formats", name))
			if err != nil {
				t.Fatal(err)
			}
			crop := make([]uint8, 3*s.Height*s.Width)
			if _, err := d.Crop(crop, file); err != nil {
				t.Fatal(err)
			}
			if got := hash(interleaved(crop)); got != want {
				t.Errorf("crop has SHA-256 %s, want %s", got, want)
			}
		})
	}
}

func TestOrientationIsNamedWhetherOrNotItIsFollowed(t *testing.T) {
	d := mustDecoder(t, small(t))
	for name, want := range map[string]int{
		"exif_1.jpg": 1, "exif_8.jpg": 8, "exif_9.jpg": 1, "exif_6_big.jpg": 6, "exif_cut.jpg": 1, "exif_6.png": 6,
		"exif_6.webp": 6, "exif_6.tif": 1, "avif_turned_1_n.avif": 8, "heic_turned.heic": 1,
	} {
		file, err := os.ReadFile(filepath.Join("testdata", "formats", name))
		if err != nil {
			t.Fatal(err)
		}
		info, err := d.Crop(make([]uint8, 3*d.spec.Height*d.spec.Width), file)
		if err != nil || info.Orientation != want {
			t.Errorf("%s: orientation %d (%v), want %d", name, info.Orientation, err, want)
		}
	}
}

func TestRotationIsPartOfTheSpecsString(t *testing.T) {
	plain, turned := imageNet, imageNet
	turned.ExifRotate = true
	if got, want := turned.String(), plain.String()+"; rotated by EXIF"; got != want {
		t.Errorf("string %q, want %q", got, want)
	}
	if strings.Contains(plain.String(), "EXIF") {
		t.Errorf("string %q of a transform that turns nothing", plain)
	}
}

func FuzzOrientation(f *testing.F) {
	for _, x := range readFixtures(f) {
		f.Add(x.file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) < 12 {
			return
		}
		if o := orientation(format(file), file); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
