package torch

// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// DeviceType is a kind of device.
type DeviceType int

// The kinds of device that vs computes on.
const (
	CPUType  DeviceType = C.VST_CPU
	CUDAType DeviceType = C.VST_CUDA
)

// Device is where a tensor lives and is computed with. The zero value is the CPU.
type Device struct {
	Type  DeviceType
	Index int // of the CUDA device
}

// CPU is the host processor.
var CPU = Device{}

// CUDA is the CUDA device with the given index.
func CUDA(index int) Device { return Device{CUDAType, index} }

// String returns "cpu" or "cuda:N".
func (d Device) String() string {
	if d.Type == CUDAType {
		return "cuda:" + strconv.Itoa(d.Index)
	}
	return "cpu"
}

func (d Device) c() C.vst_device { return C.vst_device{C.int(d.Type), C.int(d.Index)} }

// ErrNoDevice is wrapped by the errors of [ParseDevice] for a device that this machine does not
// have.
var ErrNoDevice = errors.New("device not available")

// ParseDevice turns "cpu", "cuda", "cuda:N" or "auto" (the first CUDA device, else the CPU) into a
// device that exists here. Only "auto" falls back.
func ParseDevice(name string) (Device, error) {
	index := 0
	switch rest, numbered := strings.CutPrefix(name, "cuda:"); {
	case name == "cpu":
		return CPU, Load()
	case name == "auto", name == "cuda":
	case numbered:
		n, err := strconv.Atoi(rest)
		if err != nil || n < 0 {
			return CPU, fmt.Errorf("device %q: %q is not a device number", name, rest)
		}
		index = n
	default:
		return CPU, fmt.Errorf("device %q: unknown; use auto, cpu, cuda or cuda:N", name)
	}
	path, err := LibraryPath()
	if err != nil {
		return CPU, err
	}
	info, err := GetInfo()
	if err != nil {
		return CPU, err
	}
	switch {
	case index < info.CUDACount:
		return CUDA(index), nil
	case name == "auto":
		return CPU, nil
	case !info.CUDABuilt:
		return CPU, fmt.Errorf("%w: %s: looked for CUDA in libtorch %s (through %s), which was built without it; rebuild with LIBTORCH=/path/to/cuda/libtorch make build, or use --device cpu",
			ErrNoDevice, name, info.LibTorch, path)
	default:
		return CPU, fmt.Errorf("%w: %s: looked for CUDA device %d through libtorch %s (%s), which finds %d; check the NVIDIA driver with nvidia-smi, and CUDA_VISIBLE_DEVICES, or use --device cpu",
			ErrNoDevice, name, index, info.LibTorch, path, info.CUDACount)
	}
}

// Info says what libtorch is and what it finds on this machine.
type Info struct {
	LibTorch  string // version of the library that is loaded, e.g. "1.13.1"
	BLAS      string // library and version, "" where it is unknown: likely the slow reference BLAS
	CUDA      string // version of the CUDA runtime, e.g. "12.4"; "" without CUDA
	CUDABuilt bool   // libtorch was built with CUDA
	CUDACount int    // usable CUDA devices
	Threads   int    // intra-op threads of the calling thread
	CPUBF16   bool   // the CPU has instructions for bfloat16

	Deterministic bool // as SetDeterministic says
}

// GetInfo asks libtorch about itself and the machine.
func GetInfo() (Info, error) {
	if err := Load(); err != nil {
		return Info{}, err
	}
	var c C.vst_info
	if err := goError(C.vst_get_info(&c)); err != nil {
		return Info{}, fmt.Errorf("ask libtorch about this machine: %w", err)
	}
	info := Info{
		LibTorch:  C.GoString(&c.libtorch[0]),
		BLAS:      C.GoString(&c.blas[0]),
		CUDA:      C.GoString(&c.cuda[0]),
		CUDABuilt: c.cuda_built != 0,
		Threads:   int(c.threads),
		CPUBF16:   c.cpu_bf16 != 0,

		Deterministic: c.deterministic != 0,
	}
	if c.cuda_available != 0 {
		info.CUDACount = int(c.cuda_count)
	}
	return info, nil
}

// CUDAInfo describes one CUDA device.
type CUDAInfo struct {
	Name                       string
	TotalMemory                uint64 // bytes
	ComputeMajor, ComputeMinor int    // compute capability
}

// BF16 reports whether the device multiplies bfloat16 natively: compute capability 8.0 (Ampere) and
// later.
func (i CUDAInfo) BF16() bool { return i.ComputeMajor >= 8 }

// GetCUDAInfo asks the NVIDIA driver about the CUDA device with the given index.
func GetCUDAInfo(index int) (CUDAInfo, error) {
	if err := Load(); err != nil {
		return CUDAInfo{}, err
	}
	var c C.vst_cuda_info
	if err := goError(C.vst_get_cuda_info(C.int(index), &c)); err != nil {
		return CUDAInfo{}, fmt.Errorf("ask about CUDA device %d: %w", index, err)
	}
	return CUDAInfo{
		Name:         C.GoString(&c.name[0]),
		TotalMemory:  uint64(c.total_memory),
		ComputeMajor: int(c.compute_major),
		ComputeMinor: int(c.compute_minor),
	}, nil
}
