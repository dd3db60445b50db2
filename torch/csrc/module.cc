#include <caffe2/serialize/inline_container.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cstring>

#include "internal.h"
#include "quiet.h"
#include "trust.h"

namespace vst {
namespace {

// An archive in several pieces of memory, which the caller keeps alive.
class Pieces : public caffe2::serialize::ReadAdapterInterface {
 public:
  Pieces(const vst_span* spans, size_t n) : spans_(spans, spans + n) {
    for (const auto& span : spans_) {
      starts_.push_back(size_);
      size_ += span.bytes;
    }
  }
  size_t size() const override { return size_; }
  size_t read(uint64_t pos, void* buf, size_t n, const char* = "") const override {
    if (pos >= size_) return 0;
    size_t i = std::upper_bound(starts_.begin(), starts_.end(), pos) - starts_.begin() - 1;
    size_t done = 0;
    for (; done < n && i < spans_.size(); ++i) {
      const size_t from = pos + done - starts_[i];
      const size_t take = std::min(spans_[i].bytes - from, n - done);
      if (take == 0) continue;
      std::memcpy(static_cast<char*>(buf) + done, static_cast<const char*>(spans_[i].data) + from,
                  take);
      done += take;
    }
    return done;
  }

 private:
  std::vector<vst_span> spans_;
  std::vector<size_t> starts_;
  size_t size_ = 0;
};

void check_code(const std::shared_ptr<Pieces>& archive, bool trusted) {
  caffe2::serialize::PyTorchStreamReader reader(archive);
  for (const auto& name : reader.getAllRecords()) {
    if (name.rfind("code/", 0) != 0) continue;
    const auto [data, bytes] = reader.getRecord(name);
    const std::string text(static_cast<const char*>(data.get()), bytes);
    check_code_size(text);
    check_definitions(text, trusted);
  }
}

}  // namespace

void distrust(const std::string& reason) {
  TORCH_CHECK(false, "not trusted: ", reason,
              "; if you know who made the model, allow all that it does with --trust-model");
}

char* module_load(const vst_span* spans, size_t n, vst_device device, int trusted,
                  vst_module** out) {
  *out = nullptr;
  return guard([&] {
    const Quiet quiet;  // the compiler's warnings quote the model's text
    const auto archive = std::make_shared<Pieces>(spans, n);
    check_code(archive, trusted != 0);
    auto module = std::make_unique<vst_module>(torch::jit::load(archive, device_of(device)),
                                               device_of(device));
    module->trusted = trusted != 0;
    check_values(module->value);
    if (!module->trusted) check_operators(module->value);
    module->value.eval();
    *out = module.release();
  });
}

char* module_close(vst_module* m) {
  return guard([&] { delete m; });
}

}  // namespace vst
