package torch

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
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
	return newModule(out), C.GoString(cExtra), nil
}

func newModule(p *C.vst_module) *Module {
	m := &Module{}
	m.h = newHandle(m, unsafe.Pointer(p), func(p unsafe.Pointer) error {
		return goError(C.vst_module_close((*C.vst_module)(p)))
	})
	return m
}

// FreezeOptions says how a frozen module computes. Its input and output are float32 all the same.
type FreezeOptions struct {
	DType        DType // Float32, or one that the device computes faster
	TF32         bool  // on CUDA, round float32 factors to TensorFloat-32
	ChannelsLast bool  // keep pictures with their channels innermost
}

// Freeze makes the weights constants of the graph and folds batch norms into convolutions. It must come before the first
// Forward and before the module is shared.
func (m *Module) Freeze(o FreezeOptions) error {
	p, err := m.ptr()
	if err != nil {
		return fmt.Errorf("freeze module: %w", err)
	}
	defer runtime.KeepAlive(m)
	if err := goError(C.vst_module_freeze(p, C.int(o.DType), cBool(o.TF32), cBool(o.ChannelsLast))); err != nil {
		return fmt.Errorf("freeze module: %w", err)
	}
	return nil
}

// SetInputNormalization makes [Module.Forward] take pictures of uint8, [N, C, H, W], as well: of C = len(mean) = len(std) channels the
// module gets (x / 255 − mean) / std, in torchvision's arithmetic. It must come after Freeze and before the module is shared.
func (m *Module) SetInputNormalization(mean, std []float64) error {
	p, err := m.ptr()
	if err != nil {
		return fmt.Errorf("set input normalization: %w", err)
	}
	defer runtime.KeepAlive(m)
	if len(mean) != len(std) || len(mean) == 0 {
		return fmt.Errorf("set input normalization: %d means, %d standard deviations; give one of each a channel", len(mean), len(std))
	}
	floats := make([]C.float, 0, 2*len(mean))
	for _, v := range slices.Concat(mean, std) {
		floats = append(floats, C.float(v))
	}
	if err := goError(C.vst_module_set_normalization(p, C.int(len(mean)), &floats[0], &floats[len(mean)])); err != nil {
		return fmt.Errorf("set input normalization: %w", err)
	}
	return nil
}

// Optimized returns a copy of a frozen module that libtorch has rewritten to be faster on the CPU, or nil where it cannot,
// or where the copy's output for the input differs by more than the tolerance (relative, in the L2 norm): libtorch
// 1.13 breaks some models without an error.
func (m *Module) Optimized(input *Tensor, tolerance float64) (*Module, error) {
	p, err := m.ptr()
	if err != nil {
		return nil, fmt.Errorf("optimize module: %w", err)
	}
	defer runtime.KeepAlive(m)
	x, err := input.ptr()
	if err != nil {
		return nil, fmt.Errorf("optimize module: %w", err)
	}
	defer runtime.KeepAlive(input)
	var out *C.vst_module
	if err := goError(C.vst_module_optimize(p, x, C.double(tolerance), &out)); err != nil {
		return nil, fmt.Errorf("optimize module: %w", err)
	}
	if out == nil {
		return nil, nil
	}
	return newModule(out), nil
}

// Forward runs the module on one tensor of float32, or of uint8 after SetInputNormalization. Several goroutines may do so at once.
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
