package torch

// #include "bridge.h"
import "C"

import (
	"errors"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// ErrClosed is returned by operations on a tensor, module or generator after its Close.
var ErrClosed = errors.New("already closed")

// handle owns a pointer of the C side and gives it back once, whoever asks first.
type handle struct {
	p       atomic.Pointer[byte]
	close   func(unsafe.Pointer) error
	cleanup runtime.Cleanup
}

// newHandle wraps p; owner is the exported value, after whose death the handle is closed as a
// backstop.
func newHandle[T any](owner *T, p unsafe.Pointer, close func(unsafe.Pointer) error) *handle {
	h := &handle{close: close}
	h.p.Store((*byte)(p))
	h.cleanup = runtime.AddCleanup(owner, func(h *handle) { h.Close() }, h)
	runtime.KeepAlive(owner) // the cleanup reads h, which is complete only now
	return h
}

func (h *handle) get() (unsafe.Pointer, error) {
	if h == nil {
		return nil, ErrClosed
	}
	if p := h.p.Load(); p != nil {
		return unsafe.Pointer(p), nil
	}
	return nil, ErrClosed
}

func (h *handle) Close() error {
	if h == nil {
		return nil
	}
	if p := h.p.Swap(nil); p != nil {
		h.cleanup.Stop()
		return h.close(unsafe.Pointer(p))
	}
	return nil
}

// LiveHandles is the number of tensors, modules and generators that exist in libtorch for Go: made
// and not yet closed. It is 0 before the library is loaded, and loads nothing.
func LiveHandles() int {
	if !loaded.Load() {
		return 0
	}
	var n C.int64_t
	C.vst_live_handles(&n) // never fails: it reads a counter
	return int(n)
}
