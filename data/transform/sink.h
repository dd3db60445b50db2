// Streaming resampler: rows of a picture in, rows of the finished crop out.
//
// Pillow resamples the whole picture horizontally into 8 bits, then vertically. Both passes only
// ever look at a window of their input, so the same numbers come out when each row is resampled as
// it leaves the decoder and each output row as soon as the last row under its window is there.

#ifndef VS_TRANSFORM_SINK_H_
#define VS_TRANSFORM_SINK_H_

#include <stddef.h>
#include <stdint.h>

#include "kernel.h"

enum { VS_NEAREST, VS_BOX, VS_BILINEAR, VS_HAMMING, VS_BICUBIC, VS_LANCZOS };  // Go's filter

// Rows are resampled horizontally in bands of this many; the kernels know the number.
enum { VS_BAND = 4 };

// How one side of the picture is resized and cropped, in pixels.
typedef struct {
  int64_t in, out;     // size before and after the resize
  int64_t crop, kept;  // first output that the crop keeps, and how many
  int64_t pad, size;   // empty pixels before those, and size of the finished crop
} vs_side;

// The window of each kept output of one side: outputs start[i] .. start[i] + taps read the input
// with weights of VS_PRECISION fractional bits. Starts count from `first`.
typedef struct {
  int64_t in, out, crop, kept;
  int filter;
  int taps;             // of the widest window; narrower ones end in weights of 0
  int64_t first, last;  // the inputs that the kept outputs read: first <= i < last
  int32_t* start;
  int32_t* weight;  // [kept][taps]
  double* scratch;
  size_t start_bytes, weight_bytes, scratch_bytes;
} vs_axis;

typedef struct vs_sink vs_sink;

struct vs_sink {
  const vs_kernel* kernel;
  vs_side columns, rows;
  vs_axis x, y;
  int32_t* quads;  // x's weights in the order of use: [group of 4 outputs][tap][4]
  size_t quads_bytes;
  int groups;

  int64_t origin;     // first column of the rows that are handed in
  size_t band_bytes;  // distance of two rows of the band
  uint8_t* band;      // [VS_BAND][band_bytes] RGBX
  size_t band_room;
  uint8_t* column;  // the band column by column: [column][VS_BAND] RGBX
  size_t column_room;
  int filled;  // rows in the band

  uint8_t* ring;  // horizontally resampled rows, [slots][line_bytes] RGBX
  size_t ring_room, line_bytes;
  int64_t slots;
  const uint8_t** window;  // rows under the current output
  size_t window_room;
  uint8_t* line;  // one finished row, RGBX
  size_t line_room;

  int64_t rows_in, rows_out;  // counted from y.first and from the first kept output
  uint8_t* pixels;            // destination, CHW
  uint8_t fill[3];            // colour of the padding

  // Resizes the same picture in another way, with the same kernel, in step with this one, which
  // owns it; NULL: there is none.
  vs_sink* also;
};

// Describes the next picture; of its rows, y.first <= row < y.last and x.first <= column < x.last
// are wanted. `fill` is the colour of the padding. Returns 0, or -1 when memory is short.
int vs_sink_begin(vs_sink* s, const vs_side* columns, const vs_side* rows, int filter,
                  const uint8_t fill[3]);
// Widens what both a sink and its `also` want to what either of them wants, after vs_sink_begin on
// each. Returns as above.
int vs_sink_join(vs_sink* s);
// Starts taking rows that begin at column `origin` and are `width` pixels long. Returns as above.
int vs_sink_start(vs_sink* s, int64_t origin, int64_t width);
// Sets where the finished crops go, this one's and that of `also`, and fills the padding.
void vs_sink_target(vs_sink* s, uint8_t* pixels, uint8_t* other);
// Forgets the destinations: C must not keep a pointer to Go's memory when it returns.
void vs_sink_release(vs_sink* s);
// Takes one row from elsewhere: `bytes` of it, from column `origin`. The destinations as given to
// vs_sink_target.
void vs_sink_push(vs_sink* s, const uint8_t* row, size_t bytes, uint8_t* pixels, uint8_t* other);
// Where the i-th row from now is to be written; i < VS_BAND - filled.
uint8_t* vs_sink_row(vs_sink* s, int i);
// Takes the n rows just written.
void vs_sink_commit(vs_sink* s, int n);
// Puts out what is left once the last wanted row is in.
void vs_sink_finish(vs_sink* s);
// A sink of zeros with this kernel, or NULL when memory is short.
vs_sink* vs_sink_new(const vs_kernel* kernel);
void vs_sink_free(vs_sink* s);

// Fills the axis for one side. Returns as above.
int vs_axis_plan(vs_axis* a, const vs_side* side, int filter);
// Has the axis read, to no effect, all inputs from `first` to `last`.
void vs_axis_widen(vs_axis* a, int64_t first, int64_t last);
void vs_axis_free(vs_axis* a);

// Returns memory of at least `bytes`: the old, if that has the room, else new and zeroed in place
// of the old. NULL when memory is short; the old is freed then, too.
void* vs_grow(void* old, size_t* room, size_t bytes);
// Has the pointer point to such memory. Returns 0, or -1 when memory is short.
#define VS_GROW(pointer, room, bytes) \
  (((pointer) = vs_grow((pointer), (room), (bytes))) != NULL ? 0 : -1)

#endif  // VS_TRANSFORM_SINK_H_
