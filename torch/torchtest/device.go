// Package torchtest helps tests that compute with libtorch.
package torchtest

import (
	"os"
	"testing"

	"vs/torch"
)

// Device is where tests compute: the CPU, or what $VS_TEST_DEVICE names.
func Device(t testing.TB) torch.Device {
	t.Helper()
	name := os.Getenv("VS_TEST_DEVICE")
	if name == "" {
		return torch.CPU
	}
	device, err := torch.ParseDevice(name)
	if err != nil {
		t.Fatal(err)
	}
	return device
}

// FakeCUDA returns the CUDA device of torch/csrc/fakecuda, and skips a test that computes
// elsewhere: one about what cannot be brought about on a real device.
func FakeCUDA(t testing.TB) torch.Device {
	t.Helper()
	device := Device(t)
	if device.Type == torch.CUDAType {
		if info, err := torch.GetCUDAInfo(device.Index); err != nil {
			t.Fatal(err)
		} else if info.Name == "fake CUDA device" {
			return device
		}
	}
	t.Skip("needs the fake CUDA device: make test-fakecuda")
	return device
}
