package transform

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/data/transform/internal/plainjpeg"
)

// fixture is a picture of testdata and what Python makes of it
// (scripts/make_transform_fixtures.py).
type fixture struct {
	name string
	file []byte
	spec Spec
	want
}

type pictureFixture struct {
	Spec string
	want
}

// smoothing is what takes the place of fixtures since libjpeg-turbo 3.0.1, which smooths
// progressive JPEGs that lack scans in another way (scripts/make_smoothing_fixtures.py). Empty
// before.
type smoothing struct {
	Pictures map[string]pictureFixture
	Chains   []chainFixture
}

func readSmoothing(t testing.TB) (s smoothing) {
	t.Helper()
	if plainjpeg.Version < 3000001 {
		return s
	}
	raw, err := os.ReadFile("testdata/smoothing.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Pictures) < 4 || len(s.Chains) < 10 {
		t.Fatalf("smoothing.json lists %d pictures, %d chains", len(s.Pictures), len(s.Chains))
	}
	return s
}

// readFormats reads what is expected of pictures that libraries of the system decode, and of all
// kinds of BMP and TIFF (scripts/make_format_fixtures.py). HEIC and AVIF are compared to the bit
// only with the version of the library that made the fixtures, since the next may interpolate
// chroma in another way.
func readFormats(t testing.TB) (pictures map[string]pictureFixture, rotated map[string]string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/formats/formats.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Libraries map[string]string
		Rotated   map[string]string // hashes of crops, with ExifRotate
		Pictures  map[string]pictureFixture
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Pictures) < 150 {
		t.Fatalf("formats.json lists %d pictures", len(all.Pictures))
	}
	for format, c := range libraries {
		made, listed := all.Libraries[format]
		version, err := c.Version()
		if err != nil {
			t.Fatalf("%s: %v; scripts/setup.sh installs it", c.Name, err)
		}
		if version, _, _ := strings.Cut(version, " "); !listed || version == made {
			continue
		}
		for name, p := range all.Pictures {
			if strings.HasPrefix(name, format) {
				p.CropSHA256, p.TensorSHA256 = "", ""
				all.Pictures[name] = p
				delete(all.Rotated, name)
			}
		}
	}
	return all.Pictures, all.Rotated
}

func readFixtures(t testing.TB) []fixture {
	t.Helper()
	raw, err := os.ReadFile("testdata/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Specs map[string]struct {
			Size          int
			Interpolation string
			CropPct       float64 `json:"crop_pct"`
			Mean, Std     [3]float64
		}
		Pictures map[string]pictureFixture
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for name, p := range readSmoothing(t).Pictures {
		all.Pictures[name] = p
	}
	formats, _ := readFormats(t)
	for name, p := range formats {
		all.Pictures["formats/"+name] = p
	}
	var fixtures []fixture
	for name, p := range all.Pictures {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		s := all.Specs[p.Spec]
		fixtures = append(fixtures, fixture{name, file, Spec{
			Height: s.Size, Width: s.Size, Interpolation: s.Interpolation, CropPct: s.CropPct, CropMode: "center",
			Mean: s.Mean, Std: s.Std,
		}, p.want})
	}
	if len(fixtures) < 100 {
		t.Fatalf("fixtures.json lists %d pictures", len(fixtures))
	}
	return fixtures
}

func TestFixtures(t *testing.T) {
	for _, f := range readFixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			check(t, mustDecoder(t, f.spec), f.file, f.want)
		})
	}
}
