#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "internal.h"

namespace vst {

char* generator_new(uint64_t seed, vst_generator** out) {
  *out = nullptr;
  return guard([&] { *out = new vst_generator(at::detail::createCPUGenerator(seed)); });
}

char* generator_close(vst_generator* g) {
  return guard([&] { delete g; });
}

char* generator_random(vst_generator* g, int64_t* out) {
  *out = 0;
  return guard([&] {
    c10::InferenceMode inference;
    *out = at::empty({}, at::TensorOptions().dtype(at::kLong)).random_(g->value).item<int64_t>();
  });
}

char* generator_randperm(vst_generator* g, int64_t n, int64_t* dst) {
  return guard([&] {
    c10::InferenceMode inference;
    auto out = at::from_blob(dst, {n}, at::TensorOptions().dtype(at::kLong));
    at::randperm_out(out, n, g->value);
  });
}

}  // namespace vst
