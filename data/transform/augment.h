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

// Makes `instance` of a crop; both are [3][height][width]. `grey`, [height][width], is scratch
// memory.
void vs_augment(const uint8_t* crop, int64_t width, int64_t height, const vs_variation* variation,
                uint8_t* grey, uint8_t* instance);

#endif  // VS_TRANSFORM_AUGMENT_H_
