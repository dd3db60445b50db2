// An enhancement blends the picture with a duller one (Pillow's ImageEnhance.py): for brightness
// with black, for contrast with its mean grey, for saturation with itself in grey. Blending is that
// of src/libImaging/Blend.c, grey that of L24 in src/libImaging/Convert.c.

// A fused multiply-add would round differently.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif

#include "augment.h"

#include <string.h>

static inline uint8_t blended(uint8_t dull, uint8_t level, float factor) {
  float value = (float)dull + factor * (float)((int)level - (int)dull);
  value = value > 0.0f ? value : 0.0f;
  value = value < 255.0f ? value : 255.0f;
  return (uint8_t)(int)value;
}

static void blend_level(uint8_t* p, int64_t n, uint8_t dull, float factor) {
  uint8_t table[256];
  for (int level = 0; level < 256; level++) table[level] = blended(dull, (uint8_t)level, factor);
  for (int64_t i = 0; i < n; i++) p[i] = table[p[i]];
}

static void blend_plane(uint8_t* restrict p, int64_t n, const uint8_t* restrict dull,
                        float factor) {
  for (int64_t i = 0; i < n; i++) p[i] = blended(dull[i], p[i], factor);
}

static inline uint8_t grey_of(uint8_t r, uint8_t g, uint8_t b) {
  return (uint8_t)((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16);
}

static void enhance(int enhancement, float factor, uint8_t* planes, int64_t n, uint8_t* grey) {
  uint8_t *r = planes, *g = planes + n, *b = planes + 2 * n;
  if (enhancement == VS_BRIGHTNESS) {
    blend_level(planes, 3 * n, 0, factor);
  } else if (enhancement == VS_CONTRAST) {
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++) sum += grey_of(r[i], g[i], b[i]);
    blend_level(planes, 3 * n, (uint8_t)((double)sum / (double)n + 0.5), factor);
  } else {
    for (int64_t i = 0; i < n; i++) grey[i] = grey_of(r[i], g[i], b[i]);
    for (int c = 0; c < 3; c++) blend_plane(planes + c * n, n, grey, factor);
  }
}

void vs_augment(const uint8_t* crop, int64_t width, int64_t height, const vs_variation* variation,
                uint8_t* grey, uint8_t* instance) {
  int64_t n = width * height;
  memcpy(instance, crop, (size_t)(3 * n));
  if (variation->flip) {
    for (uint8_t* row = instance; row < instance + 3 * n; row += width) {
      for (int64_t x = 0; x < width / 2; x++) {
        uint8_t left = row[x];
        row[x] = row[width - 1 - x];
        row[width - 1 - x] = left;
      }
    }
  }
  for (int i = 0; i < VS_ENHANCEMENTS; i++) {
    enhance(variation->order[i], variation->factor[variation->order[i]], instance, n, grey);
  }
}
