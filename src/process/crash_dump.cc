#include "process/crash_dump.h"

#include <atomic>
#include <mutex>

namespace hanse {

// Written once at start (release), read by whoever crashes (acquire).
static std::atomic<void (*)(std::string_view)> crash_dump_writer{nullptr};

void set_crash_dump_writer(void (*writer)(std::string_view slogan)) { crash_dump_writer.store(writer, std::memory_order_release); }

void write_crash_dump(std::string_view slogan) {
  static thread_local bool writing = false;  // an error while it is written
  if (writing) return;
  static std::once_flag once;
  std::call_once(once, [slogan] {
    writing = true;
    if (auto* writer = crash_dump_writer.load(std::memory_order_acquire)) writer(slogan);
  });
}

}  // namespace hanse
