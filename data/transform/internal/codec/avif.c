// AVIF by libavif, with the codec that it chooses. The library turns nothing: `orientation` says
// what the file asks for.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

// The structs of the library up to the last field of use. Their beginnings are the same from
// libavif.so.15 on, except where `since_16` says so.

typedef struct {
  uint8_t* data;
  size_t size;
} blob;

#define IMAGE(since_16)                          \
  struct {                                       \
    uint32_t width, height, depth;               \
    int yuv_format, yuv_range, chroma_position;  \
    uint8_t* planes[3];                          \
    uint32_t row_bytes[3];                       \
    int owns_planes;                             \
    uint8_t* alpha;                              \
    uint32_t alpha_row_bytes;                    \
    int owns_alpha, premultiplied;               \
    blob icc;                                    \
    uint16_t primaries, transfer, matrix;        \
    since_16 uint32_t transforms;                \
    uint32_t pixel_aspect[2], clean_aperture[8]; \
    uint8_t rotation, mirror;                    \
  }
typedef IMAGE() image_15;
typedef IMAGE(uint16_t light_levels[2];) image_16;

typedef struct {
  int codec, threads, source, progressive, incremental, ignore_exif, ignore_xmp;
  uint32_t size_limit, dimension_limit, count_limit, strict;
  image_15* image;
} decoder;

typedef struct {
  uint32_t width, height, depth;
  int format, upsampling, downsampling, avoid_libyuv, ignore_alpha, premultiplied, is_float;
  union {
    struct {
      uint8_t* pixels;
      uint32_t row_bytes;
    } v15;
    struct {
      int threads;
      uint8_t* pixels;
      uint32_t row_bytes;
    } v16;
  } at;
} rgb_image;

enum { ok = 0, format_rgb = 0, format_rgba = 1, rotates = 4, mirrors = 8, can_decode = 1 };

#define FUNCTIONS(F)                                              \
  F(const char*, avifVersion, (void))                             \
  F(const char*, avifResultToString, (int))                       \
  F(const char*, avifCodecName, (int, uint32_t))                  \
  F(void, avifCodecVersions, (char*))                             \
  F(decoder*, avifDecoderCreate, (void))                          \
  F(int, avifDecoderSetIOMemory, (decoder*, const void*, size_t)) \
  F(int, avifDecoderParse, (decoder*))                            \
  F(int, avifDecoderNextImage, (decoder*))                        \
  F(void, avifDecoderDestroy, (decoder*))                         \
  F(void, avifRGBImageSetDefaults, (rgb_image*, const image_15*)) \
  F(int, avifImageYUVToRGB, (const image_15*, rgb_image*))
VS_SYMBOLS(FUNCTIONS, symbols)

// libavif.so.15 is of 0.11, libavif.so.16 of 1.0 and later.
static int is_16(void) { return avifVersion()[0] != '0'; }

static void start(char* text, size_t size) {
  // The decoder that it chooses, and from "dav1d [dec]:1.0.0, aom [enc/dec]:3.6.0" its version.
  char codecs[256] = "";
  avifCodecVersions(codecs);
  const char* name = avifCodecName(0, can_decode);
  const char* found = name != NULL ? strstr(codecs, name) : NULL;
  const char* number = found != NULL ? strchr(found, ':') : NULL;
  if (number == NULL) {
    snprintf(text, size, "%s", avifVersion());
  } else {
    number++;
    snprintf(text, size, "%s with %s %.*s", avifVersion(), name, (int)strcspn(number, ","), number);
  }
}

static int failed(vs_image* m, int result) {
  const char* text = avifResultToString(result);
  return vs_fail(m, "%s", text);
}

// EXIF's number for a rotation by `quarters` anticlockwise and then, unless `mirror` is negative,
// an exchange of top and bottom (0) or of left and right (1).
static int exif_orientation(int quarters, int mirror) {
  static const uint8_t turned[3][4] = {{1, 8, 3, 6}, {4, 5, 2, 7}, {2, 7, 4, 5}};
  return turned[mirror + 1][quarters & 3];
}

static int orientation(const image_15* image) {
  const image_16* newer = (const void*)image;
  uint32_t transforms = is_16() ? newer->transforms : image->transforms;
  int quarters = is_16() ? newer->rotation : image->rotation;
  int mirror = (is_16() ? newer->mirror : image->mirror) & 1;
  return exif_orientation(transforms & rotates ? quarters : 0, transforms & mirrors ? mirror : -1);
}

static int open(vs_image* m) {
  decoder* d = avifDecoderCreate();
  m->state = d;
  if (d == NULL) return vs_fail(m, VS_NO_MEMORY);
  d->threads = 1;
  int result = avifDecoderSetIOMemory(d, m->data, m->size);
  if (result == ok) result = avifDecoderParse(d);
  if (result != ok) return failed(m, result);
  m->width = d->image->width;
  m->height = d->image->height;
  m->orientation = orientation(d->image);
  return 0;
}

static int read(vs_image* m, uint8_t* rgbx) {
  decoder* d = m->state;
  int result = avifDecoderNextImage(d);
  if (result != ok) return failed(m, result);
  if (d->image->width != m->width || d->image->height != m->height) {
    return vs_fail(m, "it holds a picture of another size than it says");
  }
  int alpha = m->alpha = d->image->alpha != NULL;
  size_t pixels = (size_t)m->width * (size_t)m->height;
  uint8_t* out = alpha ? rgbx : rgbx + pixels;  // without alpha at the end, to spread from there
  rgb_image rgb;
  memset(&rgb, 0, sizeof rgb);
  avifRGBImageSetDefaults(&rgb, d->image);
  rgb.depth = 8;
  rgb.format = alpha ? format_rgba : format_rgb;
  uint32_t row_bytes = d->image->width * (alpha ? 4 : 3);
  if (is_16()) {
    rgb.at.v16.pixels = out;
    rgb.at.v16.row_bytes = row_bytes;
  } else {
    rgb.at.v15.pixels = out;
    rgb.at.v15.row_bytes = row_bytes;
  }
  result = avifImageYUVToRGB(d->image, &rgb);
  if (result != ok) return failed(m, result);
  if (!alpha) {
    for (size_t i = 0; i < pixels; i++) memmove(rgbx + 4 * i, out + 3 * i, 3);
  }
  return 0;
}

static void close(vs_image* m) { avifDecoderDestroy(m->state); }

static const char* const files[] = {"libavif.so.16", "libavif.so.15", NULL};

const vs_codec vs_avif = {{files, symbols, start}, open, read, close};
