// Package plainjpeg decodes a JPEG with libjpeg-turbo and nothing else, whole and without a
// thought. The tests compare with it, and so do the benchmarks: no reader of the whole picture is
// faster.
package plainjpeg

/*
#cgo LDFLAGS: -ljpeg
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>

static void be_silent(j_common_ptr c) { (void)c; }

// Decodes to RGBX. Keeps the rows in pixels, or drops them where that is NULL. For sound files
// only: libjpeg exits on errors.
static void decode(const unsigned char* data, size_t size, unsigned char* pixels) {
  struct jpeg_decompress_struct c;
  struct jpeg_error_mgr errors;
  c.err = jpeg_std_error(&errors);
  errors.output_message = be_silent;
  jpeg_create_decompress(&c);
  jpeg_mem_src(&c, data, size);
  jpeg_read_header(&c, TRUE);
  c.out_color_space = JCS_EXT_RGBX;
  jpeg_start_decompress(&c);
  size_t stride = (size_t)c.output_width * 4;
  JSAMPROW row = pixels != NULL ? pixels : malloc(stride);
  while (c.output_scanline < c.output_height) {
    if (pixels != NULL) row = pixels + c.output_scanline * stride;
    jpeg_read_scanlines(&c, &row, 1);
  }
  jpeg_finish_decompress(&c);
  jpeg_destroy_decompress(&c);
  if (pixels == NULL) free(row);
}
*/
import "C"

import "unsafe"

// Version of libjpeg-turbo, 3000001 for 3.0.1.
const Version = C.LIBJPEG_TURBO_VERSION_NUMBER

// Decode decodes all rows and drops them.
func Decode(file []byte) { decode(file, nil) }

// Pixels decodes to RGBX, for a picture of this size.
func Pixels(file []byte, width, height int) []byte {
	pixels := make([]byte, 4*width*height)
	decode(file, pixels)
	return pixels
}

func decode(file, pixels []byte) {
	C.decode((*C.uchar)(unsafe.SliceData(file)), C.size_t(len(file)), (*C.uchar)(unsafe.SliceData(pixels)))
}
