// Shared by the library's source files; never seen from Go.
#ifndef VSTORCH_INTERNAL_H
#define VSTORCH_INTERNAL_H

#include <ATen/core/Generator.h>
#include <torch/script.h>

#include <atomic>
#include <exception>
#include <memory>
#include <string>

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

// What a function returns when there is no memory for a message: not to be freed.
extern char out_of_memory[];

// One line for the exception that is being handled, without libtorch's stack dump: malloc'd, or
// out_of_memory.
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

// Has cuDNN take the same algorithms in every run, in place of the fastest.
void be_deterministic(bool on);

// A copy for the caller to free(); throws where there is no memory for it.
char* c_string(const std::string& s);

// The version of the libtorch that is loaded.
std::string loaded_version();

// Throws where the libtorch that is loaded is of another version than the headers: what is inline
// in those would go by another layout.
void check_version();

// Computes each attention in a frozen graph by one operator, where libtorch has it.
void fuse_attention(torch::jit::Graph& graph);

// Lays the biases of those attentions out as CUDA's kernels want them: others are copied at each
// forward pass (by the first versions that have the operator all are). To be called after they have
// been cast.
void align_attention_biases(torch::jit::Graph& graph);

// Computes each pointwise convolution in a frozen graph as a matrix product.
void multiply_pointwise(torch::jit::Graph& graph);

// Throws where a frozen graph computes as in training.
void refuse_training(const torch::jit::Graph& graph);

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

// How a module computes, beyond its graph.
struct Settings {
  c10::ScalarType dtype = at::kFloat;
  bool tf32 = false;
  bool channels_last = false;
  Normalization normalization;
};

}  // namespace vst

struct vst_tensor : vst::Handle<at::Tensor> {
  using Handle::Handle;
};
struct vst_module : vst::Handle<torch::jit::Module> {
  vst_module(torch::jit::Module m, c10::Device d, vst::Settings s = {})
      : Handle(std::move(m)), device(d), settings(std::move(s)) {}
  const c10::Device device;
  bool trusted = false;  // to do more than compute
  vst::Settings settings;
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
