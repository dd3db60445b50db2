#include <cstring>
#include <new>
#include <string>

#include "internal.h"

namespace vst {
namespace {

// The interpreter wraps an operator's error in a traceback whose last line has the reason; all
// other messages begin with theirs.
std::string one_line(const std::string& message) {
  const auto trim = [](std::string s) {
    const auto first = s.find_first_not_of(" \t\r\n");
    const auto last = s.find_last_not_of(" \t\r\n");
    return first == std::string::npos ? std::string() : s.substr(first, last - first + 1);
  };
  std::string text = trim(message);
  if (text.rfind("The following operation failed in the TorchScript interpreter", 0) == 0) {
    const auto reason = text.rfind("RuntimeError: ");
    if (reason != std::string::npos) text = text.substr(reason + strlen("RuntimeError: "));
  }
  text = trim(text.substr(0, text.find('\n')));
  // Names of types come with an address, which is another one each time.
  const std::string unit = " (of Python compilation unit at: ";
  for (size_t at; (at = text.find(unit)) != std::string::npos;) {
    const auto end = text.find(')', at);
    text.erase(at, end == std::string::npos ? end : end + 1 - at);
  }
  return text;
}

}  // namespace

char out_of_memory[] = "out of memory";

char* c_string(const std::string& s) {
  char* out = strdup(s.c_str());
  if (out == nullptr) throw std::bad_alloc();
  return out;
}

char* current_error() noexcept {
  try {
    try {
      throw;
    } catch (const c10::Error& e) {
      return c_string(one_line(e.what_without_backtrace()));
    } catch (const std::exception& e) {
      return c_string(one_line(e.what()));
    } catch (...) {
      return c_string("unknown C++ exception");
    }
  } catch (...) {
    return out_of_memory;
  }
}

}  // namespace vst
