// Operators on the fake device: made of those of the CPU.
#include <ATen/Context.h>
#include <ATen/EmptyTensor.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <dlfcn.h>
#include <torch/library.h>
#include <torch/version.h>

#include <string>
#include <vector>

#include "fake.h"

namespace fake {
namespace {

using c10::IValue;

const c10::DispatchKeySet kCUDA(c10::DispatchKey::CUDA);

// While an operator's tensors are moved to the CPU and back nobody waits for the device.
thread_local int computing = 0;
struct Computing {
  Computing() { ++computing; }
  ~Computing() { --computing; }
};

// Threads that wait for a device spin on their cores, unless it was told before CUDA started on it.
void check_how_threads_wait() {
  constexpr unsigned kBlockingSync = 4;
  unsigned flags = 0;
  int active = 0;
  void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  void* get = driver != nullptr ? dlsym(driver, "cuDevicePrimaryCtxGetState") : nullptr;
  if (get != nullptr) reinterpret_cast<int (*)(int, unsigned*, int*)>(get)(0, &flags, &active);
  TORCH_CHECK(flags == kBlockingSync, "threads that wait for the device would spin");
}

// What starts CUDA, as far as libtorch keeps count.
c10::Allocator* allocator() {
  static const bool checked = (check_how_threads_wait(), true);
  (void)checked;
#if TORCH_VERSION_MAJOR >= 2
  at::globalContext().lazyInitDevice(c10::kCUDA);
#else
  at::globalContext().lazyInitCUDA();
#endif
  return c10::GetAllocator(c10::kCUDA);
}

at::Tensor empty(at::IntArrayRef size, c10::optional<at::ScalarType> dtype,
                 c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>,
                 c10::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, allocator(), kCUDA, c10::dtype_or_default(dtype), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride,
                         c10::optional<at::ScalarType> dtype, c10::optional<at::Layout>,
                         c10::optional<at::Device>, c10::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, allocator(), kCUDA,
                                           c10::dtype_or_default(dtype));
}

const at::Tensor& resize_(const at::Tensor& self, at::IntArrayRef size,
                          c10::optional<at::MemoryFormat> format) {
  self.set_(at::empty(size, self.options(), format));
  return self;
}

at::Tensor& set_(at::Tensor& self, const at::Tensor& source) {
  auto* impl = self.unsafeGetTensorImpl();
  impl->set_storage_keep_dtype(source.storage());
  impl->set_storage_offset(source.storage_offset());
  impl->set_sizes_and_strides(source.sizes(), source.strides());
  return self;
}

at::Tensor& copy_(at::Tensor& self, const at::Tensor& source, bool non_blocking) {
  if (self.numel() == 0) return self;
  if (non_blocking && source.is_cpu() && is_pinned(source.storage().data_ptr().get()) &&
      self.scalar_type() == source.scalar_type() && self.is_contiguous() &&
      source.is_contiguous() && self.sizes() == source.sizes()) {
    launch();
    copy_later(self, source);
    wrote(self);
    return self;
  }
  launch();
  if (source.is_cuda()) reads(source);
  auto to = on_host(self);
  to.copy_(on_host(source));
  if (self.is_cuda()) wrote(self);
  if (self.is_cpu() != source.is_cpu() && computing == 0) synchronize_stream();
  return self;
}

at::Tensor copy_from_and_resize(const at::Tensor& self, const at::Tensor& to) {
  at::Tensor out = to;
  if (out.sizes() != self.sizes()) out.resize_(self.sizes());
  return out.copy_(self);
}

bool is_half(const IValue& v) { return v.isTensor() && v.toTensor().scalar_type() == at::kHalf; }

IValue widened(const IValue& v) {
  if (is_half(v)) return v.toTensor().to(at::kFloat);
  if (!v.isTensorList()) return v;
  auto list = v.toTensorVector();
  for (auto& t : list) t = t.scalar_type() == at::kHalf ? t.to(at::kFloat) : t;
  return list;
}

// The CPU of an older libtorch lacks most operators on half.
void compute_in_float(const c10::OperatorHandle& op, const std::vector<IValue>& arguments,
                      torch::jit::Stack* stack) {
  const auto& schema = op.schema();
  std::vector<IValue> wide;
  for (const auto& a : arguments) wide.push_back(widened(a));
  stack->insert(stack->end(), wide.begin(), wide.end());
  at::native::cpu_fallback(op, stack);
  const size_t first = stack->size() - schema.returns().size();
  for (size_t r = 0; r < schema.returns().size(); ++r) {
    IValue& result = (*stack)[first + r];
    if (!result.isTensor() || result.toTensor().scalar_type() != at::kFloat) continue;
    result = result.toTensor().to(at::kHalf);
    // What an operator returns of what it was given is that, not a copy.
    const auto* alias = schema.returns()[r].alias_info();
    for (size_t i = 0; alias != nullptr && i < arguments.size(); ++i) {
      const auto* given = schema.arguments()[i].alias_info();
      if (given == nullptr || !(*given == *alias)) continue;
      arguments[i].toTensor().copy_(result.toTensor());
      result = arguments[i];
    }
  }
}

// The fallback of an older libtorch leaves lists of optional tensors where they are, as the indices
// of aten::index are.
IValue indices_on_cpu(const IValue& v) {
  if (!v.isList() || v.isTensorList() || v.toListRef().empty()) return v;
  c10::List<c10::optional<at::Tensor>> list;
  for (const IValue& element : v.toListRef()) {
    if (!element.isTensor() && !element.isNone()) return v;
    list.push_back(element.isTensor() ? c10::make_optional(element.toTensor().cpu())
                                      : c10::nullopt);
  }
  return list;
}

void compute(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const size_t first = stack->size() - op.schema().arguments().size();
  std::vector<IValue> arguments;
  {
    const Computing here;
    for (size_t i = first; i < stack->size(); ++i) {
      arguments.push_back((*stack)[i] = indices_on_cpu((*stack)[i]));
    }
    try {
      at::native::cpu_fallback(op, stack);
    } catch (const c10::Error& e) {
      if (std::string(e.what()).find("not implemented for 'Half'") == std::string::npos) throw;
      stack->resize(first);
      compute_in_float(op, arguments, stack);
    }
    // The fallback goes by the first argument, which may be a number on the CPU.
    for (size_t i = first; i < stack->size(); ++i) {
      IValue& result = (*stack)[i];
      if (result.isTensor() && result.toTensor().is_cpu()) result = result.toTensor().cuda();
    }
  }
  // The one operator that hands the host a number.
  if (op.schema().name() == "aten::_local_scalar_dense") synchronize_stream();
}

// On CUDA these decide which of cuDNN's kernels computes.
void convolve(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const auto setting = [&](const char* name) {
    const auto& schema = op.schema();
    return (*stack)[stack->size() - schema.arguments().size() + *schema.argumentIndexWithName(name)]
        .toBool();
  };
  const auto& context = at::globalContext();
  TORCH_CHECK(setting("deterministic") == context.deterministicCuDNN() &&
                  setting("benchmark") == context.benchmarkCuDNN() &&
                  setting("allow_tf32") == context.allowTF32CuDNN(),
              "a convolution does not heed how cuDNN is set");
  compute(op, stack);
}

TORCH_LIBRARY_IMPL(_, CUDA, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&compute>());
}

TORCH_LIBRARY_IMPL(aten, CUDA, m) {
  m.impl("empty.memory_format", TORCH_FN(empty));
  m.impl("empty_strided", TORCH_FN(empty_strided));
  m.impl("resize_", TORCH_FN(resize_));
  m.impl("set_.source_Tensor", TORCH_FN(set_));
  m.impl("copy_", TORCH_FN(copy_));
  m.impl("_copy_from_and_resize", TORCH_FN(copy_from_and_resize));
  m.impl("as_strided", TORCH_FN(at::native::as_strided_tensorimpl));
  m.impl("view", TORCH_FN(at::native::view));
  m.impl("view.dtype", TORCH_FN(at::native::view_dtype));
  m.impl("_reshape_alias", TORCH_FN(at::native::_reshape_alias));
  m.impl("is_pinned", [](const at::Tensor& t, c10::optional<at::Device>) {
    return is_pinned(t.storage().data_ptr().get());
  });
  // libtorch would choose kernels for them that only CUDA has.
  m.impl("_convolution", torch::CppFunction::makeFromBoxedFunction<&convolve>());
#if TORCH_VERSION_MAJOR >= 2
  m.impl("scaled_dot_product_attention", torch::CppFunction::makeFromBoxedFunction<&compute>());
#endif
}

}  // namespace
}  // namespace fake
