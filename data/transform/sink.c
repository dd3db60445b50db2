#include "sink.h"

#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// libjpeg-turbo writes aligned rows past the cache, which makes reading them at once several times
// slower; so rows begin off any alignment that it looks for.
enum { OFF_ALIGNMENT = 4 };

void* vs_grow(void* old, size_t* room, size_t bytes) {
  if (old != NULL && bytes <= *room) return old;
  free(old);
  void* memory = calloc(1, bytes > 0 ? bytes : 1);
  *room = memory != NULL ? bytes : 0;
  return memory;
}

vs_sink* vs_sink_new(const vs_kernel* kernel) {
  vs_sink* s = calloc(1, sizeof *s);
  if (s != NULL) s->kernel = kernel;
  return s;
}

// Lays x's weights out as the horizontal loop reads them; outputs past the last weigh nothing.
static int plan_quads(vs_sink* s) {
  const vs_axis* x = &s->x;
  s->groups = (int)((x->kept + 3) / 4);
  size_t bytes = (size_t)s->groups * 4 * x->taps * sizeof(int32_t);
  if (VS_GROW(s->quads, &s->quads_bytes, bytes) != 0) return -1;
  memset(s->quads, 0, bytes);
  for (int64_t i = 0; i < x->kept; i++) {
    int32_t* quad = s->quads + (i / 4) * 4 * x->taps + i % 4;
    for (int t = 0; t < x->taps; t++) quad[4 * t] = x->weight[i * x->taps + t];
  }
  return 0;
}

int vs_sink_begin(vs_sink* s, const vs_side* columns, const vs_side* rows, int filter,
                  const uint8_t fill[3]) {
  s->columns = *columns;
  s->rows = *rows;
  memcpy(s->fill, fill, sizeof s->fill);
  s->filled = 0;
  s->rows_in = s->rows_out = 0;
  if (vs_axis_plan(&s->x, columns, filter) != 0 || vs_axis_plan(&s->y, rows, filter) != 0 ||
      plan_quads(s) != 0) {
    return -1;
  }
  s->line_bytes = ((size_t)columns->kept * 4 + 63) / 64 * 64;
  s->slots = (s->y.taps + 2 * VS_BAND - 1) / VS_BAND * VS_BAND;
  // Windows of fewer taps than the widest end in weights of 0 and may look past the last column.
  size_t columns_read = (size_t)(s->x.last - s->x.first + s->x.taps);
  if (VS_GROW(s->column, &s->column_room, (columns_read + 4) * 4 * VS_BAND) != 0 ||
      VS_GROW(s->ring, &s->ring_room, (size_t)s->slots * s->line_bytes) != 0 ||
      VS_GROW(s->window, &s->window_room, (size_t)s->y.taps * sizeof(*s->window)) != 0 ||
      VS_GROW(s->line, &s->line_room, s->line_bytes) != 0) {
    return -1;
  }
  return 0;
}

static void widen_both(vs_axis* a, vs_axis* b) {
  int64_t first = a->first < b->first ? a->first : b->first;
  int64_t last = a->last > b->last ? a->last : b->last;
  vs_axis_widen(a, first, last);
  vs_axis_widen(b, first, last);
}

int vs_sink_join(vs_sink* s) {
  vs_sink* also = s->also;
  widen_both(&s->x, &also->x);
  widen_both(&s->y, &also->y);
  // `also` reads this column.
  int taps = s->x.taps > also->x.taps ? s->x.taps : also->x.taps;
  size_t columns_read = (size_t)(s->x.last - s->x.first + taps);
  return VS_GROW(s->column, &s->column_room, (columns_read + 4) * 4 * VS_BAND);
}

int vs_sink_start(vs_sink* s, int64_t origin, int64_t width) {
  s->origin = origin;
  s->band_bytes = ((size_t)width * 4 + 63) / 64 * 64;
  return VS_GROW(s->band, &s->band_room, VS_BAND * s->band_bytes + OFF_ALIGNMENT);
}

static void set_target(vs_sink* s, uint8_t* pixels, uint8_t* other) {
  s->pixels = pixels;
  if (s->also != NULL) s->also->pixels = other;
}

static void fill_padding(vs_sink* s) {
  int64_t width = s->columns.size, height = s->rows.size;
  if (s->columns.kept == width && s->rows.kept == height) return;
  for (int c = 0; c < 3; c++) {
    memset(s->pixels + c * width * height, s->fill[c], (size_t)(width * height));
  }
}

void vs_sink_target(vs_sink* s, uint8_t* pixels, uint8_t* other) {
  set_target(s, pixels, other);
  fill_padding(s);
  if (s->also != NULL) fill_padding(s->also);
}

void vs_sink_release(vs_sink* s) { set_target(s, NULL, NULL); }

static uint8_t* band_row(const vs_sink* s, int i) {
  return s->band + OFF_ALIGNMENT + i * s->band_bytes;
}

uint8_t* vs_sink_row(vs_sink* s, int i) { return band_row(s, s->filled + i); }

// Writes the band column by column, from x.first to x.last.
static void transpose_band(vs_sink* s) {
  const uint8_t* row[VS_BAND];
  for (int r = 0; r < VS_BAND; r++) {
    row[r] = band_row(s, r) + 4 * (s->x.first - s->origin);
  }
  int64_t width = s->x.last - s->x.first, x = 0;
#if defined(__SSE2__)
  for (; x + 4 <= width; x += 4) {
    __m128i a = _mm_loadu_si128((const __m128i*)(row[0] + 4 * x));
    __m128i b = _mm_loadu_si128((const __m128i*)(row[1] + 4 * x));
    __m128i c = _mm_loadu_si128((const __m128i*)(row[2] + 4 * x));
    __m128i d = _mm_loadu_si128((const __m128i*)(row[3] + 4 * x));
    __m128i ab01 = _mm_unpacklo_epi32(a, b), ab23 = _mm_unpackhi_epi32(a, b);
    __m128i cd01 = _mm_unpacklo_epi32(c, d), cd23 = _mm_unpackhi_epi32(c, d);
    __m128i* out = (__m128i*)(s->column + 16 * x);
    _mm_storeu_si128(out, _mm_unpacklo_epi64(ab01, cd01));
    _mm_storeu_si128(out + 1, _mm_unpackhi_epi64(ab01, cd01));
    _mm_storeu_si128(out + 2, _mm_unpacklo_epi64(ab23, cd23));
    _mm_storeu_si128(out + 3, _mm_unpackhi_epi64(ab23, cd23));
  }
#endif
  for (; x < width; x++) {
    for (int r = 0; r < VS_BAND; r++) memcpy(s->column + 16 * x + 4 * r, row[r] + 4 * x, 4);
  }
}

// Writes the finished row `y` of the kept ones to the destination.
static void put_line(vs_sink* s, int64_t y) {
  int64_t kept = s->columns.kept, width = s->columns.size, plane = width * s->rows.size;
  uint8_t* out = s->pixels + (s->rows.pad + y) * width + s->columns.pad;
  const uint8_t* restrict p = s->line;
  uint8_t* restrict r = out;
  uint8_t* restrict g = out + plane;
  uint8_t* restrict b = out + 2 * plane;
  for (int64_t x = 0; x < kept; x++) {
    r[x] = p[4 * x];
    g[x] = p[4 * x + 1];
    b[x] = p[4 * x + 2];
  }
}

// Writes every output row whose window ends before row `ready`, counted from y.first.
static void put_ready(vs_sink* s, int64_t ready) {
  const vs_axis* y = &s->y;
  int64_t rows = y->last - y->first;
  for (; s->rows_out < y->kept; s->rows_out++) {
    int64_t start = y->start[s->rows_out], taps = y->taps;
    if (taps > rows - start) taps = rows - start;  // what is left out weighs 0
    if (start + taps > ready) return;
    for (int64_t t = 0; t < taps; t++) {
      s->window[t] = s->ring + (size_t)((start + t) % s->slots) * s->line_bytes;
    }
    s->kernel->vertical(s->window, y->weight + s->rows_out * y->taps, (int)taps,
                        (int)(s->line_bytes / 64), s->line);
    put_line(s, s->rows_out);
  }
}

static void take_column(vs_sink* s, const uint8_t* column, int rows) {
  uint8_t* out = s->ring + (size_t)(s->rows_in % s->slots) * s->line_bytes;
  s->kernel->horizontal(column, s->x.start, s->quads, s->groups, s->x.taps, out, s->line_bytes);
  s->rows_in += rows;
  put_ready(s, s->rows_in);
}

static void flush_band(vs_sink* s) {
  transpose_band(s);
  take_column(s, s->column, s->filled);
  if (s->also != NULL) take_column(s->also, s->column, s->filled);
  s->filled = 0;
}

void vs_sink_commit(vs_sink* s, int n) {
  s->filled += n;
  if (s->filled == VS_BAND) flush_band(s);
}

void vs_sink_push(vs_sink* s, const uint8_t* row, size_t bytes, uint8_t* pixels, uint8_t* other) {
  set_target(s, pixels, other);
  memcpy(vs_sink_row(s, 0), row, bytes);
  vs_sink_commit(s, 1);
  if (s->rows_in + s->filled == s->y.last - s->y.first) vs_sink_finish(s);
  vs_sink_release(s);
}

void vs_sink_finish(vs_sink* s) {
  if (s->filled > 0) flush_band(s);
}

void vs_sink_free(vs_sink* s) {
  if (s == NULL) return;
  vs_sink_free(s->also);
  vs_axis_free(&s->x);
  vs_axis_free(&s->y);
  free(s->quads);
  free(s->band);
  free(s->column);
  free(s->ring);
  free(s->window);
  free(s->line);
  free(s);
}
