#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>
#include <glob.h>
#include <torch/cuda.h>

#include <cstdio>
#include <mutex>
#include <set>
#include <string>

#include "internal.h"

namespace vst {

namespace {

// The driver's C interface, whose layout never changes, so that no CUDA headers are needed.
class Driver {
 public:
  // Returns CUDA's error code, 0 for none.
  template <typename... Arguments>
  int call(const char* name, Arguments... arguments) const {
    void* function = library_ != nullptr ? dlsym(library_, name) : nullptr;
    return function != nullptr ? reinterpret_cast<int (*)(Arguments...)>(function)(arguments...)
                               : kMissing;
  }

  template <typename... Arguments>
  void must(const char* name, Arguments... arguments) const {
    TORCH_CHECK(library_ != nullptr, "the NVIDIA driver's library libcuda.so.1 is not found");
    const int code = call(name, arguments...);
    TORCH_CHECK(code != kMissing, "libcuda.so.1 lacks ", name);
    TORCH_CHECK(code == 0, name, " failed with CUDA driver error ", code);
  }

 private:
  static constexpr int kMissing = -1;
  void* const library_ = dlopen("libcuda.so.1", RTLD_LAZY);  // CUDA uses it to the end
};

// cuDNN compiles some kernels with NVRTC, which it looks for among the system's libraries. Where
// libtorch brings its own, only libtorch's wrapper finds it; what it needs itself lies beside it.
void load_nvrtc() {
  const std::string name = "libcaffe2_nvrtc.so";
  void* wrapper = dlopen(name.c_str(), RTLD_LAZY);
  Dl_info libtorch;
  if (wrapper == nullptr && dladdr(reinterpret_cast<void*>(&at::get_num_threads), &libtorch) != 0) {
    // This library is not linked to libtorch, so its search path does not have libtorch's folder.
    const std::string path = libtorch.dli_fname;
    wrapper = dlopen((path.substr(0, path.rfind('/') + 1) + name).c_str(), RTLD_LAZY);
  }
  void* symbol = wrapper != nullptr ? dlsym(wrapper, "nvrtcVersion") : nullptr;
  Dl_info nvrtc;
  if (symbol == nullptr || dladdr(symbol, &nvrtc) == 0) return;  // there is only the system's
  const std::string path = nvrtc.dli_fname;
  const auto builtins = path.substr(0, path.rfind('/') + 1) + "libnvrtc-builtins.so.*";
  glob_t found = {};
  if (glob(builtins.c_str(), 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) dlopen(found.gl_pathv[i], RTLD_LAZY);
  }
  globfree(&found);
}

// Before CUDA starts on a device. Threads that wait for it are to sleep: by default they spin, on
// cores that decode pictures. Where that fails nothing but speed is lost.
void prepare_cuda(int index) {
  static std::mutex mutex;
  static std::set<int> prepared;
  const std::lock_guard<std::mutex> lock(mutex);
  if (prepared.empty()) load_nvrtc();
  if (!prepared.insert(index).second) return;
  constexpr unsigned kBlockingSync = 4;
  const Driver driver;
  int device = 0;
  if (driver.call("cuInit", 0u) == 0 && driver.call("cuDeviceGet", &device, index) == 0) {
    driver.call("cuDevicePrimaryCtxSetFlags_v2", device, kBlockingSync);
  }
}

}  // namespace

c10::Device device_of(vst_device d) {
  if (d.type != VST_CUDA) return c10::kCPU;
  prepare_cuda(d.index);
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(d.index));
}

// The version of the CUDA runtime stands in a text for people only.
std::string cuda_version() {
  if (!c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA)) return "";
  std::string config;
  try {
    config = at::detail::getCUDAHooks().showConfig();
  } catch (const std::exception&) {  // a device without ATen's CUDA library
    return "";
  }
  const std::string before = "CUDA Runtime ";
  const auto start = config.find(before);
  if (start == std::string::npos) return "";
  const auto from = start + before.size();
  return config.substr(from, config.find_first_not_of("0123456789.", from) - from);
}

char* get_info(vst_info* out) {
  *out = vst_info();
  return guard([&] {
    std::snprintf(out->libtorch, sizeof out->libtorch, "%s", loaded_version().c_str());
    using config = char* (*)();
    if (const auto get = reinterpret_cast<config>(find_symbol("openblas_get_config"))) {
      std::snprintf(out->blas, sizeof out->blas, "%s", get());
    } else if (at::hasMKL()) {
      std::snprintf(out->blas, sizeof out->blas, "MKL");
    }
    // at::hasCUDA also asks for a usable device.
    out->cuda_built = c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA) ? 1 : 0;
    std::snprintf(out->cuda, sizeof out->cuda, "%s", cuda_version().c_str());
    out->cuda_available = torch::cuda::is_available() ? 1 : 0;
    out->cuda_count = static_cast<int>(torch::cuda::device_count());
    out->threads = at::get_num_threads();
    const auto& context = at::globalContext();
    out->deterministic = context.deterministicCuDNN() && !context.benchmarkCuDNN() ? 1 : 0;
#if defined(__x86_64__)
    out->cpu_bf16 = __builtin_cpu_supports("avx512bf16") ? 1 : 0;
#endif
  });
}

char* get_cuda_info(int index, vst_cuda_info* out) {
  *out = vst_cuda_info();
  return guard([&] {
    const Driver driver;
    constexpr int kComputeMajor = 75, kComputeMinor = 76;
    int device = 0;
    size_t bytes = 0;
    driver.must("cuInit", 0u);
    driver.must("cuDeviceGet", &device, index);
    driver.must("cuDeviceGetName", &out->name[0], static_cast<int>(sizeof out->name), device);
    driver.must("cuDeviceTotalMem_v2", &bytes, device);
    driver.must("cuDeviceGetAttribute", &out->compute_major, kComputeMajor, device);
    driver.must("cuDeviceGetAttribute", &out->compute_minor, kComputeMinor, device);
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

void be_deterministic(bool on) {
  auto& context = at::globalContext();
  context.setDeterministicCuDNN(on);
  context.setBenchmarkCuDNN(!on);
}

char* set_deterministic(int on) {
  return guard([&] { be_deterministic(on != 0); });
}

}  // namespace vst
