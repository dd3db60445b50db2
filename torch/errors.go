package torch

import (
	"errors"
	"fmt"
	"strings"
)

// ErrOutOfMemory is wrapped by the error of an operation that needs more memory than the device
// has.
var ErrOutOfMemory = errors.New("out of memory")

// newError turns libtorch's message into an error. It recognises out-of-memory by the text, since
// the TorchScript interpreter, cuBLAS and cuDNN each throw a type of their own.
func newError(message string) error {
	for _, sign := range []string{"out of memory", "STATUS_ALLOC_FAILED"} {
		if strings.Contains(message, sign) {
			return fmt.Errorf("%w: %s; free memory on the device, or use --device cpu", ErrOutOfMemory, trimAllocatorNotes(message))
		}
	}
	if reason, ok := strings.CutPrefix(message, "not trusted: "); ok {
		return fmt.Errorf("%w: %s", ErrUntrusted, reason)
	}
	// libtorch tries cuDNN's engines in turn and does not say why each of them failed.
	if strings.Contains(message, "unable to find an engine to execute this computation") {
		return fmt.Errorf("%w, or a cuDNN that does not fit libtorch or the device: %s; free memory on the device, or use --device cpu", ErrOutOfMemory, message)
	}
	return errors.New(message)
}

// trimAllocatorNotes keeps the requested and available sizes of the CUDA allocator's message and
// drops what follows, notes on PyTorch's bookkeeping and settings.
func trimAllocatorNotes(message string) string {
	for _, bookkeeping := range []string{" Of the allocated memory", " If reserved"} {
		message, _, _ = strings.Cut(message, bookkeeping)
	}
	return strings.TrimSuffix(message, ".")
}
