#include <torch/csrc/jit/api/module.h>

#include <cstdlib>
#include <cstring>
#include <istream>
#include <streambuf>

#include "internal.h"

namespace vst {
namespace {

// Reads memory that the caller keeps alive, without a copy.
class MemoryBuffer : public std::streambuf {
 public:
  MemoryBuffer(const void* data, size_t bytes) {
    char* begin = const_cast<char*>(static_cast<const char*>(data));
    setg(begin, begin, begin + bytes);
  }

 protected:
  pos_type seekoff(off_type off, std::ios_base::seekdir dir, std::ios_base::openmode) override {
    char* base = dir == std::ios_base::beg ? eback() : dir == std::ios_base::cur ? gptr() : egptr();
    if (off < eback() - base || off > egptr() - base) return pos_type(off_type(-1));
    setg(eback(), base + off, egptr());
    return pos_type(gptr() - eback());
  }
  pos_type seekpos(pos_type pos, std::ios_base::openmode which) override {
    return seekoff(off_type(pos), std::ios_base::beg, which);
  }
};

}  // namespace

char* module_load(const void* archive, size_t bytes, vst_device device, const char* extra_name,
                  char** extra, vst_module** out) {
  *out = nullptr;
  *extra = nullptr;
  return guard([&] {
    MemoryBuffer buffer(archive, bytes);
    std::istream stream(&buffer);
    torch::jit::ExtraFilesMap files{{extra_name, ""}};
    auto module = std::make_unique<vst_module>(torch::jit::load(stream, device_of(device), files),
                                               device_of(device));
    module->value.eval();
    *extra = c_string(files[extra_name]);
    *out = module.release();
  });
}

char* module_close(vst_module* m) {
  return guard([&] { delete m; });
}

}  // namespace vst
