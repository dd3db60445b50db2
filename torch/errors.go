package torch

import (
	"errors"
	"fmt"
	"strings"
)

// ErrOutOfMemory is wrapped by the error of an operation for which the device's memory does not
// suffice.
var ErrOutOfMemory = errors.New("out of memory")

// newError makes an error of libtorch's message. That memory was short is told from the text, since
// the TorchScript interpreter, cuBLAS and cuDNN each throw another type for it.
func newError(message string) error {
	for _, sign := range []string{"out of memory", "STATUS_ALLOC_FAILED"} {
		if strings.Contains(message, sign) {
			return fmt.Errorf("%w: %s; free memory on the device, or use --device cpu", ErrOutOfMemory, howMuch(message))
		}
	}
	if reason, ok := strings.CutPrefix(message, "not trusted: "); ok {
		return fmt.Errorf("%w: %s", ErrUntrusted, reason)
	}
	// libtorch tries cuDNN's engines in turn and says nothing of why each of them failed.
	if strings.Contains(message, "unable to find an engine to execute this computation") {
		return fmt.Errorf("%w, or a cuDNN that does not fit libtorch or the device: %s; free memory on the device, or use --device cpu", ErrOutOfMemory, message)
	}
	return errors.New(message)
}

// howMuch leaves of the CUDA allocator's message what was asked for and what there is. Behind that
// it describes PyTorch's own bookkeeping and settings.
func howMuch(message string) string {
	for _, bookkeeping := range []string{" Of the allocated memory", " If reserved"} {
		message, _, _ = strings.Cut(message, bookkeeping)
	}
	return strings.TrimSuffix(message, ".")
}
