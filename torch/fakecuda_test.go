package torch_test

import (
	"math"
	"os"
	"runtime"
	"strings"
	"testing"

	"vs/torch"
	"vs/torch/torchtest"
)

// on runs f on a thread that has a stream of its own.
func on(t *testing.T, device torch.Device, f func()) {
	t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with its stream
		err := torch.UseStream(device)
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// What the other tests rely on when they find no fault on the fake device.
func TestTheFakeDeviceShowsFaultsBetweenStreams(t *testing.T) {
	device := torchtest.FakeCUDA(t)
	fill := func(staging *torch.Tensor, v float32) {
		if err := torch.WriteAt(staging, 0, []float32{v, v}); err != nil {
			t.Error(err)
		}
	}
	staging, err := torch.NewStaging[float32](device, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer staging.Close()

	t.Run("page-locked memory that is written to too early", func(t *testing.T) {
		fill(staging, 1)
		x, err := staging.To(device)
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		fill(staging, 2)
		if got, err := torch.ToSlice[float32](x); err != nil || got[0] != 2 {
			t.Errorf("%v, %v; want what was written while the copy was under way", got, err)
		}
	})

	var x *torch.Tensor
	defer func() { x.Close() }()
	copyTo := func() {
		fill(staging, 3)
		if x, err = staging.To(device); err != nil {
			t.Error(err)
		}
	}
	t.Run("another stream's result that nobody has waited for", func(t *testing.T) {
		on(t, device, copyTo)
		if got, err := torch.ToSlice[float32](x); err == nil || !strings.Contains(err.Error(), "race: ") {
			t.Errorf("%v, error %v; want a race", got, err)
		}
		x.Close()
	})
	t.Run("another stream's result that has been waited for", func(t *testing.T) {
		on(t, device, func() {
			copyTo()
			if _, err := torch.ToSlice[float32](x); err != nil {
				t.Error(err)
			}
		})
		if got, err := torch.ToSlice[float32](x); err != nil || math.IsNaN(float64(got[0])) {
			t.Errorf("%v, error %v", got, err)
		}
	})
}

// cuDNN finds NVRTC, and NVRTC its builtins, only where they are loaded already: here as in a
// Python package they are in a folder that the loader does not know.
func TestWhatCUDNNNeedsIsLoaded(t *testing.T) {
	device := torchtest.FakeCUDA(t)
	staging, err := torch.NewStaging[float32](device, 1)
	if err != nil {
		t.Fatal(err)
	}
	staging.Close()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for _, library := range []string{"/libnvrtc.so", "/libnvrtc-builtins.so.1"} {
		if !strings.Contains(string(maps), library) {
			t.Errorf("%s is not loaded", library)
		}
	}
}
