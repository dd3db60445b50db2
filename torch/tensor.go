package torch

// #include "bridge.h"
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// DType is the type of a tensor's elements.
type DType int

// The types that Go slices and tensors share, and two that only modules compute in.
const (
	Float32  DType = C.VST_FLOAT32
	Float64  DType = C.VST_FLOAT64
	Int64    DType = C.VST_INT64
	Uint8    DType = C.VST_UINT8
	Float16  DType = C.VST_FLOAT16
	BFloat16 DType = C.VST_BFLOAT16
)

// String returns the name that PyTorch uses.
func (d DType) String() string {
	switch d {
	case Float32:
		return "float32"
	case Float64:
		return "float64"
	case Int64:
		return "int64"
	case Uint8:
		return "uint8"
	case Float16:
		return "float16"
	case BFloat16:
		return "bfloat16"
	}
	return fmt.Sprintf("DType(%d)", int(d))
}

// Element is an element type of a tensor.
type Element interface {
	float32 | float64 | int64 | uint8
}

func dtypeOf[T Element]() DType {
	switch any(*new(T)).(type) {
	case float32:
		return Float32
	case float64:
		return Float64
	case int64:
		return Int64
	default:
		return Uint8
	}
}

// Tensor is a multi-dimensional array on a device. Operations make new tensors and leave their
// operands alone.
type Tensor struct {
	h *handle
}

func newTensor(p *C.vst_tensor) *Tensor {
	t := &Tensor{}
	t.h = newHandle(t, unsafe.Pointer(p), func(p unsafe.Pointer) error {
		return goError(C.vst_tensor_close((*C.vst_tensor)(p)))
	})
	return t
}

// FromSlice copies data into a new tensor on the CPU.
func FromSlice[T Element](data []T, shape ...int) (*Tensor, error) {
	n, err := numel(shape)
	if err != nil {
		return nil, err
	}
	if n != len(data) {
		return nil, fmt.Errorf("make tensor of shape %v: it has %d elements, the slice %d", shape, n, len(data))
	}
	if err := Load(); err != nil {
		return nil, err
	}
	cShape := cSizes(shape)
	var out *C.vst_tensor
	err = goError(C.vst_tensor_new(C.int(dtypeOf[T]()), C.int(len(shape)), unsafe.SliceData(cShape),
		unsafe.Pointer(unsafe.SliceData(data)), &out))
	if err != nil {
		return nil, fmt.Errorf("make tensor of shape %v: %w", shape, err)
	}
	return newTensor(out), nil
}

// NewStaging makes a tensor on the CPU to be filled with [WriteAt] and copied to the device again
// and again. For CUDA it is page-locked, and then [Tensor.To] returns before the copy is done: it
// must not be written to until something that was computed from the copy has been read.
func NewStaging[T Element](d Device, shape ...int) (*Tensor, error) {
	if _, err := numel(shape); err != nil {
		return nil, err
	}
	if err := Load(); err != nil {
		return nil, err
	}
	cShape := cSizes(shape)
	var out *C.vst_tensor
	err := goError(C.vst_tensor_staging(d.c(), C.int(dtypeOf[T]()), C.int(len(shape)), unsafe.SliceData(cShape), &out))
	if err != nil {
		return nil, fmt.Errorf("make tensor of shape %v to copy to %v: %w", shape, d, err)
	}
	return newTensor(out), nil
}

// WriteAt copies src into the tensor, which must be on the CPU, from the element with the given
// index in row-major order on.
func WriteAt[T Element](t *Tensor, index int, src []T) error {
	m, err := t.meta()
	if err != nil {
		return fmt.Errorf("write tensor: %w", err)
	}
	if want := dtypeOf[T](); m.dtype != want {
		return fmt.Errorf("write tensor: it holds %v, not %v", m.dtype, want)
	}
	if index < 0 || index+len(src) > m.numel() {
		return fmt.Errorf("write tensor of shape %v: %d elements from %d on do not fit", m.shape, len(src), index)
	}
	p, err := t.ptr()
	if err != nil {
		return fmt.Errorf("write tensor: %w", err)
	}
	defer runtime.KeepAlive(t)
	size := unsafe.Sizeof(*new(T))
	err = goError(C.vst_tensor_write(p, C.size_t(uintptr(index)*size), unsafe.Pointer(unsafe.SliceData(src)), C.size_t(uintptr(len(src))*size)))
	if err != nil {
		return fmt.Errorf("write tensor: %w", err)
	}
	return nil
}

// ToSlice copies the tensor's elements, in row-major order, into a new slice.
func ToSlice[T Element](t *Tensor) ([]T, error) {
	m, err := t.meta()
	if err != nil {
		return nil, fmt.Errorf("read tensor: %w", err)
	}
	dst := make([]T, m.numel())
	return dst, CopyTo(dst, t)
}

// CopyTo copies the tensor's elements, in row-major order, into dst, whose length must fit.
func CopyTo[T Element](dst []T, t *Tensor) error {
	m, err := t.meta()
	if err != nil {
		return fmt.Errorf("read tensor: %w", err)
	}
	if want := dtypeOf[T](); m.dtype != want {
		return fmt.Errorf("read tensor: it holds %v, not %v", m.dtype, want)
	}
	if m.numel() != len(dst) {
		return fmt.Errorf("read tensor of shape %v: it has %d elements, the slice %d", m.shape, m.numel(), len(dst))
	}
	p, err := t.ptr()
	if err != nil {
		return fmt.Errorf("read tensor: %w", err)
	}
	defer runtime.KeepAlive(t)
	bytes := uintptr(len(dst)) * unsafe.Sizeof(*new(T))
	if err := goError(C.vst_tensor_read(p, unsafe.Pointer(unsafe.SliceData(dst)), C.size_t(bytes))); err != nil {
		return fmt.Errorf("read tensor: %w", err)
	}
	return nil
}

// Close frees the tensor. It may be called more than once, and on nil.
func (t *Tensor) Close() error {
	if t == nil {
		return nil
	}
	return t.h.Close()
}

// Shape returns the sizes of the dimensions, nil for a closed tensor.
func (t *Tensor) Shape() []int {
	m, err := t.meta()
	if err != nil {
		return nil
	}
	return m.shape
}

// DType returns the type of the elements.
func (t *Tensor) DType() (DType, error) {
	m, err := t.meta()
	return m.dtype, err
}

// Device returns where the tensor is.
func (t *Tensor) Device() (Device, error) {
	m, err := t.meta()
	return m.device, err
}

func (t *Tensor) ptr() (*C.vst_tensor, error) {
	if t == nil {
		return nil, ErrClosed
	}
	p, err := t.h.get()
	return (*C.vst_tensor)(p), err
}

type meta struct {
	dtype  DType
	device Device
	shape  []int
}

func (m meta) numel() int {
	n := 1
	for _, s := range m.shape {
		n *= s
	}
	return n
}

func (t *Tensor) meta() (meta, error) {
	p, err := t.ptr()
	if err != nil {
		return meta{}, err
	}
	defer runtime.KeepAlive(t)
	var (
		dtype, ndim C.int
		device      C.vst_device
		sizes       [8]C.int64_t
	)
	if err := goError(C.vst_tensor_meta(p, &dtype, &device, &ndim, &sizes[0])); err != nil {
		return meta{}, err
	}
	m := meta{DType(dtype), Device{DeviceType(device._type), int(device.index)}, make([]int, ndim)}
	for i := range m.shape {
		m.shape[i] = int(sizes[i])
	}
	return m, nil
}

// numel returns the number of elements of a shape.
func numel(shape []int) (int, error) {
	n := 1
	for _, s := range shape {
		if s < 0 {
			return 0, fmt.Errorf("make tensor of shape %v: negative size", shape)
		}
		n *= s
	}
	return n, nil
}

func cSizes(shape []int) []C.int64_t {
	sizes := make([]C.int64_t, len(shape))
	for i, s := range shape {
		sizes[i] = C.int64_t(s)
	}
	return sizes
}
