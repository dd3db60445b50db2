// Pointwise convolutions as matrix products. On CUDA libtorch adds a convolution's bias in a second
// pass over the result, which costs as much as the batch norm that was folded into it; a matrix
// product adds it while it writes.
#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>

#include "graph.h"
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

// Whether a node is a convolution that sees one pixel at a time, and has a bias.
bool is_pointwise(const jit::Node* node) {
  if (!is_convolution(node)) return false;
  const auto weight = constant_tensor(node->input(1)), bias = constant_tensor(node->input(2));
  if (!weight.defined() || weight.dim() != 4 || !bias.defined() || bias.dim() != 1) return false;
  // conv2d has neither `transposed` nor an output padding before the groups.
  const bool plain = node->kind() == jit::aten::conv2d;
  return weight.size(2) == 1 && weight.size(3) == 1 && is_list_of(node->input(3), 1) &&
         is_list_of(node->input(4), 0) &&
         jit::constant_as<int64_t>(node->input(plain ? 6 : 8)) == 1 &&  // groups
         (plain || jit::constant_as<bool>(node->input(6)) == false);    // transposed
}

}  // namespace

void multiply_pointwise(jit::Graph& graph) {
  const auto product = c10::Symbol::fromQualString("vs::pointwise_conv2d");
  replace_nodes(graph.block(), [&](jit::Node* node) -> jit::Value* {
    if (!is_pointwise(node)) return nullptr;
    return graph.insert(product, {node->input(0), node->input(1), node->input(2)});
  });
}

}  // namespace vst
