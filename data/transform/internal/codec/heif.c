// HEIC and its kin by libheif. The library itself turns, mirrors and cuts the picture as the file
// says.

#include <stdio.h>
#include <string.h>

#include "codec.h"

typedef struct {
  int code, subcode;
  const char* message;
} error;

enum { colorspace_rgb = 1, rgb = 10, rgba = 11, rrggbb = 12, rrggbbaa = 13, interleaved = 10 };

enum { unsupported_feature = 4, unsupported_codec = 3000 };

#define FUNCTIONS(F)                                                                              \
  F(const char*, heif_get_version, (void))                                                        \
  F(void*, heif_context_alloc, (void))                                                            \
  F(void, heif_context_free, (void*))                                                             \
  F(void, heif_context_set_max_decoding_threads, (void*, int))                                    \
  F(error, heif_context_read_from_memory_without_copy, (void*, const void*, size_t, const void*)) \
  F(error, heif_context_get_primary_image_handle, (void*, void**))                                \
  F(void, heif_image_handle_release, (const void*))                                               \
  F(int, heif_image_handle_get_width, (const void*))                                              \
  F(int, heif_image_handle_get_height, (const void*))                                             \
  F(int, heif_image_handle_get_ispe_width, (const void*))                                         \
  F(int, heif_image_handle_get_ispe_height, (const void*))                                        \
  F(int, heif_image_handle_has_alpha_channel, (const void*))                                      \
  F(int, heif_image_handle_get_luma_bits_per_pixel, (const void*))                                \
  F(error, heif_decode_image, (const void*, void**, int, int, const void*))                       \
  F(int, heif_image_get_decoding_warnings, (void*, int, error*, int))                             \
  F(int, heif_image_get_width, (const void*, int))                                                \
  F(int, heif_image_get_height, (const void*, int))                                               \
  F(int, heif_image_get_bits_per_pixel_range, (const void*, int))                                 \
  F(const uint8_t*, heif_image_get_plane_readonly, (const void*, int, int*))                      \
  F(void, heif_image_release, (const void*))
VS_SYMBOLS(FUNCTIONS, symbols)

static void start(char* text, size_t size) { snprintf(text, size, "%s", heif_get_version()); }

// The primary picture of the file, null after writing the message.
static void* primary(vs_image* m) {
  error e = heif_context_read_from_memory_without_copy(m->state, m->data, m->size, NULL);
  void* handle = NULL;
  if (e.code == 0) e = heif_context_get_primary_image_handle(m->state, &handle);
  if (e.code != 0) vs_fail(m, "%s", e.message);
  return e.code == 0 ? handle : NULL;
}

static int open(vs_image* m) {
  m->state = heif_context_alloc();
  if (m->state == NULL) return vs_fail(m, VS_NO_MEMORY);
  heif_context_set_max_decoding_threads(m->state, 0);
  void* handle = primary(m);
  if (handle == NULL) return -1;
  m->width = heif_image_handle_get_width(handle);
  m->height = heif_image_handle_get_height(handle);
  m->coded_width = heif_image_handle_get_ispe_width(handle);
  m->coded_height = heif_image_handle_get_ispe_height(handle);
  m->alpha = heif_image_handle_has_alpha_channel(handle);
  heif_image_handle_release(handle);
  return 0;
}

static int copy(vs_image* m, void* image, uint8_t* rgbx) {
  error warning;
  if (heif_image_get_decoding_warnings(image, 0, &warning, 1) > 0) {
    return vs_fail(m, "%s", warning.message);
  }
  if (heif_image_get_width(image, interleaved) != m->width ||
      heif_image_get_height(image, interleaved) != m->height) {
    return vs_fail(m, "it holds a picture of another size than it says");
  }
  int bits = heif_image_get_bits_per_pixel_range(image, interleaved), stride;
  const uint8_t* plane = heif_image_get_plane_readonly(image, interleaved, &stride);
  if (plane == NULL || bits < 8 || bits > 16) return vs_fail(m, "it has no pixels");
  int samples = m->alpha ? 4 : 3;
  for (int64_t y = 0; y < m->height; y++) {
    const uint8_t* in = plane + y * stride;
    for (int64_t x = 0; x < m->width; x++, rgbx += 4) {
      for (int c = 0; c < 3; c++) {
        int64_t i = x * samples + c;
        // Of more than 8 bits the upper 8 count.
        rgbx[c] = bits == 8 ? in[i] : (uint8_t)((in[2 * i] << 8 | in[2 * i + 1]) >> (bits - 8));
      }
    }
  }
  return 0;
}

static int read(vs_image* m, uint8_t* rgbx) {
  void* handle = NULL;
  error e = heif_context_get_primary_image_handle(m->state, &handle);
  if (e.code != 0) return vs_fail(m, "%s", e.message);
  int deep = heif_image_handle_get_luma_bits_per_pixel(handle) > 8;
  void* image = NULL;
  e = heif_decode_image(handle, &image, colorspace_rgb,
                        m->alpha ? (deep ? rrggbbaa : rgba) : (deep ? rrggbb : rgb), NULL);
  int status;
  if (e.code == unsupported_feature && e.subcode == unsupported_codec) {
    status = vs_fail(
        m, "unsupported: libheif has no decoder for it; install Debian's libheif-plugin-libde265");
  } else if (e.code != 0 || image == NULL) {
    status = vs_fail(m, "%s", e.message);
  } else {
    status = copy(m, image, rgbx);
  }
  if (image != NULL) heif_image_release(image);
  heif_image_handle_release(handle);
  return status;
}

static void close(vs_image* m) { heif_context_free(m->state); }

static const char* const files[] = {"libheif.so.1", NULL};

const vs_codec vs_heif = {{files, symbols, start}, open, read, close};
