// What tells a model that was traced in training mode: its embeddings would be random, or depend on
// the other pictures of a batch.
#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/constants.h>

#include <set>
#include <string>

#include "internal.h"

namespace vst {
namespace {

namespace jit = torch::jit;

bool is_false(const jit::Value* v) {
  const auto value = jit::toIValue(v);
  return value.has_value() && value->isBool() && !value->toBool();
}

bool is_zero(const jit::Value* v) {
  const auto value = jit::toIValue(v);
  return value.has_value() && value->isScalar() && value->toScalar().toDouble() == 0;
}

bool is_random(const std::string& name, const jit::Node* node) {
  static const std::set<std::string> dropouts = {"dropout", "feature_dropout", "alpha_dropout",
                                                 "feature_alpha_dropout", "native_dropout"};
  static const std::set<std::string> generators = {
      "bernoulli",    "binomial", "cauchy",     "exponential", "geometric", "log_normal",
      "multinomial",  "normal",   "poisson",    "rand",        "rand_like", "randint",
      "randint_like", "randn",    "randn_like", "random",      "randperm",  "uniform"};
  if (dropouts.count(name) != 0) return !is_false(node->input(2)) && !is_zero(node->input(1));
  if (name == "rrelu") return !is_false(node->input(3));
  if (name == "scaled_dot_product_attention") return !is_zero(node->input(4));
  return generators.count(name) != 0;
}

bool mixes_pictures(const std::string& name, const jit::Node* node) {
  return (name == "batch_norm" || name == "native_batch_norm" || name == "cudnn_batch_norm") &&
         !is_false(node->input(5));
}

void check(const jit::Block* block) {
  for (const auto* node : block->nodes()) {
    for (const auto* inner : node->blocks()) check(inner);
    if (!node->kind().is_aten()) continue;
    std::string name = node->kind().toUnqualString();
    if (name.back() == '_') name.pop_back();  // in place
    const char* remedy = "; trace the model in eval mode: call its eval() before torch.jit.trace";
    TORCH_CHECK(!is_random(name, node), "its operator ", name,
                " is random, as in training: each pass gives another result", remedy);
    TORCH_CHECK(!mixes_pictures(name, node), "its operator ", name,
                " takes the statistics of the batch, as in training: a result depends on the other "
                "pictures",
                remedy);
  }
}

}  // namespace

void refuse_training(const jit::Graph& graph) { check(graph.block()); }

}  // namespace vst
