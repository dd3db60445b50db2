// The loops of the resampler, included once by each variant, which defines before:
//
//   vec                     16 sums of 32 bits
//   vec_half()              all sums at one half, in units of 2^-VS_PRECISION
//   vec_add(v, p, w)        v + w * (the 16 bytes at p)
//   vec_store_rows(v, p, s) v[0..3] are 4 outputs of 4 rows; the 16 bytes of row r go to p + r * s
//   vec_store(v, p)         the 16 bytes go to p
//
// Both stores shift the sums down by VS_PRECISION and clip them to 0 .. 255.

static void horizontal(const uint8_t* column, const int32_t* start, const int32_t* quads,
                       int groups, int taps, uint8_t* out, size_t stride) {
  for (int g = 0; g < groups; g++) {
    const uint8_t* p0 = column + 16 * (size_t)start[4 * g];
    const uint8_t* p1 = column + 16 * (size_t)start[4 * g + 1];
    const uint8_t* p2 = column + 16 * (size_t)start[4 * g + 2];
    const uint8_t* p3 = column + 16 * (size_t)start[4 * g + 3];
    vec v[4] = {vec_half(), vec_half(), vec_half(), vec_half()};
    for (int t = 0; t < taps; t++) {
      v[0] = vec_add(v[0], p0 + 16 * t, quads[0]);
      v[1] = vec_add(v[1], p1 + 16 * t, quads[1]);
      v[2] = vec_add(v[2], p2 + 16 * t, quads[2]);
      v[3] = vec_add(v[3], p3 + 16 * t, quads[3]);
      quads += 4;
    }
    vec_store_rows(v, out + 16 * g, stride);
  }
}

static void vertical(const uint8_t* const* rows, const int32_t* weight, int taps, int blocks,
                     uint8_t* out) {
  for (int b = 0; b < blocks; b++) {
    vec v0 = vec_half(), v1 = vec_half(), v2 = vec_half(), v3 = vec_half();
    for (int t = 0; t < taps; t++) {
      const uint8_t* p = rows[t] + 64 * b;
      v0 = vec_add(v0, p, weight[t]);
      v1 = vec_add(v1, p + 16, weight[t]);
      v2 = vec_add(v2, p + 32, weight[t]);
      v3 = vec_add(v3, p + 48, weight[t]);
    }
    vec_store(v0, out + 64 * b);
    vec_store(v1, out + 64 * b + 16);
    vec_store(v2, out + 64 * b + 32);
    vec_store(v3, out + 64 * b + 48);
  }
}
