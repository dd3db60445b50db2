#include <cstdlib>
#include <cstring>
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
  return trim(text.substr(0, text.find('\n')));
}

char* copy(const std::string& s) {
  char* out = static_cast<char*>(std::malloc(s.size() + 1));
  if (out != nullptr) std::memcpy(out, s.c_str(), s.size() + 1);
  return out;
}

}  // namespace

char* current_error() noexcept {
  // Without memory for a message there is still an error to report, and the caller frees it.
  const auto last_resort = [] { return strdup("out of memory"); };
  try {
    try {
      throw;
    } catch (const c10::Error& e) {
      char* m = copy(one_line(e.what_without_backtrace()));
      return m != nullptr ? m : last_resort();
    } catch (const std::exception& e) {
      char* m = copy(one_line(e.what()));
      return m != nullptr ? m : last_resort();
    } catch (...) {
      return strdup("unknown C++ exception");
    }
  } catch (...) {
    return last_resort();
  }
}

}  // namespace vst
