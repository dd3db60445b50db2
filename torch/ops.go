package torch

// #include "bridge.h"
import "C"

import (
	"fmt"
	"runtime"
)

// unary runs an operation with one tensor in and one out.
func unary(name string, t *Tensor, f func(t *C.vst_tensor, out **C.vst_tensor) *C.char) (*Tensor, error) {
	p, err := t.ptr()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer runtime.KeepAlive(t)
	var out *C.vst_tensor
	if err := goError(f(p, &out)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return newTensor(out), nil
}

// binary runs an operation with two tensors in and one out.
func binary(name string, a, b *Tensor, f func(a, b *C.vst_tensor, out **C.vst_tensor) *C.char) (*Tensor, error) {
	q, err := b.ptr()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer runtime.KeepAlive(b)
	return unary(name, a, func(p *C.vst_tensor, out **C.vst_tensor) *C.char { return f(p, q, out) })
}

// To copies the tensor to a device; on the same device the two share their memory. See [NewStaging]
// for copies that overlap with computation.
func (t *Tensor) To(d Device) (*Tensor, error) {
	return unary("move tensor to "+d.String(), t, func(p *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_tensor_to(p, d.c(), out)
	})
}

// Transpose swaps two dimensions; negative ones count from the last.
func (t *Tensor) Transpose(a, b int) (*Tensor, error) {
	return unary("transpose", t, func(p *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_tensor_transpose(p, C.int(a), C.int(b), out)
	})
}

// MatMul multiplies two matrices, [M, K] by [K, N], or two stacks of as many, [B, M, K] by [B, K,
// N].
func MatMul(a, b *Tensor) (*Tensor, error) {
	return binary("matrix product", a, b, func(p, q *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_tensor_matmul(p, q, out)
	})
}

// IndexSelect returns the rows (of the first dimension) that index, an int64 vector, names.
func (t *Tensor) IndexSelect(index *Tensor) (*Tensor, error) {
	return binary("select rows", t, index, func(p, q *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_tensor_index_select(p, q, out)
	})
}

// normEpsilon is the smallest norm that a vector is divided by, as in
// torch.nn.functional.normalize.
const normEpsilon = 1e-12

// Normalize divides the vectors along the last dimension by their L2 norm, at least 1e-12.
func (t *Tensor) Normalize() (*Tensor, error) {
	return unary("normalize", t, func(p *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_tensor_normalize(p, normEpsilon, out)
	})
}

// TopK returns the k largest values of a float32 tensor along the last dimension in descending
// order, and their indices (int64). Of equal values, −0 and 0 among them, the one with the lower
// index comes first; NaN stands above all others.
func (t *Tensor) TopK(k int) (values, indices *Tensor, err error) {
	var cValues *C.vst_tensor
	indices, err = unary(fmt.Sprintf("top %d", k), t, func(p *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_tensor_topk(p, C.int64_t(k), &cValues, out)
	})
	if err != nil {
		return nil, nil, err
	}
	return newTensor(cValues), indices, nil
}

// Eigh returns the eigenvalues of a symmetric matrix, [N, N], in ascending order, [N], and its
// eigenvectors in the columns of another, [N, N]. Only the lower triangle is read.
func (t *Tensor) Eigh() (values, vectors *Tensor, err error) {
	var cValues *C.vst_tensor
	vectors, err = unary("eigenvalues", t, func(p *C.vst_tensor, out **C.vst_tensor) *C.char {
		return C.vst_tensor_eigh(p, &cValues, out)
	})
	if err != nil {
		return nil, nil, err
	}
	return newTensor(cValues), vectors, nil
}
