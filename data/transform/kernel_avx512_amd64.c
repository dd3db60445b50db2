// GCC takes the instruction set from the pragma, clang from the attribute.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw")
#endif

#include <immintrin.h>

#include "kernel.h"

typedef __m512i vec;

static inline vec vec_half(void) { return _mm512_set1_epi32(1 << (VS_PRECISION - 1)); }

static inline vec vec_add(vec v, const uint8_t* p, int32_t w) {
  __m512i pixel = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)p));
  return _mm512_add_epi32(v, _mm512_mullo_epi32(pixel, _mm512_set1_epi32(w)));
}

static inline void vec_store_rows(const vec* v, uint8_t* p, size_t stride) {
  // A 128-bit lane is a row; the packs work within lanes and so sort the outputs by row.
  __m512i low = _mm512_packs_epi32(_mm512_srai_epi32(v[0], VS_PRECISION),
                                   _mm512_srai_epi32(v[1], VS_PRECISION));
  __m512i high = _mm512_packs_epi32(_mm512_srai_epi32(v[2], VS_PRECISION),
                                    _mm512_srai_epi32(v[3], VS_PRECISION));
  __m512i rows = _mm512_packus_epi16(low, high);
  _mm_storeu_si128((__m128i*)p, _mm512_castsi512_si128(rows));
  _mm_storeu_si128((__m128i*)(p + stride), _mm512_extracti32x4_epi32(rows, 1));
  _mm_storeu_si128((__m128i*)(p + 2 * stride), _mm512_extracti32x4_epi32(rows, 2));
  _mm_storeu_si128((__m128i*)(p + 3 * stride), _mm512_extracti32x4_epi32(rows, 3));
}

static inline void vec_store(vec v, uint8_t* p) {
  __m512i level = _mm512_max_epi32(_mm512_srai_epi32(v, VS_PRECISION), _mm512_setzero_si512());
  _mm_storeu_si128((__m128i*)p, _mm512_cvtusepi32_epi8(level));
}

#include "kernel_loops.h"

const vs_kernel vs_kernel_avx512 = {"avx512", horizontal, vertical};

#if defined(__clang__)
#pragma clang attribute pop
#endif
