#include "jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// jpeglib.h needs stdio.h before it.
#include <jerror.h>
#include <jpeglib.h>

// Columns decoded beyond those needed on either side. The chroma sample next to a cropped edge has
// no neighbour to be interpolated with, and a sample spans up to 4 pixels.
enum { MARGIN = 8 };

struct vs_jpeg {
  struct jpeg_decompress_struct cinfo;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  jmp_buf failed;
  vs_jpeg_status status;
  int started;    // rows are being read
  int finishing;  // all rows are out
  size_t read;    // bytes that vs_jpeg_open has used up
  vs_jpeg_info info;
};

static void fail(vs_jpeg* j, vs_jpeg_status status) {
  j->status = status;
  longjmp(j->failed, 1);
}

static void on_error(j_common_ptr c) {
  vs_jpeg* j = c->client_data;
  char text[JMSG_LENGTH_MAX];
  c->err->format_message(c, text);
  snprintf(j->info.message, sizeof j->info.message, "%s", text);
  fail(j, c->err->msg_code == JERR_OUT_OF_MEMORY ? VS_JPEG_NO_MEMORY : VS_JPEG_CORRUPT);
}

// Pillow lets damaged data pass wherever libjpeg only warns.
static void on_warning(j_common_ptr c, int level) {
  if (level < 0) c->err->num_warnings++;
}

static void ignore_message(j_common_ptr c) { (void)c; }

static void ignore_source(j_decompress_ptr c) { (void)c; }

// Pillow's source suspends when it has no more data, and Pillow takes that for a truncated file,
// except after the last row.
static boolean on_data_end(j_decompress_ptr c) {
  vs_jpeg* j = c->client_data;
  if (j->finishing) return FALSE;
  j->info.row = -1;
  if (j->started && !jpeg_has_multiple_scans(c)) {
    j->info.row = (int64_t)c->input_iMCU_row * c->max_v_samp_factor * DCTSIZE;
  }
  fail(j, VS_JPEG_TRUNCATED);
  return FALSE;
}

static void skip_data(j_decompress_ptr c, long n) {
  if (n <= 0) return;
  if ((size_t)n > c->src->bytes_in_buffer) {
    c->src->bytes_in_buffer = 0;
    on_data_end(c);
    return;
  }
  c->src->next_input_byte += n;
  c->src->bytes_in_buffer -= (size_t)n;
}

vs_jpeg* vs_jpeg_new(void) {
  vs_jpeg* j = calloc(1, sizeof *j);
  if (j == NULL) return NULL;
  j->cinfo.err = jpeg_std_error(&j->errors);
  j->cinfo.client_data = j;
  j->errors.error_exit = on_error;
  j->errors.emit_message = on_warning;
  j->errors.output_message = ignore_message;
  j->source.init_source = ignore_source;
  j->source.fill_input_buffer = on_data_end;
  j->source.skip_input_data = skip_data;
  j->source.resync_to_restart = jpeg_resync_to_restart;
  j->source.term_source = ignore_source;
  return j;
}

void vs_jpeg_free(vs_jpeg* j) {
  if (j == NULL) return;
  jpeg_destroy_decompress(&j->cinfo);
  free(j);
}

vs_jpeg_info* vs_jpeg_about(vs_jpeg* j) { return &j->info; }

static void set_source(vs_jpeg* j, const uint8_t* data, size_t size) {
  j->source.next_input_byte = data;
  j->source.bytes_in_buffer = size;
}

// A decompressor serves one picture: it would remember quantisation and Huffman tables for the next
// one, and a file that lacks its tables must not be decoded with another's.
static vs_jpeg_status end(vs_jpeg* j) {
  jpeg_destroy_decompress(&j->cinfo);
  return j->status;
}

vs_jpeg_status vs_jpeg_open(vs_jpeg* j, const uint8_t* data, size_t size) {
  struct jpeg_decompress_struct* c = &j->cinfo;
  memset(&j->info, 0, sizeof j->info);
  j->status = VS_JPEG_OK;
  j->started = j->finishing = 0;
  if (setjmp(j->failed) != 0) return end(j);
  jpeg_destroy_decompress(c);  // a picture may have been given up after its header
  jpeg_create_decompress(c);
  c->src = &j->source;
  set_source(j, data, size);
  // A stream may begin with one that holds nothing but tables.
  while (jpeg_read_header(c, FALSE) == JPEG_HEADER_TABLES_ONLY) {
  }
  j->info.width = c->image_width;
  j->info.height = c->image_height;
  j->info.components = c->num_components;
  j->read = size - j->source.bytes_in_buffer;
  set_source(j, NULL, 0);
  return VS_JPEG_OK;
}

// Pillow takes every CMYK file for Adobe's inverted kind; then its cmyk2rgb.
static void cmyk_to_rgbx(uint8_t* p, int64_t width) {
  for (int64_t x = 0; x < width; x++, p += 4) {
    int k = p[3];
    for (int i = 0; i < 3; i++) {
      int product = (255 - p[i]) * k + 128;
      p[i] = (uint8_t)(k - ((product + (product >> 8)) >> 8));  // k - ink * k / 255, rounded
    }
  }
}

// Whether libjpeg will smooth over coefficients that a progressive file leaves out. Smoothing looks
// at neighbouring blocks, so such a picture has to be decoded whole.
static int is_smoothed(const struct jpeg_decompress_struct* c) {
  if (!c->progressive_mode || c->coef_bits == NULL) return 0;
  for (int i = 0; i < c->num_components; i++) {
    for (int k = 1; k < 10; k++) {
      if (c->coef_bits[i][k] != 0) return 1;
    }
  }
  return 0;
}

static void skip_rows(vs_jpeg* j, vs_sink* sink, int64_t n, int read) {
  if (!read && n > 0) {
    jpeg_skip_scanlines(&j->cinfo, (JDIMENSION)n);
    return;
  }
  JSAMPROW row = vs_sink_row(sink, 0);
  for (; n > 0; n--) jpeg_read_scanlines(&j->cinfo, &row, 1);
}

// libjpeg keeps all coefficients of a file of several scans, and takes the memory for them before
// it reads any. Each block costs at least a bit in the file: a large picture whose blocks cannot
// all be there is given up at once, which bounds the memory by 1,024 times the file.
static int lacks_blocks(vs_jpeg* j) {
  const struct jpeg_decompress_struct* c = &j->cinfo;
  const int64_t large = 16 << 20;  // pixels
  if (!jpeg_has_multiple_scans(&j->cinfo) || j->info.width * j->info.height < large) return 0;
  int64_t blocks = 0;
  for (int i = 0; i < c->num_components; i++) {
    blocks += (int64_t)c->comp_info[i].width_in_blocks * c->comp_info[i].height_in_blocks;
  }
  return blocks / 8 > (int64_t)j->source.bytes_in_buffer;
}

// Starts to read rows of 4 bytes a pixel, reduced by `scale`.
static void start(vs_jpeg* j, int scale) {
  struct jpeg_decompress_struct* c = &j->cinfo;
  j->info.row = -1;
  if (lacks_blocks(j)) fail(j, VS_JPEG_TRUNCATED);
  c->out_color_space = c->num_components == 4 ? JCS_CMYK : JCS_EXT_RGBX;
  c->scale_denom = (unsigned)scale;
  jpeg_start_decompress(c);
  j->started = 1;
}

static void decode(vs_jpeg* j, vs_sink* sink) {
  struct jpeg_decompress_struct* c = &j->cinfo;
  start(j, 1);

  int whole = is_smoothed(c);
  JDIMENSION first = 0, width = c->output_width;
  if (!whole) {
    int64_t from = sink->x.first - MARGIN, to = sink->x.last + MARGIN;
    if (from < 0) from = 0;
    if (to > c->output_width) to = c->output_width;
    first = (JDIMENSION)from;
    width = (JDIMENSION)(to - from);
    if (width < c->output_width) jpeg_crop_scanline(c, &first, &width);
  }
  if (vs_sink_start(sink, first, width) != 0) fail(j, VS_JPEG_NO_MEMORY);

  skip_rows(j, sink, sink->y.first, whole);
  while (c->output_scanline < sink->y.last) {
    JSAMPROW rows[VS_BAND];
    int n = 0;
    for (; sink->filled + n < VS_BAND && c->output_scanline + n < sink->y.last; n++) {
      rows[n] = vs_sink_row(sink, n);
    }
    n = (int)jpeg_read_scanlines(c, rows, (JDIMENSION)n);
    if (c->num_components == 4) {
      for (int i = 0; i < n; i++) cmyk_to_rgbx(rows[i], width);
    }
    vs_sink_commit(sink, n);
  }
  vs_sink_finish(sink);

  // The rows below are entropy-decoded too, so that a file that ends among them is found out.
  // Skipping to the very end would end the pass at once: the last row is read.
  if (!jpeg_has_multiple_scans(c) && c->output_scanline < c->output_height) {
    skip_rows(j, sink, (int64_t)c->output_height - 1 - c->output_scanline, 0);
    skip_rows(j, sink, 1, 1);
  }
  j->finishing = 1;
  if (c->output_scanline == c->output_height) jpeg_finish_decompress(c);
}

vs_jpeg_status vs_jpeg_decode(vs_jpeg* j, const uint8_t* data, size_t size, vs_sink* sink,
                              uint8_t* pixels, uint8_t* other) {
  if (setjmp(j->failed) == 0) {
    set_source(j, data + j->read, size - j->read);
    vs_sink_target(sink, pixels, other);
    decode(j, sink);
  }
  vs_sink_release(sink);
  return end(j);
}

vs_jpeg_status vs_jpeg_whole(vs_jpeg* j, const uint8_t* data, size_t size, int scale,
                             uint8_t* pixels) {
  struct jpeg_decompress_struct* c = &j->cinfo;
  if (setjmp(j->failed) != 0) return end(j);
  set_source(j, data + j->read, size - j->read);
  start(j, scale);
  while (c->output_scanline < c->output_height) {
    JSAMPROW row = pixels + (size_t)c->output_scanline * c->output_width * 4;
    jpeg_read_scanlines(c, &row, 1);
    if (c->num_components == 4) cmyk_to_rgbx(row, c->output_width);
  }
  j->finishing = 1;
  jpeg_finish_decompress(c);
  return end(j);
}
