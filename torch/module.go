package torch

// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"vs/torch/torchscript"
)

// Module is a TorchScript module. Nothing outside this package and encoder knows that it is
// TorchScript.
type Module struct {
	h       *handle
	weights torchscript.Weights
	device  Device
}

// LoadOptions says how a module is loaded.
type LoadOptions struct {
	Extra   string // the archive's extra file to return
	Trusted bool   // the module may do more than compute from its input, such as to write files
}

// ErrUntrusted is wrapped by the error of a module that does more than compute, if it is not to be
// trusted.
var ErrUntrusted = torchscript.ErrUntrusted

// LoadModule reads a TorchScript archive from memory onto a device, in evaluation mode, and returns
// with it the text of the archive's extra file, "" if it has none. A damaged archive is refused; so
// is, unless it is trusted, a module whose code does more than compute from its input. Nothing of
// the code has run before that.
func LoadModule(archive []byte, d Device, o LoadOptions) (m *Module, extra string, err error) {
	fail := func(err error) (*Module, string, error) {
		return nil, "", fmt.Errorf("load TorchScript module: %w", err)
	}
	checked, err := torchscript.Check(archive, o.Trusted)
	if err != nil {
		return fail(err)
	}
	if o.Extra != "" {
		if extra, err = checked.Extra(o.Extra); err != nil {
			return fail(err)
		}
	}
	if err := Load(); err != nil {
		return nil, "", err
	}
	var pinned runtime.Pinner
	defer pinned.Unpin()
	spans := make([]C.vst_span, 0, len(checked.Spans))
	for _, span := range checked.Spans {
		p := unsafe.Pointer(unsafe.SliceData(span))
		pinned.Pin(p)
		spans = append(spans, C.vst_span{data: p, bytes: C.size_t(len(span))})
	}
	var out *C.vst_module
	if err := goError(C.vst_module_load(&spans[0], C.size_t(len(spans)), d.c(), cBool(o.Trusted), &out)); err != nil {
		return fail(err)
	}
	m = newModule(out)
	m.weights, m.device = checked.Weights, d
	return m, extra, nil
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

// Freeze makes the weights constants of the graph and folds batch norms into convolutions. It must
// come before the first Forward and before the module is shared.
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

// SetInputNormalization makes [Module.Forward] take pictures of uint8, [N, C, H, W], as well, where
// C is the length of mean and std. The module gets (x / 255 − mean) / std, in torchvision's
// arithmetic. It must come after Freeze and before the module is shared.
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

// Optimized returns a copy of a frozen module that libtorch has rewritten to be faster on the CPU,
// or nil where it cannot, or where the copy's output for the input differs by more than the
// tolerance (relative, in the L2 norm): libtorch 1.13 breaks some models without an error.
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

// Forward runs the module on one tensor of float32, or of uint8 after SetInputNormalization.
// Several goroutines may do so at once.
func (m *Module) Forward(input *Tensor) (*Tensor, error) {
	p, err := m.ptr()
	if err != nil {
		return nil, fmt.Errorf("forward: %w", err)
	}
	defer runtime.KeepAlive(m)
	output, err := unary("forward", input, func(t *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_module_forward(p, t, out)
	})
	if hint := m.hint(); err != nil && hint != "" && !errors.Is(err, ErrOutOfMemory) {
		return nil, fmt.Errorf("%w; %s", err, hint)
	}
	return output, err
}

// hint says what about the weights may be the reason why a forward pass fails.
func (m *Module) hint() string {
	types := map[string]string{"Half": "float16", "BFloat16": "bfloat16", "Double": "float64"}
	if name := types[m.weights.Type]; name != "" {
		return "its weights are " + name + " and its input is float32: trace the model after model.float()"
	}
	if at := m.weights.Device; at != "" && at != "cpu" && m.device.Type == CPUType {
		return "it was traced on " + at + ": trace the model on the CPU, after model.cpu()"
	}
	return ""
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
