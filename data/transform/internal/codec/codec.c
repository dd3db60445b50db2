#include "codec.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int vs_library_load(const vs_library* l, char* text, size_t size) {
  void* handle = NULL;
  for (const char* const* file = l->files; *file != NULL && handle == NULL; file++) {
    // The loader's own folders, and nothing else, are searched.
    handle = dlopen(*file, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
      const char* error = dlerror();
      if (file == l->files) snprintf(text, size, "%s", error);
    }
  }
  if (handle == NULL) return -1;
  for (const vs_symbol* s = l->symbols; s->name != NULL; s++) {
    void* symbol = dlsym(handle, s->name);
    if (symbol == NULL) {
      snprintf(text, size, "it lacks %s", s->name);
      dlclose(handle);
      return -1;
    }
    memcpy(s->place, &symbol, sizeof symbol);
  }
  l->start(text, size);
  return 0;
}

int vs_codec_open(const vs_codec* c, vs_image* m, const uint8_t* data, size_t size) {
  memset(m, 0, sizeof *m);
  m->orientation = 1;
  m->data = data;
  m->size = size;
  return c->open(m);
}

int vs_codec_read(const vs_codec* c, vs_image* m, uint8_t* rgbx) { return c->read(m, rgbx); }

void vs_codec_close(const vs_codec* c, vs_image* m) {
  if (m->state != NULL) c->close(m);
  m->state = NULL;
}

int vs_fail(vs_image* m, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(m->message, sizeof m->message, format, arguments);
  va_end(arguments);
  return -1;
}
