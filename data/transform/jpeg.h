// JPEG decoding by libjpeg-turbo into a sink, with Pillow's settings.

#ifndef VS_TRANSFORM_JPEG_H_
#define VS_TRANSFORM_JPEG_H_

#include <stddef.h>
#include <stdint.h>

#include "sink.h"

typedef enum {
  VS_JPEG_OK = 0,
  VS_JPEG_CORRUPT,    // `message` says why
  VS_JPEG_TRUNCATED,  // the data end at `row` (-1: before the first)
  VS_JPEG_NO_MEMORY,
} vs_jpeg_status;

typedef struct vs_jpeg vs_jpeg;

typedef struct {
  int64_t width, height;
  int components;
  int64_t row;  // of `height`
  char message[200];
} vs_jpeg_info;

vs_jpeg* vs_jpeg_new(void);
void vs_jpeg_free(vs_jpeg* j);
vs_jpeg_info* vs_jpeg_about(vs_jpeg* j);

// Reads the header. Neither call keeps a pointer to the data.
vs_jpeg_status vs_jpeg_open(vs_jpeg* j, const uint8_t* data, size_t size);
// Decodes the picture that vs_jpeg_open has read the header of (the same data) into the sink, on
// which vs_sink_begin has been called, with the destinations of vs_sink_target.
vs_jpeg_status vs_jpeg_decode(vs_jpeg* j, const uint8_t* data, size_t size, vs_sink* sink,
                              uint8_t* pixels, uint8_t* other);
// Decodes such a picture whole, reduced by `scale` (1, 2, 4 or 8), to RGBX: ceil(width / scale)
// by ceil(height / scale) pixels, of which the fourth byte means nothing.
vs_jpeg_status vs_jpeg_whole(vs_jpeg* j, const uint8_t* data, size_t size, int scale,
                             uint8_t* pixels);

#endif  // VS_TRANSFORM_JPEG_H_
