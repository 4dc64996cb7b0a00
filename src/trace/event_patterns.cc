#include "trace/event_patterns.h"

#include "base/epoch.h"
#include "process/process_table.h"
#include "trace/trace_match.h"

namespace hanse {

namespace {

struct Patterns {
  std::mutex mutex;  // a leaf
  Ref<TracePattern> send = Ref<TracePattern>::adopt(new TracePattern), receive = Ref<TracePattern>::adopt(new TracePattern);
  Ref<TracePattern>& of(TracedEvent event) { return event == TracedEvent::send ? send : receive; }
};
Patterns& patterns() {
  static auto* only = new Patterns;
  return *only;
}

bool matches(TracedEvent event, Process& process, std::span<const Term> arguments, Arena& arena, Term& extra) {
  Ref<TracePattern> pattern = event_pattern(event);
  if (!pattern) return false;
  MatchResult result = run_pattern(*pattern, {process}, arguments, arena);
  extra = result.message;
  if (!pattern->is_empty && is_traced(process, trace_flag::silent)) return false;
  return result.matches && result.message != am::false_;
}

class Events final : public EventPatterns {
 public:
  bool matches_send(Process& process, Term to, Term message, Arena& arena, Term& extra) override {
    Term arguments[] = {to, message};
    return matches(TracedEvent::send, process, arguments, arena, extra);
  }
  bool matches_receive(Process& process, Term from, Term node, Term message, Arena& arena, Term& extra) override {
    Term arguments[] = {node, from, message};
    return matches(TracedEvent::receive, process, arguments, arena, extra);
  }
};

}  // namespace

Ref<TracePattern> event_pattern(TracedEvent event) {
  std::lock_guard lock(patterns().mutex);
  return patterns().of(event);
}

void set_event_pattern(TracedEvent event, Ref<TracePattern> pattern) {
  bool asks = pattern && !pattern->is_empty;
  {
    std::lock_guard lock(patterns().mutex);
    patterns().of(event) = std::move(pattern);
  }
  if (event != TracedEvent::receive) return;
  receivers_ask_for_senders.store(asks, std::memory_order_relaxed);
  // New processes inherit it from their parents.
  for_each_process([&](Process& process) {
    if (asks) process.trace_flags.fetch_or(trace_flag::notes_sender, std::memory_order_relaxed);
    else process.trace_flags.fetch_and(~trace_flag::notes_sender, std::memory_order_relaxed);
  });
}

EventPatterns& patterns_of_events() {
  static auto* only = new Events;
  return *only;
}

}  // namespace hanse
