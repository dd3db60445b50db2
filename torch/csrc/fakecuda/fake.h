// A CUDA device for tests on machines without one: libtorch's CUDA device type, played by the CPU.
//
// A libvstorch that contains it runs everything that vs does on CUDA (page-locked memory, streams,
// batches that do not fit, casting to half) on a libtorch without CUDA. Operators compute at once,
// in host memory, and are slow. What can go wrong between streams does go wrong, each time:
//
//   - A copy from page-locked memory is put off until its stream's next operator or
//     synchronisation, so that memory that is written to too early spoils it.
//   - An operator that takes what another stream has written, and for which nobody has waited,
//     fails.
//   - New and freed device memory is filled with bytes that read as NaN.
//   - A convolution that does not heed how cuDNN is set fails.
//   - The first use of the device fails unless threads that wait for it will sleep.
//
// FAKE_CUDA_MEMORY is the device's memory in bytes (8 GiB unless it is set). While
// FAKE_CUDA_MUST_NOT_WAIT is set and not empty, what waits for the device fails.
#ifndef VSTORCH_FAKE_H
#define VSTORCH_FAKE_H

#include <ATen/ATen.h>

namespace fake {

// Page-locked as far as libtorch can tell.
bool is_pinned(const void* p);

// Before an operator computes on the current stream: does what is pending there.
void launch();

// An operator on the current stream reads, or has written, memory of the device.
void reads(const at::Tensor& t);
void wrote(const at::Tensor& t);

// The memory at p is no longer what anybody wrote.
void forget(const void* p);

// Copies from page-locked memory, later.
void copy_later(const at::Tensor& to, const at::Tensor& from);

// Waits for the current stream, or for all.
void synchronize_stream();
void synchronize_device();

// The same memory as a tensor on the CPU.
at::Tensor on_host(const at::Tensor& t);

}  // namespace fake

#endif
