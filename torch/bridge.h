// The Go side's end of vstorch.h: opens the library and forwards every call of its table.
#ifndef VS_TORCH_BRIDGE_H
#define VS_TORCH_BRIDGE_H

#include "vstorch.h"

// Opens the library at path and sets it up. Returns NULL or a message. Called once, before any of
// the functions below.
char* vst_open(const char* path);

// Opens a library for the symbols of those that are opened later. Returns NULL or a message.
char* vst_preload(const char* path);

// Frees a message that one of these functions has returned.
void vst_free_message(char* message);

#define VST_TRAMPOLINE(name, params, args) char* vst_##name params;
VST_FUNCTIONS(VST_TRAMPOLINE)
#undef VST_TRAMPOLINE

#endif
