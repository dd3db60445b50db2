package torch

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestAFrozenModuleComputesInTheTypeAskedFor(t *testing.T) {
	tests := []struct {
		name    string
		options FreezeOptions
		want    []float32 // of weights and inputs that every type holds exactly
	}{
		{"float32", FreezeOptions{}, []float32{11, 24, 16, 35}},
		{"float64", FreezeOptions{DType: Float64}, []float32{11, 24, 16, 35}},
		{"bfloat16", FreezeOptions{DType: BFloat16}, []float32{11, 24, 16, 35}},
		{"TensorFloat-32", FreezeOptions{TF32: true}, []float32{11, 24, 16, 35}},
		{"channels last, of which a matrix has none", FreezeOptions{ChannelsLast: true}, []float32{11, 24, 16, 35}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := loadModule(t, "affine.pt")
			if err := m.Freeze(tt.options); err != nil {
				t.Fatal(err)
			}
			x := tensorOf(t, []float32{1, 0, 0, 1, 1, 1}, 2, 3)
			wantFloats(t, must[*Tensor](t)(m.Forward(x)), tt.want, 2, 2)
		})
	}
	m := loadModule(t, "affine.pt")
	if err := m.Freeze(FreezeOptions{DType: 99}); err == nil {
		t.Error("a module computes in the type 99")
	}
}

func TestModulesInTrainingModeAreNotFrozen(t *testing.T) {
	vectors := []float32{1, 2, 3, 4, 5, 6}
	images := make([]float32, 2*3*4*4)
	for i := range images {
		images[i] = float32(i % 7)
	}
	tests := []struct{ file, want string }{ // "": it passes the input on
		{"dropout_in_training.pt", "its operator dropout is random, as in training: each pass gives another result; trace the model in eval mode"},
		{"no_dropout_in_training.pt", ""},
		{"dropout_in_eval.pt", ""},
		{"scripted_dropout.pt", ""},
		{"drop_path.pt", "its operator bernoulli is random"},
		{"batch_norm_in_training.pt", "its operator batch_norm takes the statistics of the batch, as in training"},
		{"batch_norm_in_eval.pt", ""}, // of mean 0 and deviation 1
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			m := loadModule(t, tt.file)
			err := m.Freeze(FreezeOptions{})
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			input, shape := vectors, []int{2, 3}
			if strings.HasPrefix(tt.file, "batch_norm") {
				input, shape = images, []int{2, 3, 4, 4}
			}
			output := must[*Tensor](t)(m.Forward(tensorOf(t, input, shape...)))
			defer output.Close()
			for i, got := range must[[]float32](t)(ToSlice[float32](output)) {
				if math.Abs(float64(got-input[i])) > 1e-4 { // batch norm adds 1e-5 to the variance
					t.Errorf("element %d is %v, want %v", i, got, input[i])
				}
			}
		})
	}
}

// What of a model is attention, or a pointwise convolution, is computed by other operators on CUDA,
// or with channels innermost.
func TestRewrittenModulesComputeWhatTheyDid(t *testing.T) {
	queries := make([]float32, 2*2*3*4)
	for i := range queries {
		queries[i] = (float32(i%7) - 3) / 4
	}
	pixels := make([]float32, 2*4*3*5)
	for i := range pixels {
		pixels[i] = float32(i%11) - 5
	}
	tests := []struct {
		file      string
		options   FreezeOptions
		input     []float32
		shape     []int
		tolerance float64 // relative
	}{
		{"attentions.pt", FreezeOptions{}, queries, []int{2, 2, 3, 4}, 1e-5},
		{"attentions.pt", FreezeOptions{DType: BFloat16}, queries, []int{2, 2, 3, 4}, 0.05}, // 8 bits of precision
		{"pointwise.pt", FreezeOptions{}, pixels, []int{2, 4, 3, 5}, 0},                     // whole numbers
		{"pointwise.pt", FreezeOptions{ChannelsLast: true}, pixels, []int{2, 4, 3, 5}, 0},
		{"pointwise.pt", FreezeOptions{DType: Float64, ChannelsLast: true}, pixels, []int{2, 4, 3, 5}, 0},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %+v", tt.file, tt.options), func(t *testing.T) {
			m, note := loadWithExtra(t, tt.file, "note.txt")
			var want []float64 // Python's
			if err := json.Unmarshal([]byte(note), &want); err != nil {
				t.Fatal(err)
			}
			if err := m.Freeze(tt.options); err != nil {
				t.Fatal(err)
			}
			output := must[*Tensor](t)(m.Forward(tensorOf(t, tt.input, tt.shape...)))
			defer output.Close()
			got := must[[]float32](t)(ToSlice[float32](output))
			if len(got) != len(want) {
				t.Fatalf("%d values, want %d", len(got), len(want))
			}
			for i := range got {
				if math.Abs(float64(got[i])-want[i]) > tt.tolerance*max(1, math.Abs(want[i])) {
					t.Errorf("element %d is %v, want %v", i, got[i], want[i])
				}
			}
		})
	}
}

// The tensor that a model gets is torchvision's, to the bit: each level in each channel.
func TestPixelsAreNormalizedAsTorchvisionDoes(t *testing.T) {
	mean, std := []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}
	pixels := make([]uint8, 2*3*256)
	want := make([]float32, len(pixels))
	for i := range pixels {
		pixels[i] = uint8(i * 7) // every level, once in each channel
		c := i / 256 % 3
		want[i] = (float32(pixels[i])/255 - float32(mean[c])) / float32(std[c])
	}
	for _, options := range []FreezeOptions{{}, {ChannelsLast: true}, {DType: Float64}} {
		m := loadModule(t, "itself.pt")
		if err := m.Freeze(options); err != nil {
			t.Fatal(err)
		}
		x := onDevice(t, pixels, 2, 3, 16, 16)
		if _, err := m.Forward(x); err == nil || !strings.Contains(err.Error(), "no mean and deviation") {
			t.Errorf("pixels whose mean is unknown: error %v", err)
		}
		if err := m.SetInputNormalization(mean, std); err != nil {
			t.Fatal(err)
		}
		if got := must[[]float32](t)(ToSlice[float32](must[*Tensor](t)(m.Forward(x)))); !slices.Equal(got, want) {
			t.Errorf("%+v: other values", options)
		}
		if _, err := m.Forward(onDevice(t, pixels, 3, 2, 16, 16)); err == nil {
			t.Errorf("%+v: pictures of 2 channels are taken", options)
		}
	}
	m := loadModule(t, "itself.pt")
	for _, values := range [][]float64{nil, {1, 1, 1, 1}} {
		if err := m.SetInputNormalization(mean[:len(values)/2], values); err == nil {
			t.Errorf("deviations %v are taken", values)
		}
	}
}

func TestAnOptimizedModuleIsACopy(t *testing.T) {
	m := loadModule(t, "affine.pt")
	if err := m.Freeze(FreezeOptions{}); err != nil {
		t.Fatal(err)
	}
	x := tensorOf(t, []float32{1, 0, 0, 1, 1, 1}, 2, 3)
	want := []float32{11, 24, 16, 35}
	fast := must[*Module](t)(m.Optimized(x, 1e-6))
	if fast == nil {
		t.Fatal("there is none")
	}
	wantFloats(t, must[*Tensor](t)(fast.Forward(x)), want, 2, 2)
	wantFloats(t, must[*Tensor](t)(m.Forward(x)), want, 2, 2)
	if err := fast.Close(); err != nil {
		t.Fatal(err)
	}
	wantFloats(t, must[*Tensor](t)(m.Forward(x)), want, 2, 2)
	if _, err := fast.Optimized(x, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v of a closed module, want ErrClosed", err)
	}
	if _, err := m.Optimized(closedStaging(t, true), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v of a closed input, want ErrClosed", err)
	}
}

func TestStagedBatchesReachTheDevice(t *testing.T) {
	done := make(chan struct{})
	go func() { // on a thread of its own, which ends with its stream
		defer close(done)
		runtime.LockOSThread()
		device := testDevice(t)
		if err := UseStream(device); err != nil {
			t.Error(err)
			return
		}
		staging, err := NewStaging[float32](device, 2, 3)
		if err != nil {
			t.Error(err)
			return
		}
		defer staging.Close()
		for round := range 3 {
			want := make([]float32, 6)
			for i := range want {
				want[i] = float32(10*round + i)
			}
			got, err := throughDevice(staging, want, device)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v, %v; want %v", got, err, want)
			}
		}
	}()
	<-done
}

// throughDevice writes the staging tensor in two parts and reads its copy on the device.
func throughDevice(staging *Tensor, data []float32, device Device) ([]float32, error) {
	half := len(data) / 2
	if err := errors.Join(WriteAt(staging, 0, data[:half]), WriteAt(staging, half, data[half:])); err != nil {
		return nil, err
	}
	x, err := staging.To(device)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	return ToSlice[float32](x)
}

func TestDeterministicAlgorithmsCanBeTurnedOffAndOn(t *testing.T) {
	if !must[Info](t)(GetInfo()).Deterministic {
		t.Error("they are off at first")
	}
	for _, on := range []bool{false, true} {
		if err := SetDeterministic(on); err != nil {
			t.Fatal(err)
		}
		if got := must[Info](t)(GetInfo()).Deterministic; got != on {
			t.Errorf("turned to %v: %v", on, got)
		}
	}
}

func TestShortMemoryIsToldFromTheMessage(t *testing.T) {
	tests := []struct {
		message string
		short   bool
	}{
		{"CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 3.95 GiB total capacity)", true},
		{"CUDA error: out of memory", true},
		{"cuDNN error: CUDNN_STATUS_ALLOC_FAILED", true},
		{"GET was unable to find an engine to execute this computation", true},
		{"CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", true},
		{"mat1 and mat2 shapes cannot be multiplied (1x3 and 4x5)", false},
		{"cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", false},
	}
	for _, tt := range tests {
		if err := newError(tt.message); errors.Is(err, ErrOutOfMemory) != tt.short {
			t.Errorf("%q is short memory: %v, want %v", tt.message, !tt.short, tt.short)
		}
	}
}

func TestShortMemoryIsToldInFewWords(t *testing.T) {
	tests := []struct{ name, message, want string }{
		{
			"libtorch 1.13",
			"CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 3.95 GiB total capacity; 3.10 GiB already allocated) If reserved memory is >> allocated memory try setting max_split_size_mb",
			"CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 3.95 GiB total capacity; 3.10 GiB already allocated)",
		},
		{
			"libtorch 2.6",
			"CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 3.95 GiB of which 1.00 MiB is free. Of the allocated memory 3 GiB is allocated by PyTorch. If reserved but unallocated memory is large try setting",
			"CUDA out of memory. Tried to allocate 2.00 MiB. GPU 0 has a total capacity of 3.95 GiB of which 1.00 MiB is free",
		},
		{"CUDA itself", "CUDA error: out of memory", "CUDA error: out of memory"},
	}
	for _, tt := range tests {
		if got, want := newError(tt.message).Error(), "out of memory: "+tt.want+"; free memory on the device, or use --device cpu"; got != want {
			t.Errorf("%s: %q, want %q", tt.name, got, want)
		}
	}
}
