// CIE L*a*b* to sRGB by Little CMS, as Pillow's convert does it.

#include <stdio.h>

#include "codec.h"

#define FUNCTIONS(F)                                                                   \
  F(int, cmsGetEncodedCMMversion, (void))                                              \
  F(void*, cmsCreateLab2Profile, (const void*))                                        \
  F(void*, cmsCreate_sRGBProfile, (void))                                              \
  F(int, cmsCloseProfile, (void*))                                                     \
  F(void*, cmsCreateTransform, (void*, uint32_t, void*, uint32_t, uint32_t, uint32_t)) \
  F(void, cmsDoTransform, (void*, const void*, void*, uint32_t))                       \
  F(void, cmsDeleteTransform, (void*))
VS_SYMBOLS(FUNCTIONS, symbols)

// One byte each of three channels, and one that is skipped, of a colour space.
#define TYPE(space) ((space) << 16 | 1 << 7 | 3 << 3 | 1)
enum { space_rgb = 4, space_lab_v2 = 30 };

static void start(char* version, size_t size) {
  int v = cmsGetEncodedCMMversion();
  snprintf(version, size, "%d.%d", v / 1000, v % 1000 / 10);
}

static const char* const files[] = {"liblcms2.so.2", NULL};

const vs_library vs_lcms = {files, symbols, start};

int vs_lab_to_rgb(uint8_t* pixels, size_t count) {
  void* lab = cmsCreateLab2Profile(NULL);
  void* rgb = cmsCreate_sRGBProfile();
  void* transform = NULL;
  if (lab != NULL && rgb != NULL) {
    transform = cmsCreateTransform(lab, TYPE(space_lab_v2), rgb, TYPE(space_rgb), 0, 0);
  }
  if (transform != NULL) {
    cmsDoTransform(transform, pixels, pixels, (uint32_t)count);
    cmsDeleteTransform(transform);
  }
  if (lab != NULL) cmsCloseProfile(lab);
  if (rgb != NULL) cmsCloseProfile(rgb);
  return transform != NULL ? 0 : -1;
}
