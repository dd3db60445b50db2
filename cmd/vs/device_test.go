package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"vs/torch/torchtest"
)

func TestDevicesAndPrecisionsThatAreNotThere(t *testing.T) {
	pictures := makePictures(t, 2, "ash", "birch")
	with := func(flags ...string) []string {
		return append([]string{"encode", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db")}, flags...)
	}
	tests := []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"a CUDA device that is not there", with("--device", "cuda:4096"), exitNoDevice, []string{"cuda:4096: looked for CUDA", "libtorch", "libvstorch.so", "--device cpu"}},
		{"a precision that there is not", with("--precision", "fp8"), exitUsage, []string{"--precision", "fp8", "bf16"}},
		{"float16 on the CPU", with("--device", "cpu", "--precision", "fp16"), exitUsage, []string{"precision fp16: the CPU computes in fp32 only"}},
		{"bfloat16 on the CPU", with("--device", "cpu", "--precision", "bf16"), exitUsage, []string{"precision bf16: the CPU computes in fp32 only"}},
		{"TensorFloat-32 on the CPU", with("--device", "cpu", "--precision", "tf32"), exitUsage, []string{"precision tf32: the CPU computes in fp32 only"}},
		{"float32 on the CPU", with("--device", "cpu", "--precision", "fp32"), exitDone, nil},
		{"algorithms that need not be deterministic", with("--deterministic=false"), exitDone, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vs(t, tt.args...)
			if o.code != tt.code {
				t.Errorf("exit code %d, want %d: %s", o.code, tt.code, o.stderr)
			}
			wantParts(t, o.stderr, tt.want...)
		})
	}
}

// encode may compute with a faster form of the model than query does, and their last bits may
// differ.
func TestAPictureOfTheDatabaseIsMostSimilarToItself(t *testing.T) {
	models := append([]string{"builtin"}, torchtest.ModelFiles(t)...)
	pictures := makePictures(t, 2, "ash", "birch")
	for _, model := range models {
		t.Run(filepath.Base(model), func(t *testing.T) {
			db := filepath.Join(t.TempDir(), "a.db")
			mustVS(t, "encode", "--model", model, "--data", pictures, "--db", db)
			o := mustVS(t, "query", "--model", model, "--db", db, "--pictures", "--top-k", "1", "--format", "json",
				filepath.Join(pictures, "ash", "001.jpg"))
			var result struct {
				Answers []struct {
					Hits []struct {
						Label string
						Score float64
					}
				}
			}
			if err := json.Unmarshal([]byte(o.stdout), &result); err != nil {
				t.Fatal(err)
			}
			if hit := result.Answers[0].Hits[0]; hit.Label != "ash/001.jpg" || hit.Score < 0.999999 {
				t.Errorf("most similar is %s at %v", hit.Label, hit.Score)
			}
		})
	}
}
