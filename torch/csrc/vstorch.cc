#include "../vstorch.h"

#include <dlfcn.h>
#include <malloc.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <cstdlib>

#include "internal.h"

namespace vst {

std::atomic<int64_t> live{0};

void* find_symbol(const char* name) {
  // This library is opened without RTLD_GLOBAL, so its dependencies are searched through it.
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&vst_get_api), &self) == 0) return nullptr;
  void* library = dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return nullptr;
  void* symbol = dlsym(library, name);
  dlclose(library);
  // A library that is not linked to libtorch stands on the one that the program has opened for all.
  return symbol != nullptr ? symbol : dlsym(RTLD_DEFAULT, name);
}

char* live_handles(int64_t* out) {
  *out = live.load();
  return nullptr;
}

char* set_up() {
  return guard([] {
    check_version();

    // The encoder runs one worker a core; a BLAS that starts threads of its own under each of them
    // halves the speed. Looked up, not linked: builds over MKL have no such symbol and need none.
    if (auto* f = find_symbol("openblas_set_num_threads")) reinterpret_cast<void (*)(int)>(f)(1);

    // A forward pass allocates and frees megabytes at each operator. By default glibc maps and
    // unmaps them each time; kept, they are reused. 32 MiB is the largest threshold it takes.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 512 << 20);
    mallopt(M_TOP_PAD, 16 << 20);

    // The profiling executor recompiles the graph after the first calls, which changes the last
    // bits of the results; the plain one computes every call alike.
    torch::jit::getProfilingMode() = false;
    torch::jit::getExecutorMode() = false;

    // float32 means float32, and the same bits on every call. cuBLAS reads the variable when CUDA
    // starts, which is later than this.
    allow_tf32(false);
    be_deterministic(true);
    setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  });
}

namespace {

const vst_api api = {VST_ABI, out_of_memory,
#define VST_ENTRY(name, params, args) name,
                     VST_FUNCTIONS(VST_ENTRY)
#undef VST_ENTRY
};

}  // namespace
}  // namespace vst

const vst_api* vst_get_api(void) { return &vst::api; }
