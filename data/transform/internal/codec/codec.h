// Picture formats that a library of the system decodes. It is opened when the first such picture
// comes, so that vs needs none of them to start. The declarations that are needed of each stand in
// its file: to build takes no development package.

#ifndef VS_CODEC_H_
#define VS_CODEC_H_

#include <stddef.h>
#include <stdint.h>

// A function of a library: `place` is the pointer to it. Its type is the caller's.
typedef struct {
  const char* name;
  void* place;
} vs_symbol;

// For a list FUNCTIONS(F) of F(result, name, (parameters)): static pointers of those names, and the
// table of symbols that they are filled from.
#define VS_DECLARE(result, name, parameters) static result(*name) parameters;
#define VS_SYMBOL(result, name, parameters) {#name, &name},
#define VS_SYMBOLS(FUNCTIONS, table) \
  FUNCTIONS(VS_DECLARE)              \
  static const vs_symbol table[] = {FUNCTIONS(VS_SYMBOL){NULL, NULL}};

// An opened picture.
typedef struct {
  int64_t width, height;              // as it is read
  int64_t coded_width, coded_height;  // as it is coded, where the library cuts it to size; else 0
  int alpha;                          // whether it has an alpha channel, set by either call
  char mode[8];                       // Pillow's, where it is not RGB or RGBA
  int orientation;                    // what EXIF would call the rotation that the format asks for
  const uint8_t* data;                // the file
  size_t size;
  void* state;        // of the library
  char message[200];  // of an error
} vs_image;

typedef struct {
  const char* const* files;  // its names, best first
  const vs_symbol* symbols;
  void (*start)(char* version, size_t size);  // called once, when the symbols are there
} vs_library;

// How a library decodes whole pictures.
typedef struct {
  vs_library library;
  // Reads the header. Both return 0, or -1 after writing the message.
  int (*open)(vs_image* m);
  int (*read)(vs_image* m, uint8_t* rgbx);
  // Frees the state, where there is one.
  void (*close)(vs_image* m);
} vs_codec;

extern const vs_codec vs_webp, vs_heif, vs_avif, vs_jp2;
extern const vs_library vs_zlib, vs_libtiff, vs_lcms;

// Opens the library, once. Returns 0 after writing its version, or -1 after writing a message.
int vs_library_load(const vs_library* l, char* text, size_t size);
int vs_codec_open(const vs_codec* c, vs_image* m, const uint8_t* data, size_t size);
int vs_codec_read(const vs_codec* c, vs_image* m, uint8_t* rgbx);
void vs_codec_close(const vs_codec* c, vs_image* m);

// An inflater of zlib, null where memory is short.
typedef struct vs_inflater vs_inflater;
vs_inflater* vs_inflater_new(void);
void vs_inflater_free(vs_inflater* i);

// What zlib says of its last error.
const char* vs_inflater_message(const vs_inflater* i);

// Inflates until the output is full, the input used up, or the stream at its end. What is left of
// each comes back in *out_left and *in_left. Returns zlib's code: below 0 an error, 1 at the end.
int vs_inflate(vs_inflater* i, uint8_t* out, uint32_t* out_left, const uint8_t* in,
               uint32_t* in_left);

// How a compressed TIFF is to be read.
typedef struct {
  int64_t width, height;
  int pixel_bits, planes;
  int rgba;  // libtiff makes RGBA of it
} vs_tiff;

// Reads its first picture: planes one after the other, rows that begin at a byte. Returns 0, or -1
// after writing the message.
int vs_tiff_read(const vs_tiff* t, const uint8_t* data, size_t size, uint8_t* out, char* message,
                 size_t message_size);

// Makes sRGB of CIE L*a*b* in place, 4 bytes a pixel. Returns 0, or -1.
int vs_lab_to_rgb(uint8_t* pixels, size_t count);

// The message of a machine that is short of memory.
#define VS_NO_MEMORY "out of memory"

// Writes the message and returns -1.
int vs_fail(vs_image* m, const char* format, ...) __attribute__((format(printf, 2, 3)));

#endif  // VS_CODEC_H_
