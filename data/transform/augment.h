// Changes of a picture's colours, in the arithmetic of Pillow's ImageEnhance.

#ifndef VS_TRANSFORM_AUGMENT_H_
#define VS_TRANSFORM_AUGMENT_H_

#include <stdint.h>

enum { VS_BRIGHTNESS, VS_CONTRAST, VS_SATURATION, VS_ENHANCEMENTS };

typedef struct {
  int flip;                       // left to right, before the colours are changed
  int order[VS_ENHANCEMENTS];     // of the enhancements
  float factor[VS_ENHANCEMENTS];  // of each enhancement
} vs_variation;

// Makes an instance of a crop of side x side pixels, HWC. `planes`, [4][side][side], takes red,
// green and blue of it, and is used as scratch memory; `tensor`, [3][side][side], their values in
// `table`.
void vs_augment(const uint8_t* crop, int64_t side, const vs_variation* variation,
                const float table[3][256], uint8_t* planes, float* tensor);

#endif  // VS_TRANSFORM_AUGMENT_H_
