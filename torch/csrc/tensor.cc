#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cstring>
#include <limits>

#include "internal.h"

namespace vst {

c10::ScalarType scalar_type(int dtype) {
  switch (dtype) {
    case VST_FLOAT32:
      return at::kFloat;
    case VST_FLOAT64:
      return at::kDouble;
    case VST_INT64:
      return at::kLong;
    case VST_UINT8:
      return at::kByte;
    case VST_FLOAT16:
      return at::kHalf;
    case VST_BFLOAT16:
      return at::kBFloat16;
  }
  TORCH_CHECK(false, "unknown dtype ", dtype);
}

namespace {

int dtype_code(c10::ScalarType t) {
  switch (t) {
    case at::kFloat:
      return VST_FLOAT32;
    case at::kDouble:
      return VST_FLOAT64;
    case at::kLong:
      return VST_INT64;
    case at::kByte:
      return VST_UINT8;
    default:
      TORCH_CHECK(false, "dtype ", c10::toString(t), " has no counterpart in Go");
  }
}

at::IntArrayRef sizes(int ndim, const int64_t* shape) {
  return at::IntArrayRef(shape, static_cast<size_t>(ndim));
}

// Runs an operation that makes one tensor. Inference mode is set here, not once for the process,
// because it belongs to the thread, and Go moves goroutines between threads.
template <typename F>
char* make(vst_tensor** out, F&& f) noexcept {
  *out = nullptr;
  return guard([&] {
    c10::InferenceMode inference;
    *out = new vst_tensor(f());
  });
}

}  // namespace

char* tensor_new(int dtype, int ndim, const int64_t* shape, const void* data, vst_tensor** out) {
  return make(out, [&] {
    const auto options = at::TensorOptions().dtype(scalar_type(dtype));
    return at::from_blob(const_cast<void*>(data), sizes(ndim, shape), options).clone();
  });
}

char* tensor_staging(vst_device device, int dtype, int ndim, const int64_t* shape,
                     vst_tensor** out) {
  return make(out, [&] {
    const bool pinned = device_of(device).is_cuda();
    return at::empty(sizes(ndim, shape),
                     at::TensorOptions().dtype(scalar_type(dtype)).pinned_memory(pinned));
  });
}

char* tensor_close(vst_tensor* t) {
  return guard([&] { delete t; });
}

char* tensor_meta(vst_tensor* t, int* dtype, vst_device* device, int* ndim, int64_t shape[8]) {
  *dtype = 0;
  *device = {VST_CPU, 0};
  *ndim = 0;
  return guard([&] {
    TORCH_CHECK(t->value.dim() <= 8, "tensor has ", t->value.dim(), " dimensions, at most 8 work");
    *dtype = dtype_code(t->value.scalar_type());
    if (t->value.is_cuda()) *device = {VST_CUDA, t->value.device().index()};
    *ndim = static_cast<int>(t->value.dim());
    for (int i = 0; i < *ndim; ++i) shape[i] = t->value.size(i);
  });
}

char* tensor_read(vst_tensor* t, void* dst, size_t bytes) {
  return guard([&] {
    c10::InferenceMode inference;
    TORCH_CHECK(t->value.nbytes() == bytes, "tensor of ", t->value.nbytes(),
                " bytes read into a slice of ", bytes);
    auto host = at::from_blob(dst, t->value.sizes(), t->value.options().device(at::kCPU));
    host.copy_(t->value);
  });
}

char* tensor_write(vst_tensor* t, size_t offset, const void* src, size_t bytes) {
  return guard([&] {
    TORCH_CHECK(t->value.is_cpu() && t->value.is_contiguous(),
                "only a contiguous tensor on the CPU can be written to");
    TORCH_CHECK(offset <= t->value.nbytes() && bytes <= t->value.nbytes() - offset, bytes,
                " bytes written at ", offset, " of a tensor of ", t->value.nbytes());
    std::memcpy(static_cast<char*>(t->value.data_ptr()) + offset, src, bytes);
  });
}

char* tensor_to(vst_tensor* t, vst_device device, vst_tensor** out) {
  return make(out, [&] {
    const auto to = device_of(device);
    // Asked for the CPU, older versions start CUDA to tell whether memory is page-locked.
    return t->value.to(to, /*non_blocking=*/to.is_cuda() && t->value.is_pinned());
  });
}

char* tensor_transpose(vst_tensor* t, int a, int b, vst_tensor** out) {
  return make(out, [&] { return t->value.transpose(a, b); });
}

char* tensor_matmul(vst_tensor* a, vst_tensor* b, vst_tensor** out) {
  return make(out, [&] { return at::matmul(a->value, b->value); });
}

char* tensor_index_select(vst_tensor* t, vst_tensor* index, vst_tensor** out) {
  return make(out, [&] { return t->value.index_select(0, index->value); });
}

char* tensor_normalize(vst_tensor* t, double eps, vst_tensor** out) {
  return make(out,
              [&] { return t->value / t->value.norm(2, {-1}, /*keepdim=*/true).clamp_min(eps); });
}

char* tensor_topk(vst_tensor* t, int64_t k, vst_tensor** values, vst_tensor** indices) {
  *values = nullptr;
  *indices = nullptr;
  return guard([&] {
    c10::InferenceMode inference;
    const at::Tensor& x = t->value;
    TORCH_CHECK(x.scalar_type() == at::kFloat, "top ", k, " of ", c10::toString(x.scalar_type()),
                ", only float32 works");
    const int64_t n = x.dim() > 0 ? x.size(-1) : 0;
    TORCH_CHECK(k >= 1 && k <= n, "top ", k, " of a last dimension of ", n);
    // at::topk leaves the order of ties open, and a stable sort of all is slow on a GPU. So each
    // element gets a key of its own: an integer in the order of the floats, above the complement of
    // its index.
    constexpr int64_t kIndexBits = 32;
    constexpr int64_t kIndexMask = (int64_t{1} << kIndexBits) - 1;
    TORCH_CHECK(n <= kIndexMask, "a last dimension of ", n, " is too long");
    // Adding 0 makes 0 of -0. NaN has many bit patterns; one of them is larger than infinity.
    const at::Tensor bits =
        (x + 0.0).masked_fill_(x.isnan(), std::numeric_limits<float>::quiet_NaN()).view(at::kInt);
    const at::Tensor ordered = bits ^ at::bitwise_and(bits.__rshift__(31), 0x7fffffff);
    const at::Tensor complement = kIndexMask - at::arange(n, x.options().dtype(at::kLong));
    const at::Tensor keys = ordered.to(at::kLong).mul_(kIndexMask + 1).add_(complement);
    at::Tensor index = kIndexMask - std::get<0>(at::topk(keys, k)).bitwise_and_(kIndexMask);
    auto top = std::make_unique<vst_tensor>(x.gather(-1, index));
    *indices = new vst_tensor(std::move(index));
    *values = top.release();
  });
}

char* tensor_eigh(vst_tensor* t, vst_tensor** values, vst_tensor** vectors) {
  *values = nullptr;
  *vectors = nullptr;
  return guard([&] {
    c10::InferenceMode inference;
    auto [w, v] = at::linalg_eigh(t->value);
    auto first = std::make_unique<vst_tensor>(std::move(w));
    *vectors = new vst_tensor(std::move(v));
    *values = first.release();
  });
}

}  // namespace vst
