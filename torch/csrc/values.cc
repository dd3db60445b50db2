// Whether a module's values are what libtorch takes them for.
#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <unordered_set>

#include "internal.h"
#include "trust.h"

namespace vst {
namespace {

namespace jit = torch::jit;

// Elements from the start of the storage up to and including the tensor's last.
uint64_t extent(const at::Tensor& t) {
  uint64_t last = 0;
  bool overflow = t.storage_offset() < 0;
  for (int64_t d = 0; d < t.dim(); ++d) {
    const int64_t size = t.size(d), stride = t.stride(d);
    if (size == 0) return 0;
    uint64_t step;
    overflow |= size < 0 || stride < 0 || __builtin_mul_overflow(size - 1, stride, &step) ||
                __builtin_add_overflow(last, step, &last);
  }
  overflow |= __builtin_add_overflow(last, uint64_t(t.storage_offset()) + 1, &last);
  TORCH_CHECK(!overflow, "a tensor's sizes or strides are impossible");
  return last;
}

void check_tensor(const at::Tensor& t) {
  if (!t.defined()) return;
  TORCH_CHECK(t.layout() == at::kStrided && t.has_storage(), "a tensor has no plain storage");
  uint64_t bytes;
  TORCH_CHECK(!__builtin_mul_overflow(extent(t), uint64_t(t.element_size()), &bytes) &&
                  bytes <= t.storage().nbytes(),
              "a tensor reaches beyond its storage of ", t.storage().nbytes(), " bytes");
}

class Walk {
 public:
  void check(const c10::IValue& value) {
    std::vector<c10::IValue> left{value};
    while (!left.empty()) {
      const auto v = left.back();
      left.pop_back();
      if (v.isTensor()) {
        check_tensor(v.toTensor());
        continue;
      }
      if (!v.isPtrType() || !seen_.insert(v.internalToPointer()).second) continue;
      if (v.isTuple()) {
        for (const auto& e : v.toTupleRef().elements()) left.push_back(e);
      } else if (v.isList()) {
        for (const c10::IValue& e : v.toListRef()) left.push_back(e);
      } else if (v.isGenericDict()) {
        for (const auto& e : v.toGenericDict()) {
          left.push_back(e.key());
          left.push_back(e.value());
        }
      } else if (v.isObject()) {
        const auto object = v.toObject();
        const auto type = object->type();
        for (size_t i = 0; i < type->numAttributes(); ++i) {
          const auto& slot = object->getSlot(i);
          TORCH_CHECK(slot.type()->isSubtypeOf(*type->getAttribute(i)), "the attribute ",
                      type->getAttributeName(i), " of ", type->name()->name(), " is of the type ",
                      slot.type()->repr_str(), ", not ", type->getAttribute(i)->repr_str());
          left.push_back(slot);
        }
      }
    }
  }

 private:
  std::unordered_set<const void*> seen_;
};

void check_constants(const jit::Block* block) {
  for (const auto* node : block->nodes()) {
    for (const auto* inner : node->blocks()) check_constants(inner);
    if (node->kind() != jit::prim::Constant) continue;
    if (const auto value = jit::toIValue(node->output())) Walk().check(*value);
  }
}

}  // namespace

void check_values(const jit::Module& module) {
  Walk().check(module._ivalue());
  for (auto* function : module._ivalue()->compilation_unit()->get_functions()) {
    if (function->isGraphFunction())
      check_constants(jit::toGraphFunction(*function).graph()->block());
  }
}

}  // namespace vst
