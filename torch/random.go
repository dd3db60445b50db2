package torch

// #include "bridge.h"
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Generator is libtorch's CPU random number generator. With the same seed it yields the numbers of
// Python's torch after torch.manual_seed. It is not safe for concurrent use.
type Generator struct {
	h *handle
}

// NewGenerator makes a generator from a seed.
func NewGenerator(seed uint64) (*Generator, error) {
	if err := Load(); err != nil {
		return nil, err
	}
	var out *C.vst_generator
	if err := goError(C.vst_generator_new(C.uint64_t(seed), &out)); err != nil {
		return nil, fmt.Errorf("make generator: %w", err)
	}
	g := &Generator{}
	g.h = newHandle(g, unsafe.Pointer(out), func(p unsafe.Pointer) error {
		return goError(C.vst_generator_close((*C.vst_generator)(p)))
	})
	return g, nil
}

// RandPerm returns a random permutation of 0…n−1, as torch.randperm(n) does.
func (g *Generator) RandPerm(n int) ([]int64, error) {
	if n < 0 {
		return nil, fmt.Errorf("random permutation of %d numbers: negative", n)
	}
	p, err := g.ptr()
	if err != nil {
		return nil, fmt.Errorf("random permutation: %w", err)
	}
	defer runtime.KeepAlive(g)
	dst := make([]int64, n)
	err = goError(C.vst_generator_randperm(p, C.int64_t(n), (*C.int64_t)(unsafe.SliceData(dst))))
	if err != nil {
		return nil, fmt.Errorf("random permutation of %d numbers: %w", n, err)
	}
	return dst, nil
}

// Random returns a number from 0 to 2⁶³−1, as torch.empty((), dtype=torch.int64).random_() does.
func (g *Generator) Random() (int64, error) {
	p, err := g.ptr()
	if err != nil {
		return 0, fmt.Errorf("random number: %w", err)
	}
	defer runtime.KeepAlive(g)
	var out C.int64_t
	if err := goError(C.vst_generator_random(p, &out)); err != nil {
		return 0, fmt.Errorf("random number: %w", err)
	}
	return int64(out), nil
}

func (g *Generator) ptr() (*C.vst_generator, error) {
	if g == nil {
		return nil, ErrClosed
	}
	p, err := g.h.get()
	return (*C.vst_generator)(p), err
}

// Close frees the generator. It may be called more than once, and on nil.
func (g *Generator) Close() error {
	if g == nil {
		return nil
	}
	return g.h.Close()
}
