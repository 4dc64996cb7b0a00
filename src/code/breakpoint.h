// Breakpoints of the tracer. A local one replaces the first word of a function's entry instruction, the word that names its
// handler, by that of `breakpoint`: one aligned store, seen at once by every thread, and the operands stay where they are, so
// that the original handler can still run in place. A breakpoint of an export is a pair of words of its own that the export
// points at instead of the code. Made and changed under LockRank::code_load; read by everybody under an epoch guard.
#pragma once

#include <atomic>
#include <cstddef>

#include "code/instruction.h"

namespace hanse {

// What the tracer keeps for one function; belongs to the module or to the export, and goes with it.
class Breakpoint {
 public:
  virtual ~Breakpoint() = default;
  uint32_t original = 0;  // the word that was replaced; set before the word is
};

// The breakpoint of an export. Never freed: a process may be about to run its words.
struct ExportBreakpoint {
  alignas(8) uint32_t words[2];
  Export* owner = nullptr;
  std::atomic<Ip> target{nullptr};  // where the export led, and leads behind the breakpoint
  Breakpoint* data = nullptr;

  static ExportBreakpoint& of(Ip ip) {
    return *reinterpret_cast<ExportBreakpoint*>(reinterpret_cast<uintptr_t>(ip) - offsetof(ExportBreakpoint, words));
  }
};

// Where the export leads when breakpoints are not counted.
inline Ip code_of_export(const Export& target) {
  Ip entry = target.entry.load(std::memory_order_acquire);
  ExportBreakpoint* breakpoint = target.breakpoint.load(std::memory_order_acquire);
  return breakpoint != nullptr && entry == breakpoint->words ? breakpoint->target.load(std::memory_order_acquire) : entry;
}
// Makes the export lead there; a breakpoint on it is gone.
inline void set_code_of_export(Export& target, Ip code) {
  if (ExportBreakpoint* breakpoint = target.breakpoint.load(std::memory_order_acquire))
    breakpoint->target.store(code, std::memory_order_release);
  target.entry.store(code, std::memory_order_release);
}

// Called under LockRank::code_load when a module's code has become current, or is current no longer.
class CodeChangeHook {
 public:
  virtual ~CodeChangeHook() = default;
  virtual void became_current(class Module& module) = 0;
  virtual void withdrawn(class Module& module) = 0;
};
void set_code_change_hook(CodeChangeHook* hook);

}  // namespace hanse
