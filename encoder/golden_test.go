package encoder

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vs/data"
	"vs/data/transform"
	"vs/torch"
)

// readNPY reads a float32 array of n rows as numpy.save writes it.
func readNPY(t *testing.T, path string, n, dim int) []float32 {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	start := len(file) - 4*n*dim
	if start < 0 || start%64 != 0 {
		t.Fatalf("%s has %d bytes, which is not a float32 array of %d × %d", path, len(file), n, dim)
	}
	values := make([]float32, n*dim)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(file[start+4*i:]))
	}
	return values
}

func decodeAll(t *testing.T, folder *data.Folder, spec transform.Spec) [][]uint8 {
	t.Helper()
	d, err := transform.NewDecoder(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	list := make([][]uint8, len(folder.Pictures))
	for i := range list {
		file, err := os.ReadFile(folder.Path(i))
		if err != nil {
			t.Fatal(err)
		}
		list[i] = make([]uint8, 3*spec.Height*spec.Width)
		if _, err := d.Crop(list[i], file); err != nil {
			t.Fatalf("%s: %v", folder.Path(i), err)
		}
	}
	return list
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

func TestEmbeddingsAreThoseOfPython(t *testing.T) {
	models, golden := os.Getenv("VS_MODELS"), os.Getenv("VS_GOLDEN")
	if models == "" || golden == "" {
		t.Skip("VS_MODELS and VS_GOLDEN name no traced models and reference results")
	}
	folder, err := data.OpenFolder(filepath.Join(golden, "images"))
	if err != nil {
		t.Fatal(err)
	}
	// The command vs encode is compared with the reference over all pictures; here large models see
	// every sixteenth.
	for name, step := range map[string]int{"mobilenetv3_small_100": 1, "tiny_vit_5m_224": 16, "tiny_vit_11m_224": 16, "tiny_vit_21m_224": 16} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(models, name+".pt")
			e := loadFor(t, path, 4)
			all := decodeAll(t, folder, e.Transform())
			d := e.Dim()
			reference := readNPY(t, filepath.Join(golden, name+".embeddings.npy"), len(all), d)
			var list [][]uint8
			var want []float32
			var paths []string
			for i := 0; i < len(all); i += step {
				list, paths = append(list, all[i]), append(paths, folder.RelPath(i))
				want = append(want, reference[i*d:(i+1)*d]...)
			}
			got, err := e.Embed(context.Background(), list)
			if err != nil {
				t.Fatal(err)
			}
			for i := range list {
				if c := cosine(got[i*d:(i+1)*d], want[i*d:(i+1)*d]); c < 0.99999 {
					t.Errorf("%s: cosine with the reference %v", paths[i], c)
				}
			}

			if e.Device() != torch.CPU {
				return // CUDA promises the same bits for the same batches only
			}
			// Pictures pass one at a time, so every eighth on one worker is enough.
			one := loadFor(t, path, 1)
			var some [][]uint8
			var expect []float32
			for i := 0; i < len(list); i += 8 {
				some = append(some, list[i])
				expect = append(expect, got[i*d:(i+1)*d]...)
			}
			again, err := one.Embed(context.Background(), some)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(again, expect) {
				t.Error("1 worker gives other bits than 4")
			}
		})
	}
}
