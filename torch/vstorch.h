// The C ABI between the Go package torch and libtorch.
//
// The library exports one symbol, vst_get_api, which returns a table of functions. Every function
// returns NULL on success or a message; outputs go through pointers and are set to NULL or 0 before
// anything can fail. The caller frees messages with free(), but for the table's out_of_memory,
// for which there was no memory. Handles are owned by the caller until
// closed.
#ifndef VSTORCH_H
#define VSTORCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Raised with every change of the table below, so that a Go binary never calls through a table
// of another layout.
#define VST_ABI 7

typedef struct vst_tensor vst_tensor;
typedef struct vst_module vst_module;
typedef struct vst_generator vst_generator;

// float16 and bfloat16 are for modules only: no tensor that Go sees has them.
enum {
  VST_FLOAT32 = 0,
  VST_FLOAT64 = 1,
  VST_INT64 = 2,
  VST_UINT8 = 3,
  VST_FLOAT16 = 4,
  VST_BFLOAT16 = 5
};
enum { VST_CPU = 0, VST_CUDA = 1 };

typedef struct {
  int type;   // VST_CPU or VST_CUDA
  int index;  // of the CUDA device; 0 for the CPU
} vst_device;

typedef struct {
  const void* data;
  size_t bytes;
} vst_span;

typedef struct {
  char name[256];
  uint64_t total_memory;  // bytes; 0 where unknown
  int compute_major, compute_minor;
} vst_cuda_info;

typedef struct {
  char libtorch[64];   // version of the library that is loaded, e.g. "1.13.1"
  char blas[256];      // library and version where it can be told, else ""
  char cuda[32];       // version of the CUDA runtime, e.g. "12.4"; "" without CUDA
  int cuda_available;  // built with CUDA and a device is usable
  int cuda_built;      // libtorch was built with CUDA
  int cuda_count;      // usable devices
  int threads;         // intra-op threads of the calling thread
  int cpu_bf16;        // the CPU multiplies bf16 natively
  int deterministic;   // as set_deterministic says
} vst_info;

// F(name, parameters, arguments): one line a function, from which the table, the library's
// declarations and the Go side's trampolines are all made.
#define VST_FUNCTIONS(F)                                                                           \
  /* Sets the process up, see vstorch.cc. To be called first, and once. */                         \
  F(set_up, (void), ())                                                                            \
  /* Device information and process-wide settings. */                                              \
  F(get_info, (vst_info * out), (out))                                                             \
  F(get_cuda_info, (int index, vst_cuda_info* out), (index, out))                                  \
  F(live_handles, (int64_t * out), (out))                                                          \
  /* Intra-op threads of the calling OS thread. */                                                 \
  F(set_num_threads, (int n), (n))                                                                 \
  /* Makes the device and a stream of its pool current for the calling OS thread. */               \
  F(use_stream, (vst_device device), (device))                                                     \
  F(set_deterministic, (int on), (on))                                                             \
  /* The loaded files of libtorch, one per line: path, tab, build ID in hexadecimal or "". For */  \
  /* the caller to free(). */                                                                      \
  F(library_files, (char** out), (out))                                                            \
                                                                                                   \
  /* Tensors. Data is copied: nothing borrows the caller's memory. */                              \
  F(tensor_new, (int dtype, int ndim, const int64_t* shape, const void* data, vst_tensor** out),   \
    (dtype, ndim, shape, data, out))                                                               \
  /* Uninitialised, on the CPU, to be copied to the device: for CUDA it is page-locked. */         \
  F(tensor_staging,                                                                                \
    (vst_device device, int dtype, int ndim, const int64_t* shape, vst_tensor** out),              \
    (device, dtype, ndim, shape, out))                                                             \
  F(tensor_close, (vst_tensor * t), (t))                                                           \
  F(tensor_meta, (vst_tensor * t, int* dtype, vst_device* device, int* ndim, int64_t shape[8]),    \
    (t, dtype, device, ndim, shape))                                                               \
  /* Copies bytes from the tensor, made contiguous, to the host. */                                \
  F(tensor_read, (vst_tensor * t, void* dst, size_t bytes), (t, dst, bytes))                       \
  /* Copies bytes from the host into a contiguous CPU tensor, from an offset in bytes on. */       \
  F(tensor_write, (vst_tensor * t, size_t offset, const void* src, size_t bytes),                  \
    (t, offset, src, bytes))                                                                       \
  /* From page-locked memory the copy runs on the current stream while the call returns. */        \
  F(tensor_to, (vst_tensor * t, vst_device device, vst_tensor * *out), (t, device, out))           \
  F(tensor_transpose, (vst_tensor * t, int a, int b, vst_tensor** out), (t, a, b, out))            \
  F(tensor_matmul, (vst_tensor * a, vst_tensor * b, vst_tensor * *out), (a, b, out))               \
  F(tensor_index_select, (vst_tensor * t, vst_tensor * index, vst_tensor * *out), (t, index, out)) \
  F(tensor_normalize, (vst_tensor * t, double eps, vst_tensor** out), (t, eps, out))               \
  F(tensor_topk, (vst_tensor * t, int64_t k, vst_tensor * *values, vst_tensor * *indices),         \
    (t, k, values, indices))                                                                       \
  F(tensor_eigh, (vst_tensor * t, vst_tensor * *values, vst_tensor * *vectors),                    \
    (t, values, vectors))                                                                          \
                                                                                                   \
  /* TorchScript modules. The spans, one after the other, are an archive that Go has checked and   \
   */                                                                                              \
  /* packed. Unless trusted, a module that does more than compute is refused. */                   \
  F(module_load,                                                                                   \
    (const vst_span* spans, size_t n, vst_device device, int trusted, vst_module** out),           \
    (spans, n, device, trusted, out))                                                              \
  F(module_close, (vst_module * m), (m))                                                           \
  /* Weights become constants of the graph, batch norms fold into convolutions. The module then */ \
  /* computes in the dtype; its input and output stay float32. */                                  \
  F(module_freeze, (vst_module * m, int dtype, int tf32, int channels_last),                       \
    (m, dtype, tf32, channels_last))                                                               \
  /* From now on an input of uint8 is taken for pixels, [N, channels, H, W]. The module gets */    \
  /* (x / 255 - mean) / std of them. */                                                            \
  F(module_set_normalization, (vst_module * m, int channels, const float* mean, const float* std), \
    (m, channels, mean, std))                                                                      \
  /* A copy of the frozen module, rewritten for speed on the CPU; NULL where that fails, or its */ \
  /* output for the input differs by more than the tolerance (relative, L2). */                    \
  F(module_optimize, (vst_module * m, vst_tensor * input, double tolerance, vst_module** out),     \
    (m, input, tolerance, out))                                                                    \
  F(module_forward, (vst_module * m, vst_tensor * input, vst_tensor * *out), (m, input, out))      \
                                                                                                   \
  /* CPU random number generator: the numbers of Python's torch.manual_seed. */                    \
  F(generator_new, (uint64_t seed, vst_generator * *out), (seed, out))                             \
  F(generator_close, (vst_generator * g), (g))                                                     \
  F(generator_random, (vst_generator * g, int64_t * out), (g, out))                                \
  F(generator_randperm, (vst_generator * g, int64_t n, int64_t * dst), (g, n, dst))

typedef struct {
  int abi;
  char* out_of_memory;
#define VST_FIELD(name, params, args) char*(*name)params;
  VST_FUNCTIONS(VST_FIELD)
#undef VST_FIELD
} vst_api;

// Returns the table, and does nothing else: the caller looks at its abi before it calls anything.
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const vst_api*
vst_get_api(void);

#ifdef __cplusplus
}
#endif

#endif
