// JPEG 2000 by OpenJPEG, read tile by tile as Pillow reads it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

typedef struct {
  uint32_t dx, dy, w, h, x0, y0, precision, bpp, is_signed, resolution, factor;
  int32_t* data;
  uint16_t alpha;
} component;

typedef struct {
  uint32_t x0, y0, x1, y1, count;
  int color_space;
  component* components;
} image;

enum {
  codestream = 0,
  jp2_file = 2,
  unspecified = 0,
  srgb = 1,
  greys = 2,
  stream_buffer = 1 << 16,
  parameter_bytes = 1 << 15,  // more than any version's
};

typedef void (*message_handler)(const char*, void*);

#define FUNCTIONS(F)                                                                               \
  F(const char*, opj_version, (void))                                                              \
  F(void*, opj_stream_create, (size_t, int))                                                       \
  F(void, opj_stream_destroy, (void*))                                                             \
  F(void, opj_stream_set_read_function, (void*, size_t (*)(void*, size_t, void*)))                 \
  F(void, opj_stream_set_skip_function, (void*, int64_t (*)(int64_t, void*)))                      \
  F(void, opj_stream_set_user_data, (void*, void*, void (*)(void*)))                               \
  F(void, opj_stream_set_user_data_length, (void*, uint64_t))                                      \
  F(void*, opj_create_decompress, (int))                                                           \
  F(void, opj_destroy_codec, (void*))                                                              \
  F(void, opj_set_default_decoder_parameters, (void*))                                             \
  F(int, opj_setup_decoder, (void*, void*))                                                        \
  F(int, opj_set_error_handler, (void*, message_handler, void*))                                   \
  F(int, opj_read_header, (void*, void*, image**))                                                 \
  F(int, opj_read_tile_header,                                                                     \
    (void*, void*, uint32_t*, uint32_t*, int32_t*, int32_t*, int32_t*, int32_t*, uint32_t*, int*)) \
  F(int, opj_decode_tile_data, (void*, uint32_t, uint8_t*, uint32_t, void*))                       \
  F(int, opj_end_decompress, (void*, void*))                                                       \
  F(void, opj_image_destroy, (image*))
VS_SYMBOLS(FUNCTIONS, symbols)

typedef struct {
  const uint8_t* data;
  size_t size, at;
  void *stream, *decoder;
  image* image;
  int deep;  // grey of more than 8 bits, which Pillow reads as 16
} state;

static void start(char* text, size_t size) { snprintf(text, size, "%s", opj_version()); }

static size_t read_some(void* out, size_t n, void* user) {
  state* s = user;
  size_t left = s->size - s->at;
  if (left == 0) return (size_t)-1;
  if (n < left) left = n;
  memcpy(out, s->data + s->at, left);
  s->at += left;
  return left;
}

static int64_t skip(int64_t n, void* user) {
  state* s = user;
  int64_t left = (int64_t)(s->size - s->at);
  if (n < 0 || left == 0) return -1;
  if (n > left) n = left;
  s->at += (size_t)n;
  return n;
}

static void keep(const char* message, void* user) {
  vs_image* m = user;
  if (m->message[0] == 0) vs_fail(m, "%s", message);
}

static int unsupported(const image* i) {
  int grey = i->count < 3;
  if (i->count < 1 || i->count > 4 ||
      (i->color_space != unspecified && i->color_space != (grey ? greys : srgb))) {
    return 1;
  }
  for (uint32_t n = 0; n < i->count; n++) {
    const component* c = &i->components[n];
    if (c->dx != 1 || c->dy != 1 || c->precision < 1 || c->precision > 31) return 1;
  }
  return 0;
}

static int open(vs_image* m) {
  state* s = calloc(1, sizeof *s);
  void* parameters = calloc(1, parameter_bytes);
  if (s == NULL || parameters == NULL) {
    free(s);
    free(parameters);
    return vs_fail(m, VS_NO_MEMORY);
  }
  m->state = s;
  s->data = m->data;
  s->size = m->size;
  int boxed = m->size > 0 && m->data[0] == 0;
  s->stream = opj_stream_create(stream_buffer, 1);
  s->decoder = opj_create_decompress(boxed ? jp2_file : codestream);
  int ok = s->stream != NULL && s->decoder != NULL;
  if (ok) {
    opj_stream_set_read_function(s->stream, read_some);
    opj_stream_set_skip_function(s->stream, skip);
    opj_stream_set_user_data(s->stream, s, NULL);
    opj_stream_set_user_data_length(s->stream, m->size);
    opj_set_default_decoder_parameters(parameters);
    opj_set_error_handler(s->decoder, keep, m);
    ok = opj_setup_decoder(s->decoder, parameters) &&
         opj_read_header(s->stream, s->decoder, &s->image) && s->image != NULL;
  }
  free(parameters);
  if (!ok) {
    keep("its header is damaged or cut short", m);
    return -1;
  }
  if (unsupported(s->image)) {
    return vs_fail(m, "unsupported: colours of an unusual kind; save it as PNG");
  }
  static const char* const modes[] = {"L", "LA", "RGB", "RGBA"};
  s->deep = s->image->count == 1 && s->image->components[0].precision > 9;
  snprintf(m->mode, sizeof m->mode, "%s", s->deep ? "I;16" : modes[s->image->count - 1]);
  m->width = (int64_t)s->image->x1 - s->image->x0;
  m->height = (int64_t)s->image->y1 - s->image->y0;
  return 0;
}

static int sample_bytes(const component* c) {
  return c->precision <= 8 ? 1 : c->precision <= 16 ? 2 : 4;
}

// One sample, shifted to 8 bits, or to 16 and clipped to 8.
static uint8_t level(const component* c, const uint8_t* data, int deep) {
  uint32_t word = 0;
  memcpy(&word, data, (size_t)sample_bytes(c));  // the low byte comes first on all that vs runs on
  int shift = (deep ? 16 : 8) - (int)c->precision;
  if (c->is_signed) word += 1u << (c->precision - 1);
  if (shift < 0) word += 1u << (-shift - 1);
  word = shift < 0 ? word >> -shift : word << shift;
  if (!deep) return (uint8_t)word;
  return (uint16_t)word > 255 ? 255 : (uint8_t)word;
}

static void unpack(const vs_image* m, const state* s, const uint8_t* tile, const int32_t* box,
                   uint8_t* rgbx) {
  const image* i = s->image;
  int64_t w = box[2] - box[0], h = box[3] - box[1];
  int64_t x0 = box[0] - (int64_t)i->x0, y0 = box[1] - (int64_t)i->y0;
  uint32_t colours = i->count < 3 ? 1 : 3;
  for (uint32_t n = 0; n < colours; n++) {
    const component* c = &i->components[n];
    for (int64_t y = 0; y < h; y++) {
      uint8_t* out = rgbx + 4 * ((y0 + y) * m->width + x0) + n;
      for (int64_t x = 0; x < w; x++, out += 4, tile += sample_bytes(c)) {
        *out = level(c, tile, s->deep);
        if (colours == 1) out[1] = out[2] = *out;
      }
    }
  }
}

static int read(vs_image* m, uint8_t* rgbx) {
  state* s = m->state;
  int64_t pixel_bytes = 0;
  for (uint32_t n = 0; n < s->image->count; n++) {
    pixel_bytes += sample_bytes(&s->image->components[n]);
  }
  for (;;) {
    uint32_t index, size, count;
    int32_t box[4];
    int more = 0;
    if (!opj_read_tile_header(s->decoder, s->stream, &index, &size, &box[0], &box[1], &box[2],
                              &box[3], &count, &more)) {
      keep("a tile is damaged or missing", m);
      return -1;
    }
    if (!more) break;
    if (box[0] >= box[2] || box[1] >= box[3] || box[0] < 0 || box[1] < 0 ||
        (uint32_t)box[0] < s->image->x0 || (uint32_t)box[1] < s->image->y0 ||
        box[2] - (int64_t)s->image->x0 > m->width || box[3] - (int64_t)s->image->y0 > m->height ||
        count != s->image->count) {
      return vs_fail(m, "a tile lies outside the picture");
    }
    int64_t need = pixel_bytes * (box[2] - box[0]) * (int64_t)(box[3] - box[1]);
    if (need < size) need = size;
    uint8_t* tile = calloc(1, (size_t)need);
    if (tile == NULL) return vs_fail(m, VS_NO_MEMORY);
    int ok = need <= UINT32_MAX &&
             opj_decode_tile_data(s->decoder, index, tile, (uint32_t)need, s->stream);
    if (ok) unpack(m, s, tile, box, rgbx);
    free(tile);
    if (!ok) {
      keep("a tile is damaged or cut short", m);
      return -1;
    }
  }
  if (!opj_end_decompress(s->decoder, s->stream)) {
    keep("its end is damaged or missing", m);
    return -1;
  }
  return 0;
}

static void close(vs_image* m) {
  state* s = m->state;
  if (s->decoder != NULL) opj_destroy_codec(s->decoder);
  if (s->image != NULL) opj_image_destroy(s->image);
  if (s->stream != NULL) opj_stream_destroy(s->stream);
  free(s);
}

static const char* const files[] = {"libopenjp2.so.7", NULL};

const vs_codec vs_jp2 = {{files, symbols, start}, open, read, close};
