package encoder

import (
	"context"
	"os"
	"strings"
	"testing"

	"vs/torch"
	"vs/torch/torchtest"
)

func TestPrecisionsThatADeviceCannotComputeInAreRefused(t *testing.T) {
	tests := []struct {
		name      string
		precision Precision
		device    torch.Device
		want      string // "": it can
	}{
		{"the default", "", torch.CPU, ""},
		{"float32 on the CPU", FP32, torch.CPU, ""},
		{"float32 on CUDA", FP32, torch.CUDA(0), ""},
		{"float16 on CUDA", FP16, torch.CUDA(0), ""},
		{"TensorFloat-32 on the CPU", TF32, torch.CPU, "precision tf32: the CPU computes in fp32 only"},
		{"float16 on the CPU", FP16, torch.CPU, "precision fp16: the CPU computes in fp32 only"},
		{"bfloat16 on the CPU", BF16, torch.CPU, "precision bf16: the CPU computes in fp32 only"},
		{"a precision that there is not", "fp8", torch.CPU, `precision "fp8": unknown`},
		{"bfloat16 on a device that is not there", BF16, torch.CUDA(4096), "CUDA device 4096"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.precision.Check(tt.device)
			if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := Load(Builtin, Options{Precision: FP16}); err == nil || !strings.Contains(err.Error(), "fp32 only") {
		t.Errorf("loaded for the CPU in float16: %v", err)
	}
}

func TestTheRecipeNamesWhatDecidesAnEmbedding(t *testing.T) {
	e := loadFor(t, "testdata/channel_means.pt", 1)
	if e.Precision() != FP32 || e.Recipe() != e.Transform().String() {
		t.Errorf("recipe %q in %s of the transform %q", e.Recipe(), e.Precision(), e.Transform())
	}
	e.precision = FP16
	if want := e.Transform().String() + "; fp16"; e.Recipe() != want {
		t.Errorf("recipe %q, want %q", e.Recipe(), want)
	}
}

// The types that CUDA is asked for, tried where they are: a model that is cast as a whole must run,
// and embed alike.
func TestModelsRunInOtherTypes(t *testing.T) {
	device := torchtest.Device(t)
	half := torch.BFloat16
	if device.Type == torch.CUDAType {
		half = torch.Float16
	}
	tests := []struct {
		name    string
		options torch.FreezeOptions
		nearest float64 // cosine with float32
	}{
		{"float64", torch.FreezeOptions{DType: torch.Float64}, 0.999999},
		{"channels last", torch.FreezeOptions{ChannelsLast: true}, 0.999999},
		{"TensorFloat-32", torch.FreezeOptions{TF32: true}, 0.999},
		// A type of 8 bits of precision; on these random weights 0.999.
		{half.String() + ", channels last", torch.FreezeOptions{DType: half, ChannelsLast: true}, 0.99},
	}
	for _, path := range modelFiles(t) {
		e := loadFor(t, path, 1)
		picture := pictures(e, 1)
		want, err := e.Embed(context.Background(), picture)
		if err != nil {
			t.Fatal(err)
		}
		archive := builtinArchive
		if path != Builtin {
			if archive, err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range tests {
			t.Run(e.Metadata().ModelName+" in "+tt.name, func(t *testing.T) {
				m, _, err := torch.LoadModule(archive, device, torch.LoadOptions{Extra: metadataName})
				if err != nil {
					t.Fatal(err)
				}
				defer m.Close()
				if err := m.Freeze(tt.options); err != nil {
					t.Fatal(err)
				}
				if err := m.SetInputNormalization(e.metadata.Mean[:], e.metadata.Std[:]); err != nil {
					t.Fatal(err)
				}
				s := &lane{metadata: &e.metadata, device: device}
				defer s.close()
				got := make([]float32, e.Dim())
				if err := s.forward(m, 1, picture, got); err != nil {
					t.Fatal(err)
				}
				if c := cosine(got, want); c < tt.nearest {
					t.Errorf("cosine with float32 %v, want at least %v", c, tt.nearest)
				} else {
					t.Logf("cosine with float32 %v", c)
				}
			})
		}
	}
}

func TestPrecisionsEmbedAlike(t *testing.T) {
	device := torchtest.Device(t)
	precisions := []Precision{FP32}
	if device.Type == torch.CUDAType {
		precisions = []Precision{FP32, TF32, FP16, BF16}
	}
	var want []float32
	for _, p := range precisions {
		e, err := Load(Builtin, Options{Device: device, BatchSize: 4, Precision: p})
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Embed(context.Background(), pictures(e, 6))
		e.Close()
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		// bfloat16 has 8 bits of precision.
		if c := cosine(got, want); c < 0.999 {
			t.Errorf("%s: cosine with fp32 %v", p, c)
		}
	}
}
