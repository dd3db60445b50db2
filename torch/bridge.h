// The Go side's end of vstorch.h: opens the library and forwards every call of its table.
#ifndef VS_TORCH_BRIDGE_H
#define VS_TORCH_BRIDGE_H

#include "vstorch.h"

// Opens the library at path. Returns NULL or a message for the caller to free(). Called once,
// before any of the functions below.
char* vst_open(const char* path);

#define VST_TRAMPOLINE(name, params, args) char* vst_##name params;
VST_FUNCTIONS(VST_TRAMPOLINE)
#undef VST_TRAMPOLINE

#endif
