// What the passes over a frozen graph share.
#ifndef VSTORCH_GRAPH_H
#define VSTORCH_GRAPH_H

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

namespace vst {

// Calls f(node) for each node, with the graph's insert point before it. What f returns takes the
// place of the node's output; null leaves the node.
template <typename F>
void replace_nodes(torch::jit::Block* block, const F& f) {
  for (auto node = block->nodes().begin(); node != block->nodes().end(); ++node) {
    for (auto* inner : node->blocks()) replace_nodes(inner, f);
    const torch::jit::WithInsertPoint here(*node);
    torch::jit::Value* result = f(*node);
    if (result == nullptr) continue;
    node->output()->replaceAllUsesWith(result);
    node.destroyCurrent();
  }
}

// The tensor that a value is; undefined where it is none, or no constant.
inline at::Tensor constant_tensor(const torch::jit::Value* v) {
  const auto value = torch::jit::toIValue(v);
  return value.has_value() && value->isTensor() ? value->toTensor() : at::Tensor();
}

inline bool is_convolution(const torch::jit::Node* node) {
  const auto kind = node->kind();
  return kind == torch::jit::aten::conv2d || kind == torch::jit::aten::convolution ||
         kind == torch::jit::aten::_convolution;
}

}  // namespace vst

#endif
