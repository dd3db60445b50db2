// What is done to a loaded module so that it computes fast: folding, precision, rewriting.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/cuda.h>

#include <algorithm>

#include "graph.h"
#include "internal.h"
#include "quiet.h"
#include "trust.h"

namespace vst {
namespace {

namespace jit = torch::jit;

// Replaces each constant tensor of a graph by f(the tensor, where it is used).
template <typename F>
void map_constants(jit::Block* block, const F& f) {
  for (auto* node : block->nodes()) {
    for (auto* inner : node->blocks()) map_constants(inner, f);
    if (node->kind() != jit::prim::Constant || !node->hasAttribute(jit::attr::value) ||
        node->kindOf(jit::attr::value) != jit::AttributeKind::t) {
      continue;
    }
    const at::Tensor value = f(node->t(jit::attr::value), node->output()->uses());
    node->t_(jit::attr::value, value);
    node->output()->inferTypeFrom(value);
  }
}

// Casts the constants of a frozen graph, which are all its weights. Batch norms are folded into
// them by then, in float32. Convolutions' weights also get the layout that tensor cores want.
void convert_weights(jit::Block* block, c10::ScalarType dtype, bool channels_last) {
  const auto is_weight = [](const jit::Use& use) {
    return use.offset == 1 && is_convolution(use.user);
  };
  map_constants(block, [&](const at::Tensor& constant, const jit::use_list& uses) {
    if (!constant.is_floating_point()) return constant;
    const auto value = constant.to(dtype);
    return channels_last && value.dim() == 4 && std::any_of(uses.begin(), uses.end(), is_weight)
               ? value.contiguous(at::MemoryFormat::ChannelsLast)
               : value;
  });
}

// Makes convolutions follow the current settings of cuDNN (deterministic, benchmark,
// TensorFloat-32). In a trace they keep those that were set while it was made.
void use_cudnn_settings(jit::Graph& graph) {
  replace_nodes(graph.block(), [&](jit::Node* node) -> jit::Value* {
    if (node->kind() != jit::aten::_convolution) return nullptr;
    std::vector<jit::NamedValue> inputs;
    for (auto* input : node->inputs().slice(0, 9)) inputs.emplace_back(input);
    return graph.insert(jit::aten::convolution, inputs);
  });
}

// Takes whole numbers off the device. A trace computes sizes with them, in arithmetic on tensors:
// on the device each size would have to be waited for.
void keep_numbers_on_host(jit::Block* block) {
  const auto is_arithmetic = [](const jit::Use& use) {
    switch (use.user->kind()) {
      case jit::aten::add:
      case jit::aten::sub:
      case jit::aten::rsub:
      case jit::aten::mul:
      case jit::aten::floor_divide:
      case jit::aten::remainder:
        return true;
      default:
        return false;
    }
  };
  map_constants(block, [&](const at::Tensor& constant, const jit::use_list& uses) {
    const bool number = constant.dim() == 0 && !constant.is_floating_point() &&
                        std::all_of(uses.begin(), uses.end(), is_arithmetic);
    return number ? constant.cpu() : constant;
  });
}

}  // namespace

char* module_freeze(vst_module* m, int dtype, int tf32, int channels_last) {
  return guard([&] {
    // A module frozen before it was saved has no attributes left.
    if (m->value.attributes().size() != 0) m->value = jit::freeze(m->value);
    const auto graph = m->value.get_method("forward").graph();
    refuse_training(*graph);
    if (!m->trusted) check_frozen(m->value);
    auto& settings = m->settings;
    settings.dtype = scalar_type(dtype);
    settings.tf32 = tf32 != 0;
    settings.channels_last = channels_last != 0;
    if (m->device.is_cuda()) {
      use_cudnn_settings(*graph);
      // The CPU's kernel is slower than the steps for windows as small as TinyViT's.
      fuse_attention(*graph);
    }
    if (settings.channels_last) multiply_pointwise(*graph);
    if (settings.dtype != at::kFloat || settings.channels_last) {
      c10::InferenceMode inference;
      convert_weights(graph->block(), settings.dtype, settings.channels_last);
    }
    if (m->device.is_cuda()) {
      c10::InferenceMode inference;
      align_attention_biases(*graph);
      keep_numbers_on_host(graph->block());
      // What was launched here must be done before a forward pass starts on another stream.
      torch::cuda::synchronize(m->device.index());
    }
  });
}

char* module_optimize(vst_module* m, vst_tensor* input, double tolerance, vst_module** out) {
  *out = nullptr;
  return guard([&] {
    const Quiet quiet;  // what it would warn of, the comparison finds out
    c10::InferenceMode inference;
    const auto want = forward(*m, input->value);
    try {
      auto copy = m->value.clone();
      auto optimized =
          std::make_unique<vst_module>(jit::optimize_for_inference(copy), m->device, m->settings);
      const auto got = forward(*optimized, input->value);
      const auto difference = (got - want).norm().item<double>();
      if (difference <= tolerance * want.norm().item<double>()) *out = optimized.release();
    } catch (const std::exception&) {
      // The frozen module does the same more slowly.
    }
  });
}

}  // namespace vst
