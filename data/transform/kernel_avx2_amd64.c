// GCC takes the instruction set from the pragma, clang from the attribute.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif

#include <immintrin.h>

#include "kernel.h"

typedef struct {
  __m256i low, high;
} vec;

static inline vec vec_half(void) {
  __m256i half = _mm256_set1_epi32(1 << (VS_PRECISION - 1));
  return (vec){half, half};
}

static inline vec vec_add(vec v, const uint8_t* p, int32_t w) {
  __m256i weight = _mm256_set1_epi32(w);
  __m256i low = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)p));
  __m256i high = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)(p + 8)));
  return (vec){_mm256_add_epi32(v.low, _mm256_mullo_epi32(low, weight)),
               _mm256_add_epi32(v.high, _mm256_mullo_epi32(high, weight))};
}

// Four vectors of sums to bytes: 128-bit lane i of the result holds lane i of a, b, c and d.
static inline __m256i narrow(__m256i a, __m256i b, __m256i c, __m256i d) {
  a = _mm256_srai_epi32(a, VS_PRECISION);
  b = _mm256_srai_epi32(b, VS_PRECISION);
  c = _mm256_srai_epi32(c, VS_PRECISION);
  d = _mm256_srai_epi32(d, VS_PRECISION);
  return _mm256_packus_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
}

static inline void vec_store_rows(const vec* v, uint8_t* p, size_t stride) {
  // A lane is a row here, so narrowing sorts the outputs by row.
  __m256i first = narrow(v[0].low, v[1].low, v[2].low, v[3].low);
  __m256i second = narrow(v[0].high, v[1].high, v[2].high, v[3].high);
  _mm_storeu_si128((__m128i*)p, _mm256_castsi256_si128(first));
  _mm_storeu_si128((__m128i*)(p + stride), _mm256_extracti128_si256(first, 1));
  _mm_storeu_si128((__m128i*)(p + 2 * stride), _mm256_castsi256_si128(second));
  _mm_storeu_si128((__m128i*)(p + 3 * stride), _mm256_extracti128_si256(second, 1));
}

static inline void vec_store(vec v, uint8_t* p) {
  __m256i bytes = narrow(v.low, v.high, v.low, v.high);
  __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5);
  bytes = _mm256_permutevar8x32_epi32(bytes, order);
  _mm_storeu_si128((__m128i*)p, _mm256_castsi256_si128(bytes));
}

#include "kernel_loops.h"

const vs_kernel vs_kernel_avx2 = {"avx2", horizontal, vertical};

#if defined(__clang__)
#pragma clang attribute pop
#endif
