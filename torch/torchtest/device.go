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
