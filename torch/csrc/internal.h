// Shared by the library's source files; never seen from Go.
#ifndef VSTORCH_INTERNAL_H
#define VSTORCH_INTERNAL_H

#include <ATen/core/Generator.h>
#include <torch/script.h>

#include <atomic>
#include <exception>
#include <memory>

#include "../vstorch.h"

namespace vst {

// Handles that were made and not yet closed, of all kinds.
extern std::atomic<int64_t> live;

template <typename T>
struct Handle {
  explicit Handle(T v) : value(std::move(v)) { ++live; }
  ~Handle() { --live; }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  T value;
};

// One line for the exception that is being handled, without libtorch's stack dump; malloc'd.
char* current_error() noexcept;

// Runs f and turns whatever it throws into a message. Every exported function goes through here.
template <typename F>
char* guard(F&& f) noexcept {
  try {
    f();
    return nullptr;
  } catch (...) {
    return current_error();
  }
}

c10::Device device_of(vst_device d);
c10::ScalarType scalar_type(int dtype);

// Lets matrix products and convolutions round float32 to TensorFloat-32 on CUDA.
void allow_tf32(bool on);

// Computes each attention in a frozen graph by one operator, where libtorch has it.
void fuse_attention(torch::jit::Graph& graph);

// Lays the biases of those attentions out as CUDA's kernels want them: others are copied at each
// forward pass (by the first versions that have the operator all are). To be called after they have
// been cast.
void align_attention_biases(torch::jit::Graph& graph);

// Computes each pointwise convolution in a frozen graph as a matrix product.
void multiply_pointwise(torch::jit::Graph& graph);

// A symbol of this library or of what it depends on; null where there is none.
void* find_symbol(const char* name);

#define VST_DECLARE(name, params, args) char* name params;
VST_FUNCTIONS(VST_DECLARE)
#undef VST_DECLARE

}  // namespace vst

namespace vst {

// Of pixels from 0 to 1, and what 1 is in a pixel of 8 bits: [C, 1, 1] on the device.
struct Normalization {
  at::Tensor minus_mean, std, white;
};

}  // namespace vst

struct vst_tensor : vst::Handle<at::Tensor> {
  using Handle::Handle;
};
struct vst_module : vst::Handle<torch::jit::Module> {
  vst_module(torch::jit::Module m, c10::Device d) : Handle(std::move(m)), device(d) {}
  const c10::Device device;
  c10::ScalarType dtype = at::kFloat;  // that it computes in
  bool tf32 = false;
  bool channels_last = false;
  vst::Normalization normalization;
};
struct vst_generator : vst::Handle<at::Generator> {
  using Handle::Handle;
};

namespace vst {

// Runs the module on float32, or on pixels of uint8, and returns float32, whatever it computes in.
// The caller has set inference mode.
at::Tensor forward(vst_module& m, const at::Tensor& input);

}  // namespace vst

#endif
