// Attention as one operator. Models are traced with its steps written out, since libtorch 1.13 has
// no operator for it; libtorch 2.1 and later do all of them in one kernel on CUDA.
#include <ATen/ATen.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/version.h>

#include <optional>

#include "graph.h"
#include "internal.h"

namespace vst {

namespace jit = torch::jit;

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)

namespace {

const auto kAttention = c10::Symbol::fromQualString("aten::scaled_dot_product_attention");

// The node that produces a value, or null if it is of another kind.
jit::Node* producer(jit::Symbol kind, jit::Value* v) {
  return v->node()->kind() == kind ? v->node() : nullptr;
}

// The same for a value with one use. A value with more uses would be computed anyway.
jit::Node* sole_producer(jit::Symbol kind, jit::Value* v) {
  return v->uses().size() == 1 ? producer(kind, v) : nullptr;
}

template <typename T>
bool is_constant(const jit::Value* v, T want) {
  const auto value = jit::constant_as<T>(v);
  return value.has_value() && *value == want;
}

bool is_none(const jit::Value* v) { return v->type()->kind() == c10::TypeKind::NoneType; }

// A constant that is one number, or a tensor of one.
std::optional<double> number(const jit::Value* v) {
  const auto value = jit::toIValue(v);
  if (!value.has_value()) return std::nullopt;
  if (value->isDouble()) return value->toDouble();
  if (value->isTensor() && value->toTensor().dim() == 0) return value->toTensor().item<double>();
  return std::nullopt;
}

// A constant for each query and key, not a number for all.
bool is_bias(const jit::Value* v) {
  const auto value = constant_tensor(v);
  return value.defined() && value.dim() >= 2;
}

struct Attention {
  jit::Value *query, *key, *value;
  jit::Value* bias = nullptr;
  double scale = 1;
  jit::Node* last;  // it makes the result
};

// Finds softmax(query · scale @ keyᵀ + bias) @ value around a softmax. Scale and bias may be
// missing.
std::optional<Attention> match(jit::Node* softmax) {
  Attention found;
  const auto& uses = softmax->output()->uses();
  if (uses.size() != 1 || uses[0].user->kind() != jit::aten::matmul || uses[0].offset != 0 ||
      !is_constant<int64_t>(softmax->input(1), -1) || !is_none(softmax->input(2))) {
    return std::nullopt;
  }
  found.last = uses[0].user;
  found.value = found.last->input(1);
  auto* scores = softmax->input(0);
  if (const auto* add = sole_producer(jit::aten::add, scores)) {
    if (is_bias(add->input(1)) && is_constant<int64_t>(add->input(2), 1)) {
      found.bias = add->input(1);
      scores = add->input(0);
    }
  }
  const auto* product = sole_producer(jit::aten::matmul, scores);
  if (product == nullptr) return std::nullopt;
  const auto* transposed = producer(jit::aten::transpose, product->input(1));
  if (transposed == nullptr || !is_constant<int64_t>(transposed->input(1), -2) ||
      !is_constant<int64_t>(transposed->input(2), -1)) {
    return std::nullopt;
  }
  found.key = transposed->input(0);
  found.query = product->input(0);
  if (const auto* mul = producer(jit::aten::mul, found.query)) {
    if (const auto scale = number(mul->input(1))) {
      found.scale = *scale;
      found.query = mul->input(0);
    }
  }
  return found;
}

void fuse(jit::Graph& graph, jit::Block* block) {
  for (auto* node : block->nodes()) {
    for (auto* inner : node->blocks()) fuse(graph, inner);
    if (node->kind() != jit::aten::softmax) continue;
    const auto found = match(node);
    if (!found.has_value()) continue;
    const jit::WithInsertPoint here(found->last);
    auto* bias = found->bias != nullptr ? found->bias : graph.insertConstant(c10::IValue());
    auto* result = graph.insert(kAttention, {found->query, found->key, found->value, bias},
                                {{"scale", found->scale}});
    found->last->output()->replaceAllUsesWith(result);
  }
}

// The same values, each row of them at a multiple of that many elements.
at::Tensor aligned(const at::Tensor& values, int64_t elements) {
  const int64_t n = values.size(-1);
  return at::constant_pad_nd(values.contiguous(), {0, (elements - n % elements) % elements})
      .narrow(-1, 0, n);
}

void align(jit::Block* block) {
  for (auto* node : block->nodes()) {
    for (auto* inner : node->blocks()) align(inner);
    if (node->kind() != kAttention || !is_bias(node->input(3))) continue;
    auto* bias = node->input(3)->node();
    bias->t_(jit::attr::value, aligned(bias->t(jit::attr::value), 8));
    bias->output()->inferTypeFrom(bias->t(jit::attr::value));
  }
}

}  // namespace

void fuse_attention(jit::Graph& graph) {
  fuse(graph, graph.block());
  jit::EliminateDeadCode(graph.block());
}

void align_attention_biases(jit::Graph& graph) { align(graph.block()); }

#else

void fuse_attention(jit::Graph&) {}
void align_attention_biases(jit::Graph&) {}

#endif

}  // namespace vst
