// Weights of one side, computed as Pillow does (precompute_coeffs and normalize_coeffs_8bpc in its
// src/libImaging/Resample.c): in double precision, then rounded to VS_PRECISION fractional bits.
// Nearest neighbour is one weight of 1 (ImagingScaleAffine in src/libImaging/Geometry.c).

// A fused multiply-add would round differently.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sink.h"

static double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

static double bilinear(double x) {
  x = fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

static double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= M_PI;
  return sin(x) / x;
}

static double hamming(double x) {
  x = fabs(x);
  if (x == 0.0) return 1.0;
  if (x >= 1.0) return 0.0;
  x *= M_PI;
  return sin(x) / x * (0.54f + 0.46f * cos(x));  // Pillow's constants are floats
}

// Keys' cubic convolution with a = -0.5.
static double bicubic(double x) {
  const double a = -0.5;
  x = fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

static double lanczos(double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

static const struct {
  double (*weigh)(double);
  double support;  // half the width of the window
} filters[] = {
    [VS_BOX] = {box, 0.5},         [VS_BILINEAR] = {bilinear, 1.0}, [VS_HAMMING] = {hamming, 1.0},
    [VS_BICUBIC] = {bicubic, 2.0}, [VS_LANCZOS] = {lanczos, 3.0},
};

static int32_t fixed(double weight) {
  double scaled = weight * (1 << VS_PRECISION);
  return (int32_t)(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

// Makes room for windows of up to `room` inputs, all of weight 0. Returns as vs_axis_plan.
static int make_room(vs_axis* a, int64_t kept, int64_t room) {
  if (VS_GROW(a->start, &a->start_bytes, (size_t)(kept + 3) * sizeof(int32_t)) != 0 ||
      VS_GROW(a->weight, &a->weight_bytes, (size_t)(kept * room) * sizeof(int32_t)) != 0 ||
      VS_GROW(a->scratch, &a->scratch_bytes, (size_t)room * sizeof(double)) != 0) {
    return -1;
  }
  memset(a->weight, 0, (size_t)(kept * room) * sizeof(int32_t));
  return 0;
}

// Notes that output i reads the inputs from `begin` to `begin + taps`.
static void set_window(vs_axis* a, int64_t i, int64_t begin, int64_t taps) {
  a->start[i] = (int32_t)begin;
  if (taps > a->taps) a->taps = (int)taps;
  if (begin < a->first) a->first = begin;
  if (begin + taps > a->last) a->last = begin + taps;
}

static void plan_nearest(vs_axis* a, const vs_side* side) {
  double scale = (double)side->in / (double)side->out;
  double position = scale * 0.5;
  for (int64_t i = 0; i < side->crop; i++) position += scale;  // Pillow adds up, and so do we
  for (int64_t i = 0; i < side->kept; i++, position += scale) {
    int64_t at = (int64_t)position;
    // Sums of rounded steps may end past the last input, where Pillow leaves black.
    int outside = at >= side->in;
    a->weight[i] = outside ? 0 : 1 << VS_PRECISION;
    set_window(a, i, outside ? side->in - 1 : at, 1);
  }
}

static void plan_filter(vs_axis* a, const vs_side* side, int filter, double support, int64_t room) {
  double scale = (double)side->in / (double)side->out;
  double inverse = 1.0 / (scale < 1.0 ? 1.0 : scale);
  for (int64_t i = 0; i < side->kept; i++) {
    double center = ((double)(side->crop + i) + 0.5) * scale;
    int64_t begin = (int64_t)(center - support + 0.5);
    if (begin < 0) begin = 0;
    int64_t end = (int64_t)(center + support + 0.5);
    if (end > side->in) end = side->in;

    double total = 0.0;
    for (int64_t t = 0; t < end - begin; t++) {
      a->scratch[t] = filters[filter].weigh(((double)(begin + t) - center + 0.5) * inverse);
      total += a->scratch[t];
    }
    // Inputs of weight 0 at either end are left out, so that a side that keeps its size has one
    // tap.
    int32_t* weight = a->weight + i * room;
    int64_t skipped = 0, taps = 0;
    for (int64_t t = 0; t < end - begin; t++) {
      int32_t w = fixed(total != 0.0 ? a->scratch[t] / total : a->scratch[t]);
      if (w == 0 && taps == 0) {
        skipped++;
        continue;
      }
      weight[t - skipped] = w;
      if (w != 0) taps = t - skipped + 1;
    }
    if (taps == 0) skipped = 0;
    set_window(a, i, begin + skipped, taps);
  }
}

int vs_axis_plan(vs_axis* a, const vs_side* side, int filter) {
  if (a->weight != NULL && a->in == side->in && a->out == side->out && a->crop == side->crop &&
      a->kept == side->kept && a->filter == filter) {
    return 0;  // folders often hold pictures of one size
  }
  double scale = (double)side->in / (double)side->out;
  double support = filters[filter].support * (scale < 1.0 ? 1.0 : scale);
  int64_t room = (int64_t)ceil(support) * 2 + 1;
  a->in = -1;  // unusable until done
  if (make_room(a, side->kept, room) != 0) return -1;
  a->taps = 1;
  a->first = side->in;
  a->last = 0;
  if (filter == VS_NEAREST) {
    plan_nearest(a, side);
  } else {
    plan_filter(a, side, filter, support, room);
  }
  for (int64_t i = 0; i < side->kept; i++) {
    a->start[i] -= (int32_t)a->first;
    memmove(a->weight + i * a->taps, a->weight + i * room, (size_t)a->taps * sizeof(int32_t));
  }
  // The horizontal loop takes outputs by fours; those past the last read the first input, and weigh
  // 0.
  for (int64_t i = side->kept; i < side->kept + 3; i++) a->start[i] = 0;
  a->in = side->in;
  a->out = side->out;
  a->crop = side->crop;
  a->kept = side->kept;
  a->filter = filter;
  return 0;
}

void vs_axis_widen(vs_axis* a, int64_t first, int64_t last) {
  for (int64_t i = 0; i < a->kept; i++) a->start[i] += (int32_t)(a->first - first);
  a->first = first;
  a->last = last;
}

void vs_axis_free(vs_axis* a) {
  free(a->start);
  free(a->weight);
  free(a->scratch);
}
