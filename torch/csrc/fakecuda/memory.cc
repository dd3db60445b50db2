// Device memory, page-locked memory, and what libtorch asks about the device.
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/Allocator.h>
#include <torch/version.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "fake.h"

namespace fake {
namespace {

constexpr size_t kDefaultMemory = size_t{8} << 30;  // that driver.c tells of, too
constexpr size_t kAlignment = 256;
constexpr int kNaN = 0xff;  // each byte of one

size_t memory() {
  const char* text = std::getenv("FAKE_CUDA_MEMORY");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : kDefaultMemory;
}

void* allocate_aligned(size_t bytes) {
  const size_t whole = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* p = std::aligned_alloc(kAlignment, whole);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

// Knows its blocks' sizes.
class Blocks {
 public:
  void add(void* p, size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    sizes_[p] = bytes;
    used_ += bytes;
  }
  size_t remove(void* p) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto block = sizes_.find(p);
    const size_t bytes = block->second;
    used_ -= bytes;
    sizes_.erase(block);
    return bytes;
  }
  bool has(const void* p) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return sizes_.count(p) != 0;
  }
  size_t used() const { return used_; }

 private:
  std::mutex mutex_;
  std::unordered_map<const void*, size_t> sizes_;
  std::atomic<size_t> used_{0};
};

Blocks device_blocks;
Blocks pinned_blocks;

void free_device(void* p) {
  if (p == nullptr) return;
  forget(p);
  std::memset(p, kNaN, device_blocks.remove(p));
  std::free(p);
}

void free_pinned(void* p) {
  if (p == nullptr) return;
  pinned_blocks.remove(p);
  std::free(p);
}

struct Base : c10::Allocator {
#if TORCH_VERSION_MAJOR >= 2
  c10::DataPtr allocate(size_t bytes) override { return make(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }
#else
  c10::DataPtr allocate(size_t bytes) const override { return make(bytes); }
#endif
  virtual c10::DataPtr make(size_t bytes) const = 0;
};

struct DeviceAllocator final : Base {
  c10::DataPtr make(size_t bytes) const override {
    const c10::Device device(c10::kCUDA, 0);
    if (bytes == 0) return {nullptr, nullptr, &free_device, device};
    const auto unused = [] { return memory() - std::min(memory(), device_blocks.used()); };
    if (bytes > unused()) synchronize_device();  // for what pending copies hold
    const size_t free = unused();
    // In the words of CUDA's allocator.
    TORCH_CHECK(bytes <= free, "CUDA out of memory. Tried to allocate ", bytes >> 20,
                " MiB. GPU 0 has a total capacity of ", memory() >> 20, " MiB of which ",
                free >> 20, " MiB is free.");
    void* p = allocate_aligned(bytes);
    std::memset(p, kNaN, bytes);
    device_blocks.add(p, bytes);
    return {p, p, &free_device, device};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_device; }
};

struct PinnedAllocator final : Base {
  c10::DataPtr make(size_t bytes) const override {
    if (bytes == 0) return {nullptr, nullptr, &free_pinned, c10::kCPU};
    void* p = allocate_aligned(bytes);
    pinned_blocks.add(p, bytes);
    return {p, p, &free_pinned, c10::kCPU};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_pinned; }
};

DeviceAllocator device_allocator;
PinnedAllocator pinned_allocator;
REGISTER_ALLOCATOR(c10::kCUDA, &device_allocator);

// libtorch asks for it by this name.
struct CUDAHooks final : at::CUDAHooksInterface {
  explicit CUDAHooks(at::CUDAHooksArgs) {}
  bool hasCUDA() const override { return true; }
  c10::Allocator* getPinnedMemoryAllocator() const override { return &pinned_allocator; }
  int getNumGPUs() const override { return 1; }
  std::string showConfig() const override { return "  - a CUDA device that the CPU plays\n"; }
#if TORCH_VERSION_MAJOR >= 2
  void init() const override {}
  // Asked for by later ones than 2.0.
  bool isBuilt() const { return true; }
  bool isAvailable() const { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  bool isPinnedPtr(const void* p) const override { return is_pinned(p); }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  void deviceSynchronize(c10::DeviceIndex) const override { synchronize_device(); }
#else
  void initCUDA() const override {}
  bool isPinnedPtr(void* p) const override { return is_pinned(p); }
  int64_t current_device() const override { return 0; }
  void deviceSynchronize(int64_t) const override { synchronize_device(); }
#endif
};

using at::CUDAHooksRegistry;
using at::RegistererCUDAHooksRegistry;
REGISTER_CUDA_HOOKS(CUDAHooks);

}  // namespace

bool is_pinned(const void* p) { return pinned_blocks.has(p); }

}  // namespace fake
