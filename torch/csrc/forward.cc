// One pass through a loaded module, from pixels on.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/cuda.h>

#include <mutex>

#include "internal.h"
#include "quiet.h"

namespace vst {

void allow_tf32(bool on) {
  // libtorch 2.9 warns that these are deprecated. They are the only switch that all versions have,
  // and newer ones, which have removed the warning, keep the state behind both interfaces
  // consistent only through them.
  const Quiet quiet;
  at::globalContext().setAllowTF32CuBLAS(on);
  at::globalContext().setAllowTF32CuDNN(on);
}

namespace {

// Allows TensorFloat-32 as long as any forward pass that wants it is being launched. The switch is
// the process's, so without counting, the first to end would take it from the others.
class TF32 {
 public:
  explicit TF32(bool on) : on_(on) { change(+1); }
  ~TF32() { change(-1); }
  TF32(const TF32&) = delete;
  TF32& operator=(const TF32&) = delete;

 private:
  void change(int by) {
    if (!on_) return;
    static std::mutex mutex;
    static int users = 0;
    const std::lock_guard<std::mutex> lock(mutex);
    const bool before = users > 0;
    users += by;
    // Only when it turns, since others may be reading it.
    if (before != (users > 0)) allow_tf32(users > 0);
  }
  bool on_;
};

// How the module wants its input to lie in memory.
at::MemoryFormat layout(const vst_module& m, const at::Tensor& input) {
  return m.settings.channels_last && input.dim() == 4 ? at::MemoryFormat::ChannelsLast
                                                      : at::MemoryFormat::Contiguous;
}

// In the steps of torchvision's ToTensor and Normalize, each of which rounds. Divisors are tensors
// on the device, since CUDA multiplies by the inverse of a number.
at::Tensor normalized(const vst_module& m, const at::Tensor& pixels) {
  const auto& [minus_mean, std, max_level] = m.settings.normalization;
  TORCH_CHECK(std.defined(), "the module has been told no mean and deviation of pixels");
  // On CUDA what counts is how often memory is passed over, on the CPU that loops are vectorised.
  const auto x = pixels.is_cuda() ? at::addcdiv(minus_mean, pixels, max_level)
                                  : pixels.to(at::kFloat).div_(max_level).add_(minus_mean);
  auto result = at::empty(x.sizes(), x.options().dtype(m.settings.dtype), layout(m, x));
  return at::div_out(result, x, std);
}

}  // namespace

at::Tensor forward(vst_module& m, const at::Tensor& input) {
  const TF32 tf32(m.settings.tf32);
  // The executor's own passes find little to do in a frozen graph. They cost 40 ms before the first
  // result, and on libtorch 2.6 sometimes never finish.
  const torch::jit::GraphOptimizerEnabledGuard executor_passes(false);
  const auto x =
      input.scalar_type() == at::kByte
          ? normalized(m, input)
          : input.to(m.settings.dtype, /*non_blocking=*/false, /*copy=*/false, layout(m, input));
  const auto result = m.value.forward({x});
  TORCH_CHECK(result.isTensor(), "the module returns ", result.type()->str(),
              ", not a tensor; trace one that returns the embedding alone");
  return result.toTensor().to(at::kFloat);
}

char* module_forward(vst_module* m, vst_tensor* input, vst_tensor** out) {
  *out = nullptr;
  return guard([&] {
    c10::InferenceMode inference;
    *out = new vst_tensor(forward(*m, input->value));
  });
}

char* module_set_normalization(vst_module* m, int channels, const float* mean, const float* std) {
  return guard([&] {
    c10::InferenceMode inference;
    const auto per_channel = [&](const float* values) {
      return at::from_blob(const_cast<float*>(values), {channels, 1, 1}).clone().to(m->device);
    };
    const auto deviation = per_channel(std);
    m->settings.normalization = {per_channel(mean).neg_(), deviation,
                                 at::full_like(deviation, 255)};
    if (m->device.is_cuda()) torch::cuda::synchronize(m->device.index());
  });
}

}  // namespace vst
