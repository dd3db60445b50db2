#include <string.h>

#include "kernel.h"

typedef struct {
  int32_t sum[16];
} vec;

static inline vec vec_half(void) {
  vec v;
  for (int i = 0; i < 16; i++) v.sum[i] = 1 << (VS_PRECISION - 1);
  return v;
}

static inline vec vec_add(vec v, const uint8_t* p, int32_t w) {
  for (int i = 0; i < 16; i++) v.sum[i] += w * p[i];
  return v;
}

static inline uint8_t clip(int32_t sum) {
  int32_t level = sum >> VS_PRECISION;
  return level < 0 ? 0 : level > 255 ? 255 : (uint8_t)level;
}

static inline void vec_store_rows(const vec* v, uint8_t* p, size_t stride) {
  for (int row = 0; row < 4; row++) {
    for (int i = 0; i < 16; i++) p[row * stride + i] = clip(v[i / 4].sum[4 * row + i % 4]);
  }
}

static inline void vec_store(vec v, uint8_t* p) {
  for (int i = 0; i < 16; i++) p[i] = clip(v.sum[i]);
}

#include "kernel_loops.h"

const vs_kernel vs_kernel_portable = {"portable", horizontal, vertical};

const vs_kernel* vs_kernel_at(int i) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && i-- == 0) {
    return &vs_kernel_avx512;
  }
  if (__builtin_cpu_supports("avx2") && i-- == 0) return &vs_kernel_avx2;
#endif
  return i == 0 ? &vs_kernel_portable : NULL;
}
