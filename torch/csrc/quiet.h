#ifndef VSTORCH_QUIET_H
#define VSTORCH_QUIET_H

#include <c10/util/Exception.h>
#include <torch/version.h>

namespace vst {

// Keeps this thread's warnings of libtorch from stderr.
class Quiet {
  struct Handler : c10::WarningHandler {
#if TORCH_VERSION_MAJOR >= 2
    void process(const c10::Warning&) override {}
#else
    void process(const c10::SourceLocation&, const std::string&, const bool) override {}
#endif
  };
  Handler handler_;
#if TORCH_VERSION_MAJOR >= 2
  c10::WarningUtils::WarningHandlerGuard guard_{&handler_};
#else
  c10::Warning::WarningHandlerGuard guard_{&handler_};
#endif
};

}  // namespace vst

#endif
