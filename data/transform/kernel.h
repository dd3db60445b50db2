// The two inner loops of the resampler, in one variant for each instruction set.

#ifndef VS_TRANSFORM_KERNEL_H_
#define VS_TRANSFORM_KERNEL_H_

#include <stddef.h>
#include <stdint.h>

// Fractional bits of a weight: 32 less 8 of the pixel and 2 for sums beyond 1, as in Pillow. Sums
// of absolute weights stay below 2 for all filters, so 32-bit sums cannot overflow.
enum { VS_PRECISION = 32 - 8 - 2 };

typedef struct {
  const char* name;
  // Resamples 4 rows at once. `column` holds them column by column (16 bytes a column: 4 rows of
  // RGBX); output i reads `taps` columns from start[i]; `quads` are the weights as
  // [group][tap][output of the group]. Row r of the result goes to out + r * stride; 4 * groups
  // pixels of it are written.
  void (*horizontal)(const uint8_t* column, const int32_t* start, const int32_t* quads, int groups,
                     int taps, uint8_t* out, size_t stride);
  // One row out of `taps` rows: bytes 0 .. 64 * blocks.
  void (*vertical)(const uint8_t* const* rows, const int32_t* weight, int taps, int blocks,
                   uint8_t* out);
} vs_kernel;

extern const vs_kernel vs_kernel_portable;
#if defined(__x86_64__)
extern const vs_kernel vs_kernel_avx2;
extern const vs_kernel vs_kernel_avx512;
#endif

// The i-th kernel that this processor can run, best first; NULL past the last.
const vs_kernel* vs_kernel_at(int i);

#endif  // VS_TRANSFORM_KERNEL_H_
