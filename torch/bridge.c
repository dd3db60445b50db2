#include "bridge.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const vst_api* api;
static char out_of_memory[] = "out of memory";

static char* copy(const char* message) {
  char* out = strdup(message);
  return out != NULL ? out : out_of_memory;
}

char* vst_open(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return copy(dlerror());
  const vst_api* (*get_api)(void) = NULL;
  *(void**)&get_api = dlsym(library, "vst_get_api");
  if (get_api == NULL) return copy("not a libvstorch: it has no vst_get_api");
  const vst_api* table = get_api();
  if (table->abi != VST_ABI) {
    char message[128];
    snprintf(message, sizeof message, "it was built from other sources (interface %d, not %d)",
             table->abi, VST_ABI);
    return copy(message);
  }
  api = table;
  return vst_set_up();
}

char* vst_preload(const char* path) {
  return dlopen(path, RTLD_NOW | RTLD_GLOBAL) != NULL ? NULL : copy(dlerror());
}

void vst_free_message(char* message) {
  if (message == out_of_memory || (api != NULL && message == api->out_of_memory)) return;
  free(message);
}

#define VST_TRAMPOLINE(name, params, args) \
  char* vst_##name params { return api->name args; }
VST_FUNCTIONS(VST_TRAMPOLINE)
#undef VST_TRAMPOLINE
