// WebP by libwebp, through the decoder of animations as Pillow does: the first frame on its canvas.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

typedef struct {
  const uint8_t* bytes;
  size_t size;
} data;

typedef struct {
  int width, height, has_alpha, has_animation, format;
  uint32_t pad[5];
} features;

enum { decoder_abi = 0x0209, demux_abi = 0x0107, canvas_width = 1, canvas_height = 2 };

#define FUNCTIONS(F)                                                        \
  F(int, WebPGetDecoderVersion, (void))                                     \
  F(int, WebPGetFeaturesInternal, (const uint8_t*, size_t, features*, int)) \
  F(void*, WebPDemuxInternal, (const data*, int, int*, int))                \
  F(void, WebPDemuxDelete, (void*))                                         \
  F(uint32_t, WebPDemuxGetI, (const void*, int))                            \
  F(void*, WebPAnimDecoderNewInternal, (const data*, const void*, int))     \
  F(int, WebPAnimDecoderGetNext, (void*, uint8_t**, int*))                  \
  F(void, WebPAnimDecoderDelete, (void*))
VS_SYMBOLS(FUNCTIONS, symbols)

static void start(char* text, size_t size) {
  int v = WebPGetDecoderVersion();
  snprintf(text, size, "%d.%d.%d", v >> 16, v >> 8 & 255, v & 255);
}

static int open(vs_image* m) {
  const data file = {m->data, m->size};
  void* demux = WebPDemuxInternal(&file, 0, NULL, demux_abi);
  if (demux == NULL) return vs_fail(m, "its chunks are damaged or cut short");
  m->width = WebPDemuxGetI(demux, canvas_width);
  m->height = WebPDemuxGetI(demux, canvas_height);
  WebPDemuxDelete(demux);
  features f;
  m->alpha = WebPGetFeaturesInternal(m->data, m->size, &f, decoder_abi) != 0 || f.has_alpha;
  return 0;
}

static int read(vs_image* m, uint8_t* rgbx) {
  const data file = {m->data, m->size};
  m->state = WebPAnimDecoderNewInternal(&file, NULL, demux_abi);
  if (m->state == NULL) return vs_fail(m, "it cannot be decoded");
  uint8_t* pixels;
  int timestamp;
  if (!WebPAnimDecoderGetNext(m->state, &pixels, &timestamp)) {
    return vs_fail(m, "its picture is damaged or cut short");
  }
  memcpy(rgbx, pixels, (size_t)m->width * (size_t)m->height * 4);
  return 0;
}

static void close(vs_image* m) { WebPAnimDecoderDelete(m->state); }

// libwebpdemux brings libwebp.
static const char* const files[] = {"libwebpdemux.so.2", NULL};

const vs_codec vs_webp = {{files, symbols, start}, open, read, close};
