package torch

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// Module is a TorchScript module. Nothing outside this package and encoder knows that it is TorchScript.
type Module struct {
	h *handle
}

// LoadModule reads a TorchScript archive from memory onto a device, in evaluation mode, and returns with it the
// archive's extra file of the given name, "" if it has none.
func LoadModule(archive []byte, d Device, extraName string) (m *Module, extra string, err error) {
	if len(archive) == 0 {
		return nil, "", errors.New("load TorchScript module: the file is empty")
	}
	if err := Load(); err != nil {
		return nil, "", err
	}
	cName := C.CString(extraName)
	defer C.free(unsafe.Pointer(cName))
	var (
		out    *C.vst_module
		cExtra *C.char
	)
	err = goError(C.vst_module_load(unsafe.Pointer(unsafe.SliceData(archive)), C.size_t(len(archive)), d.c(), cName, &cExtra, &out))
	defer C.free(unsafe.Pointer(cExtra))
	if err != nil {
		return nil, "", fmt.Errorf("load TorchScript module: %w", err)
	}
	m = &Module{}
	m.h = newHandle(m, unsafe.Pointer(out), func(p unsafe.Pointer) error {
		return goError(C.vst_module_close((*C.vst_module)(p)))
	})
	return m, C.GoString(cExtra), nil
}

// Freeze makes the weights constants of the graph and folds batch norms into convolutions. It must come before the first Forward and before the module is shared.
func (m *Module) Freeze() error {
	p, err := m.ptr()
	if err != nil {
		return fmt.Errorf("freeze module: %w", err)
	}
	defer runtime.KeepAlive(m)
	if err := goError(C.vst_module_freeze(p)); err != nil {
		return fmt.Errorf("freeze module: %w", err)
	}
	return nil
}

// Forward runs the module on one tensor. Several goroutines may do so at once.
func (m *Module) Forward(input *Tensor) (*Tensor, error) {
	p, err := m.ptr()
	if err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	defer runtime.KeepAlive(m)
	return unary("forward", input, func(t *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_module_forward(p, t, out)
	})
}

// Close frees the module. It may be called more than once, and on nil.
func (m *Module) Close() error {
	if m == nil {
		return nil
	}
	return m.h.Close()
}

func (m *Module) ptr() (*C.vst_module, error) {
	if m == nil {
		return nil, ErrClosed
	}
	p, err := m.h.get()
	return (*C.vst_module)(p), err
}
