#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <cstdio>
#include <string>

#include "internal.h"

namespace vst {

c10::Device device_of(vst_device d) {
  return d.type == VST_CUDA ? c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(d.index))
                            : c10::Device(c10::kCPU);
}

char* get_info(vst_info* out) {
  *out = vst_info();
  return guard([&] {
    std::snprintf(out->libtorch, sizeof out->libtorch, "%d.%d.%d", TORCH_VERSION_MAJOR,
                  TORCH_VERSION_MINOR, TORCH_VERSION_PATCH);
    using config = char* (*)();
    if (const auto get = reinterpret_cast<config>(find_symbol("openblas_get_config"))) {
      std::snprintf(out->blas, sizeof out->blas, "%s", get());
    } else if (at::hasMKL()) {
      std::snprintf(out->blas, sizeof out->blas, "MKL");
    }
    // at::hasCUDA also asks for a usable device.
    out->cuda_built = c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA) ? 1 : 0;
    out->cuda_available = torch::cuda::is_available() ? 1 : 0;
    out->cuda_count = static_cast<int>(torch::cuda::device_count());
    out->threads = at::get_num_threads();
#if defined(__x86_64__)
    out->cpu_bf16 = __builtin_cpu_supports("avx512bf16") ? 1 : 0;
#endif
  });
}

// Asks the driver's C interface, whose layout never changes, so that no CUDA headers are needed.
char* get_cuda_info(int index, vst_cuda_info* out) {
  *out = vst_cuda_info();
  return guard([&] {
    void* driver = dlopen("libcuda.so.1", RTLD_LAZY);
    TORCH_CHECK(driver != nullptr, "the NVIDIA driver's library libcuda.so.1 is not found");
    const auto symbol = [&](const char* name) {
      void* p = dlsym(driver, name);
      TORCH_CHECK(p != nullptr, "libcuda.so.1 lacks ", name);
      return p;
    };
    const auto check = [](int code, const char* what) {
      TORCH_CHECK(code == 0, what, " failed with CUDA driver error ", code);
    };
    using init = int (*)(unsigned);
    using get = int (*)(int*, int);
    using get_name = int (*)(char*, int, int);
    using total_memory = int (*)(size_t*, int);
    using attribute = int (*)(int*, int, int);
    constexpr int kComputeMajor = 75, kComputeMinor = 76;
    int device = 0;
    size_t bytes = 0;
    check(reinterpret_cast<init>(symbol("cuInit"))(0), "cuInit");
    check(reinterpret_cast<get>(symbol("cuDeviceGet"))(&device, index), "cuDeviceGet");
    check(
        reinterpret_cast<get_name>(symbol("cuDeviceGetName"))(out->name, sizeof out->name, device),
        "cuDeviceGetName");
    check(reinterpret_cast<total_memory>(symbol("cuDeviceTotalMem_v2"))(&bytes, device),
          "cuDeviceTotalMem");
    const auto get_attribute = reinterpret_cast<attribute>(symbol("cuDeviceGetAttribute"));
    check(get_attribute(&out->compute_major, kComputeMajor, device), "cuDeviceGetAttribute");
    check(get_attribute(&out->compute_minor, kComputeMinor, device), "cuDeviceGetAttribute");
    out->total_memory = bytes;
  });
}

char* set_num_threads(int n) {
  return guard([&] { at::set_num_threads(n); });
}

char* use_stream(vst_device device) {
  return guard([&] {
    if (device.type == VST_CPU) return;  // it has none
    const c10::impl::VirtualGuardImpl impl(c10::kCUDA);
    impl.setDevice(device_of(device));
    impl.exchangeStream(impl.getStreamFromGlobalPool(device_of(device)));
  });
}

char* set_deterministic(int on) {
  return guard([&] {
    auto& context = at::globalContext();
    context.setDeterministicCuDNN(on != 0);
    context.setBenchmarkCuDNN(on == 0);
  });
}

}  // namespace vst
