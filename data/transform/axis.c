// Weights of one side, computed as Pillow does (precompute_coeffs and normalize_coeffs_8bpc in its
// src/libImaging/Resample.c): in double precision, then rounded to VS_PRECISION fractional bits.

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

// Keys' cubic convolution with a = -0.5.
static double bicubic(double x) {
  const double a = -0.5;
  x = fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

static double bilinear(double x) {
  x = fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

static int32_t fixed(double weight) {
  double scaled = weight * (1 << VS_PRECISION);
  return (int32_t)(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

int vs_axis_plan(vs_axis* a, const vs_side* side, int filter) {
  if (a->weight != NULL && a->in == side->in && a->out == side->out && a->crop == side->crop &&
      a->kept == side->kept && a->filter == filter) {
    return 0;  // folders often hold pictures of one size
  }
  double (*weigh)(double) = filter == VS_BICUBIC ? bicubic : bilinear;
  double scale = (double)side->in / (double)side->out;
  double stretch = scale < 1.0 ? 1.0 : scale;
  double support = (filter == VS_BICUBIC ? 2.0 : 1.0) * stretch;
  double inverse = 1.0 / stretch;
  int64_t room = (int64_t)ceil(support) * 2 + 1;
  a->in = -1;  // unusable until done
  if (vs_grow(&a->start, &a->start_bytes, (size_t)(side->kept + 3) * sizeof(int32_t)) != 0 ||
      vs_grow(&a->weight, &a->weight_bytes, (size_t)(side->kept * room) * sizeof(int32_t)) != 0 ||
      vs_grow(&a->scratch, &a->scratch_bytes, (size_t)room * sizeof(double)) != 0) {
    return -1;
  }
  memset(a->weight, 0, (size_t)(side->kept * room) * sizeof(int32_t));
  a->taps = 1;
  a->first = side->in;
  a->last = 0;
  for (int64_t i = 0; i < side->kept; i++) {
    double center = ((double)(side->crop + i) + 0.5) * scale;
    int64_t begin = (int64_t)(center - support + 0.5);
    if (begin < 0) begin = 0;
    int64_t end = (int64_t)(center + support + 0.5);
    if (end > side->in) end = side->in;

    double total = 0.0;
    for (int64_t t = 0; t < end - begin; t++) {
      a->scratch[t] = weigh(((double)(begin + t) - center + 0.5) * inverse);
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
    begin += skipped;
    a->start[i] = (int32_t)begin;
    if (taps > a->taps) a->taps = (int)taps;
    if (begin < a->first) a->first = begin;
    if (begin + taps > a->last) a->last = begin + taps;
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
