// Which libtorch is loaded. Its headers say only which one this library was compiled for.
#include <ATen/Version.h>
#include <c10/util/Exception.h>
#include <elf.h>
#include <link.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>

#include "internal.h"

namespace vst {
namespace {

std::string headers_version() {
  return c10::str(TORCH_VERSION_MAJOR, ".", TORCH_VERSION_MINOR, ".", TORCH_VERSION_PATCH);
}

// What stands in a text before `after`, from the last `before` on; "" where it does not.
std::string between(const std::string& text, const std::string& before, const std::string& after,
                    size_t from) {
  const auto to = text.find(after, from);
  const auto start = to != std::string::npos ? text.rfind(before, to) : to;
  return start != std::string::npos && start >= from
             ? text.substr(start + before.size(), to - start - before.size())
             : "";
}

// What the library calls itself, as its headers do; "" where it does not say.
std::string own_version(const std::string& config) {
  const std::string key = "TORCH_VERSION=";
  return between(config, key, ",", std::min(config.find(key), config.size()));
}

// The parts of libtorch that compute, or hold what is computed with. Others are loaded only when
// something needs them.
bool computes(const std::string& path) {
  const auto file = path.substr(path.rfind('/') + 1);
  const auto name = file.substr(0, file.find(".so"));
  for (const auto* part : {"libc10", "libtorch_cpu", "libc10_cuda", "libtorch_cuda",
                           "libtorch_cuda_cpp", "libtorch_cuda_cu"}) {
    if (name == part) return true;
  }
  return false;
}

// The GNU build ID among the notes of a loaded file, in hexadecimal; "" where there is none.
std::string build_id(const dl_phdr_info& file) {
  const auto padded = [](size_t n) { return (n + 3) / 4 * 4; };
  for (int i = 0; i < file.dlpi_phnum; ++i) {
    const auto& header = file.dlpi_phdr[i];
    if (header.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const char*>(file.dlpi_addr + header.p_vaddr);
    const auto* end = at + header.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof note);
      const char* name = at + sizeof note;
      const char* value = name + padded(note.n_namesz);
      at = value + padded(note.n_descsz);
      if (at > end) break;
      if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || std::memcmp(name, "GNU", 4) != 0)
        continue;
      std::string id;
      for (size_t k = 0; k < note.n_descsz; ++k) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(value[k]));
        id += digits;
      }
      return id;
    }
  }
  return "";
}

}  // namespace

std::string loaded_version() {
  const auto config = at::show_config();
  // Debian's 1.13.1 calls itself 1.13.0, but says in which folder it was compiled:
  // /build/pytorch-BBcGlf/pytorch-1.13.1+dfsg.
  auto version = between(config, "/pytorch-", "+dfsg", 0);
  if (version.empty()) version = own_version(config);
  return version.empty() ? headers_version() : version;
}

void check_version() {
  const auto minor = [](const std::string& version) {
    return version.substr(0, version.find('.', version.find('.') + 1));
  };
  const auto compiled = minor(headers_version()), loaded = minor(own_version(at::show_config()));
  TORCH_CHECK(loaded.empty() || loaded == compiled, "it was built for libtorch ", compiled,
              " and finds ", loaded);
}

char* library_files(char** out) {
  *out = nullptr;
  return guard([&] {
    std::string lines;
    const auto add = [](dl_phdr_info* file, size_t, void* to) {
      try {
        const std::string path = file->dlpi_name;
        if (computes(path)) *static_cast<std::string*>(to) += path + "\t" + build_id(*file) + "\n";
        return 0;
      } catch (const std::bad_alloc&) {
        return 1;
      }
    };
    if (dl_iterate_phdr(add, &lines) != 0) throw std::bad_alloc();
    *out = c_string(lines);
  });
}

}  // namespace vst
