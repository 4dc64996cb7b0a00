// erlang:system_monitor/2 and erlang:system_profile/2: one process (or port) is told of unusual or all events of the whole
// node. Set by any thread; every event is told by the thread where it happens.
#pragma once

#include <atomic>
#include <memory>

#include "process/process.h"
#include "process/stored_term.h"
#include "process/timer_service.h"

namespace hanse {

namespace monitored_event {
inline constexpr uint32_t long_gc = 1, long_schedule = 2, large_heap = 4, busy_port = 8, busy_dist_port = 16;
inline constexpr uint32_t collections = long_gc | large_heap;
}
// What is monitored now: a test of this word comes before everything else.
extern std::atomic<uint32_t> monitored_events;

struct SystemMonitor {
  Term pid = Term::none();  // local; none(): there is none
  uint32_t events = 0;
  uint64_t long_gc_ms = 0, long_schedule_ms = 0, large_heap_words = 0;
};
SystemMonitor system_monitor();
void set_system_monitor(const SystemMonitor& monitor);

// For OTP's tests: every collection that is monitored takes so much longer.
extern std::atomic<uint32_t> collection_delay_ms;
void monitor_collection(Process& process, uint64_t took_ns);
// A slice whose length somebody wants to know; of the thread that runs it.
class WatchedSlice {
 public:
  explicit WatchedSlice(Process& process);
  // process: nullptr if it has exited.
  void ended(Process* process);

 private:
  const Term pid_;
  const uint64_t began_ns_;
  StoredTerm in_;
};
// nullptr: nobody watches.
inline std::unique_ptr<WatchedSlice> watch_slice(Process& process) {
  if ((monitored_events.load(std::memory_order_relaxed) & monitored_event::long_schedule) == 0) [[likely]] return nullptr;
  return std::make_unique<WatchedSlice>(process);
}
// operation: what the port was at work on: input, output or timeout.
void monitor_port_schedule(Term port, uint64_t took_ns, Term operation);
// {monitor, SuspendedPid, busy_port, Port}
void monitor_busy(Term process, Term what, Term port);

namespace profiled {
inline constexpr uint32_t runnable_procs = 1, runnable_ports = 2, scheduler = 4, exclusive = 8;
}
extern std::atomic<uint32_t> profiled_events;
struct SystemProfile {
  Term profiler = Term::none();  // local pid or port
  uint32_t events = 0;
  uint32_t timestamps = 0;  // trace_flag bits; 0: timestamp
};
SystemProfile system_profile();
void set_system_profile(const SystemProfile& profile);
void profile_process(Process& process, bool becomes_active);
void profile_port(Term port, bool becomes_active);
// active_schedulers: of all, after the change.
void profile_scheduler(unsigned id, bool becomes_active, unsigned active_schedulers);

}  // namespace hanse
