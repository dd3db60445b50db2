// What is checked of a module before anything of it runs.
#ifndef VSTORCH_TRUST_H
#define VSTORCH_TRUST_H

#include <torch/csrc/jit/api/module.h>

#include <string>

namespace vst {

// Throws what Go makes an ErrUntrusted of: the reason for which a module is not run unless its
// user trusts it.
[[noreturn]] void distrust(const std::string& reason);

// Refuses a text of code that is nested too deep for libtorch's parser and compiler.
void check_code_size(const std::string& text);

// Refuses a text of code that libtorch would trip over while it imports it, or, unless it is
// trusted, parts of which would run then.
void check_definitions(const std::string& text, bool trusted);

// Refuses a loaded module that uses operators outside those of computation, in whichever method.
void check_operators(const torch::jit::Module& module);

// Refuses a loaded module whose attributes are of other types than declared, or with tensors,
// constants of its code included, that reach beyond their storages.
void check_values(const torch::jit::Module& module);

// Refuses a frozen module that changes itself or its weights, since forward passes run at the same
// time, or whose code is not all in sight.
void check_frozen(const torch::jit::Module& module);

}  // namespace vst

#endif
