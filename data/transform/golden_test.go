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
	pixels := 3 * d.spec.Height * d.spec.Width
	crop, tensor := make([]uint8, pixels), make([]float32, pixels)
	info, err := d.Crop(crop, file)
	again, tensorErr := d.Tensor(tensor, file)
	if again != info || (err == nil) != (tensorErr == nil) {
		t.Errorf("Crop says %v, %v; Tensor says %v, %v", info, err, again, tensorErr)
	}
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
	if got := hash(crop); got != w.CropSHA256 {
		t.Errorf("crop has SHA-256 %s, want %s", got, w.CropSHA256)
	}
	if got := hash(littleEndian(tensor)); got != w.TensorSHA256 {
		t.Errorf("tensor has SHA-256 %s, want %s", got, w.TensorSHA256)
	}
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func littleEndian(values []float32) []byte {
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
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
