// Pointwise convolutions as matrix products. On CUDA libtorch adds a convolution's bias in a second
// pass over the result, which costs as much as the batch norm that was folded into it; a matrix
// product adds it while it writes.
#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/library.h>

#include <algorithm>

#include "internal.h"

namespace vst {
namespace {

namespace jit = torch::jit;

// x [..., C, H, W], weight [K, C, 1, 1], bias [K] -> [..., K, H, W]. Copies nothing where channels
// are innermost in x, and they are in the result.
at::Tensor pointwise_conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const auto pixels = x.movedim(-3, -1);
  auto shape = pixels.sizes().vec();
  const auto rows = pixels.reshape({-1, shape.back()});
  shape.back() = bias.numel();
  return at::addmm(bias, rows, weight.flatten(1).t()).view(shape).movedim(-1, -3);
}

TORCH_LIBRARY(vs, library) { library.def("pointwise_conv2d", &pointwise_conv2d); }

bool is_list_of(const jit::Value* v, int64_t number) {
  const auto list = jit::toIValue(v);
  if (!list.has_value() || !list->isIntList()) return false;
  const auto items = list->toIntVector();
  return std::all_of(items.begin(), items.end(), [&](int64_t item) { return item == number; });
}

bool is_tensor_of(const jit::Value* v, int64_t dimensions) {
  const auto tensor = jit::toIValue(v);
  return tensor.has_value() && tensor->isTensor() && tensor->toTensor().dim() == dimensions;
}

// Whether a node is a convolution that sees one pixel at a time, and has a bias.
bool is_pointwise(jit::Node* node) {
  const bool general =
      node->kind() == jit::aten::convolution || node->kind() == jit::aten::_convolution;
  if (!general && node->kind() != jit::aten::conv2d) return false;
  if (!is_tensor_of(node->input(1), 4) || !is_tensor_of(node->input(2), 1)) return false;
  const auto weight = *jit::constant_as<at::Tensor>(node->input(1));
  return weight.size(2) == 1 && weight.size(3) == 1 && is_list_of(node->input(3), 1) &&
         is_list_of(node->input(4), 0) &&
         jit::constant_as<int64_t>(node->input(general ? 8 : 6)) == 1 &&  // groups
         (!general || jit::constant_as<bool>(node->input(6)) == false);   // transposed
}

void rewrite(jit::Graph& graph, jit::Block* block) {
  for (auto node = block->nodes().begin(); node != block->nodes().end(); ++node) {
    for (auto* inner : node->blocks()) rewrite(graph, inner);
    if (!is_pointwise(*node)) continue;
    const jit::WithInsertPoint here(*node);
    auto* result = graph.insert(c10::Symbol::fromQualString("vs::pointwise_conv2d"),
                                {node->input(0), node->input(1), node->input(2)});
    node->output()->replaceAllUsesWith(result);
    node.destroyCurrent();
  }
}

}  // namespace

void multiply_pointwise(jit::Graph& graph) { rewrite(graph, graph.block()); }

}  // namespace vst
