package transform

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// imageNet is the transform of timm's TinyViT models.
var imageNet = Spec{
	Height: 224, Width: 224, Interpolation: "bicubic", CropPct: 0.95, CropMode: "center",
	Mean: [3]float64{0.485, 0.456, 0.406}, Std: [3]float64{0.229, 0.224, 0.225},
}

// want is what Python makes of a file.
type want struct {
	Size         [2]int
	Mode         string
	CropSHA256   string `json:"crop_sha256"`
	TensorSHA256 string `json:"tensor_sha256"`
	Error        string
}

// check compares what the Decoder makes of a file with what Python makes of it.
func check(t *testing.T, d *Decoder, file []byte, w want) {
	t.Helper()
	crop := make([]uint8, 3*d.spec.Height*d.spec.Width)
	info, err := d.Crop(crop, file)
	if w.Error != "" {
		if err == nil {
			t.Errorf("no error; Python has %s", w.Error)
		}
		return
	}
	if err != nil {
		t.Errorf("error %v; Python has none", err)
		return
	}
	if [2]int{info.Width, info.Height} != w.Size || info.Mode != w.Mode {
		t.Errorf("%s of %dx%d, want %s of %dx%d", info.Mode, info.Width, info.Height, w.Mode, w.Size[0], w.Size[1])
	}
	if w.CropSHA256 == "" { // of a library whose version is not that of the fixtures
		return
	}
	if got := hash(interleaved(crop)); got != w.CropSHA256 {
		t.Errorf("crop has SHA-256 %s, want %s", got, w.CropSHA256)
	}
	if got := hash(normalised(d.spec, crop)); got != w.TensorSHA256 {
		t.Errorf("tensor has SHA-256 %s, want %s", got, w.TensorSHA256)
	}
}

// interleaved turns CHW into HWC.
func interleaved(crop []uint8) []byte {
	plane := len(crop) / 3
	pixels := make([]byte, len(crop))
	for i := range pixels {
		pixels[i] = crop[i%3*plane+i/3]
	}
	return pixels
}

// normalised is the tensor, little-endian, that torchvision makes of a crop. The encoder does the
// same on the model's device.
func normalised(s Spec, crop []uint8) []byte {
	plane := len(crop) / 3
	b := make([]byte, 0, 4*len(crop))
	for i, level := range crop {
		mean, std := float32(s.Mean[i/plane]), float32(s.Std[i/plane])
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits((float32(level)/255-mean)/std))
	}
	return b
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func mustDecoder(t testing.TB, s Spec) *Decoder {
	t.Helper()
	d, err := NewDecoder(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestGoldenPictures(t *testing.T) {
	root := goldenDir(t)
	raw, err := os.ReadFile(filepath.Join(root, "preprocess.json"))
	if err != nil {
		t.Fatal(err)
	}
	var wants map[string]want
	if err := json.Unmarshal(raw, &wants); err != nil {
		t.Fatal(err)
	}
	if len(wants) == 0 {
		t.Fatal("preprocess.json lists no files")
	}
	d := mustDecoder(t, imageNet)
	for name, w := range wants {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			check(t, d, file, w)
		})
	}
}

// goldenDir is $VS_GOLDEN, a relative one counted from the root of the module.
func goldenDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("VS_GOLDEN")
	if dir == "" {
		t.Skip("VS_GOLDEN is not set: it names the folder of golden results")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir)
	}
	return dir
}
