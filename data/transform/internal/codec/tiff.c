// Compressed TIFF by libtiff, read as Pillow reads it.

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

typedef int64_t tsize;
typedef uint64_t toff;
typedef void (*handler)(const char*, const char*, va_list);

enum {
  tag_width = 256,
  tag_height = 257,
  tag_compression = 259,
  tag_photometric = 262,
  tag_rows_per_strip = 278,
  tag_planar = 284,
  tag_tile_width = 322,
  tag_tile_height = 323,
  tag_jpeg_color_mode = 65538,
  photometric_ycbcr = 6,
  compression_jpeg = 7,
  planar_separate = 2,
  top_left = 1,
};

#define FUNCTIONS(F)                                                                              \
  F(const char*, TIFFGetVersion, (void))                                                          \
  F(handler, TIFFSetErrorHandler, (handler))                                                      \
  F(handler, TIFFSetWarningHandler, (handler))                                                    \
  F(void*, TIFFClientOpen,                                                                        \
    (const char*, const char*, void*, tsize (*)(void*, void*, tsize),                             \
     tsize (*)(void*, void*, tsize), toff (*)(void*, toff, int), int (*)(void*), toff (*)(void*), \
     int (*)(void*, void**, toff*), void (*)(void*, void*, toff)))                                \
  F(void, TIFFClose, (void*))                                                                     \
  F(int, TIFFGetField, (void*, uint32_t, ...))                                                    \
  F(int, TIFFGetFieldDefaulted, (void*, uint32_t, ...))                                           \
  F(int, TIFFSetField, (void*, uint32_t, ...))                                                    \
  F(int, TIFFIsTiled, (void*))                                                                    \
  F(tsize, TIFFTileSize, (void*))                                                                 \
  F(tsize, TIFFTileRowSize, (void*))                                                              \
  F(tsize, TIFFReadTile, (void*, void*, uint32_t, uint32_t, uint32_t, uint16_t))                  \
  F(tsize, TIFFStripSize, (void*))                                                                \
  F(tsize, TIFFScanlineSize, (void*))                                                             \
  F(uint32_t, TIFFComputeStrip, (void*, uint32_t, uint16_t))                                      \
  F(tsize, TIFFReadEncodedStrip, (void*, uint32_t, void*, tsize))                                 \
  F(int, TIFFReadRGBAImageOriented, (void*, uint32_t, uint32_t, uint32_t*, int, int))
VS_SYMBOLS(FUNCTIONS, symbols)

// What libtiff says last, in the thread that reads.
static _Thread_local char* said;
static _Thread_local size_t said_size;

static void keep(const char* module, const char* format, va_list arguments) {
  (void)module;
  if (said != NULL) vsnprintf(said, said_size, format, arguments);
}

static int no_memory(void) {
  snprintf(said, said_size, "%s", VS_NO_MEMORY);
  return -1;
}

static void start(char* version, size_t size) {
  TIFFSetErrorHandler(keep);
  TIFFSetWarningHandler(NULL);
  const char* text = TIFFGetVersion();
  const char* number = strstr(text, "Version ");
  snprintf(version, size, "%s", number != NULL ? number + 8 : text);
  version[strcspn(version, "\r\n")] = 0;
}

static const char* const files[] = {"libtiff.so.6", "libtiff.so.5", NULL};

const vs_library vs_libtiff = {files, symbols, start};

typedef struct {
  const uint8_t* data;
  size_t size, at;
} memory;

static tsize read_some(void* m, void* out, tsize n) {
  memory* f = m;
  size_t left = f->at < f->size ? f->size - f->at : 0;
  if ((size_t)n < left) left = (size_t)n;
  memcpy(out, f->data + f->at, left);
  f->at += left;
  return (tsize)left;
}

static tsize write_none(void* m, void* in, tsize n) {
  (void)m, (void)in, (void)n;
  return -1;
}

static toff seek(void* m, toff offset, int whence) {
  memory* f = m;
  if (whence == SEEK_CUR) offset += f->at;
  if (whence == SEEK_END) offset += f->size;
  return f->at = offset;
}

static int close(void* m) {
  (void)m;
  return 0;
}

static toff file_size(void* m) { return ((memory*)m)->size; }

static int map(void* m, void** base, toff* size) {
  memory* f = m;
  *base = (void*)f->data;
  *size = f->size;
  return 1;
}

static void unmap(void* m, void* base, toff size) { (void)m, (void)base, (void)size; }

static int64_t row_bytes(const vs_tiff* t, int64_t width) {
  return (width * t->pixel_bits / t->planes + 7) / 8;
}

static int read_tiles(const vs_tiff* t, void* tiff, uint8_t* out) {
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff, tag_tile_width, &width);
  TIFFGetField(tiff, tag_tile_height, &height);
  int64_t size = TIFFTileSize(tiff), in_row = TIFFTileRowSize(tiff),
          out_row = row_bytes(t, t->width);
  if (width == 0 || height == 0 || width > INT_MAX || height > INT_MAX || size <= 0 ||
      size > INT_MAX - 1 || in_row <= 0 || in_row * (int64_t)height > size ||
      row_bytes(t, width) > in_row || (int64_t)width * t->pixel_bits / t->planes % 8 != 0) {
    return -1;
  }
  uint8_t* tile = malloc((size_t)size);
  if (tile == NULL) return no_memory();
  int status = 0;
  for (int plane = 0; plane < t->planes; plane++, out += out_row * t->height) {
    for (int64_t y = 0; y < t->height; y += height) {
      for (int64_t x = 0; x < t->width && status == 0; x += width) {
        if (TIFFReadTile(tiff, tile, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane) == -1)
          status = -1;
        int64_t columns = t->width - x < width ? t->width - x : width;
        for (int64_t row = 0; row < height && y + row < t->height && status == 0; row++) {
          memcpy(out + (y + row) * out_row + row_bytes(t, x), tile + row * in_row,
                 (size_t)row_bytes(t, columns));
        }
      }
    }
  }
  free(tile);
  return status;
}

static int read_strips(const vs_tiff* t, void* tiff, uint8_t* out) {
  uint32_t height = 0;
  if (TIFFGetField(tiff, tag_rows_per_strip, &height) != 1 || height == UINT32_MAX) {
    height = (uint32_t)t->height;
  }
  int64_t size = TIFFStripSize(tiff), in_row = TIFFScanlineSize(tiff),
          out_row = row_bytes(t, t->width);
  if (height == 0 || height > INT_MAX || size <= 0 || size > INT_MAX - 1 ||
      size > out_row * (int64_t)height || in_row <= 0 || out_row > in_row) {
    return -1;
  }
  uint8_t* strip = calloc(1, (size_t)size);
  if (strip == NULL) return no_memory();
  int status = 0;
  for (int plane = 0; plane < t->planes; plane++, out += out_row * t->height) {
    for (int64_t y = 0; y < t->height && status == 0; y += height) {
      uint32_t number = TIFFComputeStrip(tiff, (uint32_t)y, (uint16_t)plane);
      if (TIFFReadEncodedStrip(tiff, number, strip, size) == -1) status = -1;
      for (int64_t row = 0; row < height && y + row < t->height && status == 0; row++) {
        if ((row + 1) * in_row > size) status = -1;
        if (status == 0) memcpy(out + (y + row) * out_row, strip + row * in_row, (size_t)out_row);
      }
    }
  }
  free(strip);
  return status;
}

static int read_rgba(const vs_tiff* t, void* tiff, uint8_t* out) {
  size_t pixels = (size_t)t->width * (size_t)t->height;
  uint32_t* raster = malloc(pixels * sizeof *raster);
  if (raster == NULL) return no_memory();
  int ok =
      TIFFReadRGBAImageOriented(tiff, (uint32_t)t->width, (uint32_t)t->height, raster, top_left, 0);
  for (size_t i = 0; ok && i < pixels; i++) {
    for (int c = 0; c < 4; c++) out[4 * i + (size_t)c] = (uint8_t)(raster[i] >> 8 * c);
  }
  free(raster);
  return ok ? 0 : -1;
}

static int read_picture(const vs_tiff* t, void* tiff, uint8_t* out) {
  uint32_t width = 0, height = 0;
  uint16_t photometric = 0, compression = 0, planar = 0;
  TIFFGetField(tiff, tag_width, &width);
  TIFFGetField(tiff, tag_height, &height);
  TIFFGetField(tiff, tag_photometric, &photometric);
  TIFFGetFieldDefaulted(tiff, tag_compression, &compression);
  TIFFGetFieldDefaulted(tiff, tag_planar, &planar);
  int ycbcr = photometric == photometric_ycbcr;
  if (ycbcr && compression == compression_jpeg && planar != planar_separate) {
    TIFFSetField(tiff, tag_jpeg_color_mode, 1);  // RGB
    ycbcr = 0;
  }
  if (width != t->width || height != t->height || ycbcr != t->rgba ||
      (!ycbcr && (planar == planar_separate) != (t->planes > 1) && t->pixel_bits > 32)) {
    return -1;
  }
  if (ycbcr) return read_rgba(t, tiff, out);
  return TIFFIsTiled(tiff) ? read_tiles(t, tiff, out) : read_strips(t, tiff, out);
}

int vs_tiff_read(const vs_tiff* t, const uint8_t* data, size_t size, uint8_t* out, char* message,
                 size_t message_size) {
  memory file = {data, size, 0};
  said = message;
  said_size = message_size;
  snprintf(message, message_size, "its tags contradict each other");
  void* tiff = TIFFClientOpen("picture", "rC", &file, read_some, write_none, seek, close, file_size,
                              map, unmap);
  int status = -1;
  if (tiff != NULL) {
    status = read_picture(t, tiff, out);
    TIFFClose(tiff);
  }
  said = NULL;
  return status;
}
