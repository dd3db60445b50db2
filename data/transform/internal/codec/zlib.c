// zlib, as Pillow drives it: what it makes of damaged data, and at which byte it notices, is its
// own.

#include <stdio.h>
#include <stdlib.h>

#include "codec.h"

typedef struct {
  const uint8_t* next_in;
  unsigned avail_in;
  unsigned long total_in;
  uint8_t* next_out;
  unsigned avail_out;
  unsigned long total_out;
  const char* message;
  void *state, *alloc, *free, *opaque;
  int data_type;
  unsigned long adler, reserved;
} stream;

struct vs_inflater {
  stream z;
};

#define FUNCTIONS(F)                                \
  F(const char*, zlibVersion, (void))               \
  F(int, inflateInit_, (stream*, const char*, int)) \
  F(int, inflate, (stream*, int))                   \
  F(int, inflateEnd, (stream*))
VS_SYMBOLS(FUNCTIONS, symbols)

static void start(char* text, size_t size) { snprintf(text, size, "%s", zlibVersion()); }

static const char* const files[] = {"libz.so.1", NULL};

const vs_library vs_zlib = {files, symbols, start};

vs_inflater* vs_inflater_new(void) {
  vs_inflater* i = calloc(1, sizeof *i);
  if (i != NULL && inflateInit_(&i->z, zlibVersion(), (int)sizeof i->z) != 0) {
    free(i);
    return NULL;
  }
  return i;
}

void vs_inflater_free(vs_inflater* i) {
  if (i != NULL) inflateEnd(&i->z);
  free(i);
}

const char* vs_inflater_message(const vs_inflater* i) {
  return i->z.message != NULL ? i->z.message : "zlib gives up";
}

int vs_inflate(vs_inflater* i, uint8_t* out, uint32_t* out_left, const uint8_t* in,
               uint32_t* in_left) {
  i->z.next_out = out;
  i->z.avail_out = *out_left;
  i->z.next_in = in;
  i->z.avail_in = *in_left;
  int code = inflate(&i->z, 0);
  *out_left = i->z.avail_out;
  *in_left = i->z.avail_in;
  i->z.next_in = i->z.next_out = NULL;
  return code;
}
