#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fake.h"

namespace fake {
namespace {

constexpr c10::StreamId kStreams = 32;  // in the pool that libtorch hands out, round robin

struct Stream {
  int64_t launched = 0;                                    // operators so far
  int64_t waited_for = 0;                                  // as many of them are known to be done
  std::vector<std::pair<at::Tensor, at::Tensor>> pending;  // copies: to, from
};

struct Write {
  c10::StreamId stream;
  int64_t operation;
};

std::recursive_mutex mutex;  // freeing what a pending copy held takes it again
std::map<c10::StreamId, Stream> streams;
std::unordered_map<const void*, Write> writes;  // the last one to each block of device memory
thread_local c10::StreamId current = 0;

const c10::Device kDevice(c10::kCUDA, 0);

c10::Stream stream_of(c10::StreamId id) { return c10::Stream(c10::Stream::UNSAFE, kDevice, id); }

const void* block(const at::Tensor& t) { return t.storage().data_ptr().get(); }

void finish(Stream& s) {
  for (const auto& copy : s.pending) on_host(copy.first).copy_(copy.second);
  s.pending.clear();
}

void wait_for(Stream& s) {
  const char* must_not = std::getenv("FAKE_CUDA_MUST_NOT_WAIT");
  TORCH_CHECK(must_not == nullptr || *must_not == '\0', "this waits for the device");
  finish(s);
  s.waited_for = s.launched;
}

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return c10::kCUDA; }
  c10::Device exchangeDevice(c10::Device) const override { return kDevice; }
  c10::Device getDevice() const override { return kDevice; }
  void setDevice(c10::Device d) const override {
    TORCH_CHECK(d.index() <= 0, "the fake CUDA device is the only one; there is no ", d);
  }
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  c10::Stream getStream(c10::Device) const noexcept override { return stream_of(current); }
  c10::Stream exchangeStream(c10::Stream s) const noexcept override {
    return stream_of(std::exchange(current, s.id()));
  }
  c10::Stream getDefaultStream(c10::Device) const override { return stream_of(0); }
  c10::Stream getStreamFromGlobalPool(c10::Device, bool) const override {
    static std::atomic<c10::StreamId> next{0};
    return stream_of(1 + next++ % kStreams);
  }
};

C10_REGISTER_GUARD_IMPL(CUDA, Guard);

}  // namespace

void launch() {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  finish(streams[current]);
  ++streams[current].launched;
}

void reads(const at::Tensor& t) {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  const auto write = writes.find(block(t));
  if (write == writes.end() || write->second.stream == current) return;
  TORCH_CHECK(write->second.operation <= streams[write->second.stream].waited_for, "race: stream ",
              current, " reads what stream ", write->second.stream,
              " writes, without waiting for it");
}

void wrote(const at::Tensor& t) {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  writes[block(t)] = {current, streams[current].launched};
}

void forget(const void* p) {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  writes.erase(p);
}

void copy_later(const at::Tensor& to, const at::Tensor& from) {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  streams[current].pending.emplace_back(to, from);
}

void synchronize_stream() {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  wait_for(streams[current]);
}

void synchronize_device() {
  const std::lock_guard<std::recursive_mutex> lock(mutex);
  for (auto& s : streams) wait_for(s.second);
}

at::Tensor on_host(const at::Tensor& t) {
  return at::from_blob(t.data_ptr(), t.sizes(), t.strides(), t.options().device(at::kCPU));
}

}  // namespace fake
