// What is traced of one function: the settings behind its breakpoint. Settings are immutable and replaced as a whole, under
// LockRank::code_load; whoever calls the function reads them under an epoch guard.
#pragma once

#include <mutex>
#include <unordered_map>

#include "base/ref.h"
#include "code/breakpoint.h"
#include "ets/match_spec.h"
#include "process/tracer.h"

namespace hanse {

// A compiled match specification that many functions share.
struct TracePattern : RefCounted<TracePattern> {
  MatchProgram program;
  bool is_empty = true;  // true or []: everything matches
  static void destroy(TracePattern* pattern) { delete pattern; }
};

struct CallCount : RefCounted<CallCount> {
  std::atomic<uint64_t> calls{0};
  std::atomic<bool> paused{false};
  static void destroy(CallCount* count) { delete count; }
};

// Calls and time spent, by process.
struct CallTime : RefCounted<CallTime> {
  struct Figures {
    uint64_t calls = 0, ns = 0;
  };
  std::mutex mutex;  // a leaf: nothing is locked under it
  std::unordered_map<Word, Figures> by_process;
  std::atomic<bool> paused{false};
  static void destroy(CallTime* time) { delete time; }
  void add(Term pid, uint64_t calls, uint64_t ns) {
    std::lock_guard lock(mutex);
    Figures& figures = by_process[pid.word()];
    figures.calls += calls;
    figures.ns += ns;
  }
};

enum class CallScope : uint8_t { none, global, local };

struct FunctionTraceSettings {
  CallScope scope = CallScope::none;
  Ref<TracePattern> pattern;  // of calls; not nullptr if scope is set
  Ref<TracePattern> meta;     // nullptr: no meta trace
  Tracer meta_tracer;         // none(): it has gone
  Ref<CallCount> count;
  Ref<CallTime> time;
  bool is_empty() const { return scope == CallScope::none && !meta && !count && !time; }
};

class FunctionTrace final : public Breakpoint {
 public:
  ~FunctionTrace() override { delete settings_.load(std::memory_order_relaxed); }
  const FunctionTraceSettings* settings() const { return settings_.load(std::memory_order_acquire); }
  void set(const FunctionTraceSettings& settings);
  // A call has found that the meta tracer has gone. Any thread.
  std::atomic<bool> has_lost_meta_tracer{false};

 private:
  std::atomic<const FunctionTraceSettings*> settings_{nullptr};
};

}  // namespace hanse
