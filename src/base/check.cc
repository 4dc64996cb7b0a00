#include "base/check.h"

#include <execinfo.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "base/check_hook.h"

#if __has_feature(undefined_behavior_sanitizer)
// What it finds ends the program: no test passes with it.
extern "C" const char* __ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1"; }
#endif

namespace hanse {

// Written by main at start, taken by the first thread that fails.
static std::atomic<void (*)(const char*)> check_hook{nullptr};

void set_check_hook(void (*hook)(const char* text)) { check_hook.store(hook, std::memory_order_release); }

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "hanse: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::fflush(stderr);
  // Addresses of an executable that is not position independent: addr2line -e hanse-vm tells where they are.
  void* frames[32];
  backtrace_symbols_fd(frames, backtrace(frames, 32), 2);
  if (auto* hook = check_hook.exchange(nullptr, std::memory_order_acq_rel)) {
    char text[256];
    std::snprintf(text, sizeof text, "internal error: %s does not hold (%s:%d)", condition, file, line);
    hook(text);
  }
  std::abort();
}

}  // namespace hanse
