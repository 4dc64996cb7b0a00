// Microstate accounting: what each thread of the node does with its time, erlang:statistics(microstate_accounting).
// Threads always say what they do; as long as nobody asks for the times, that is a load and a store.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace hanse {

enum class Microstate : uint8_t { aux, check_io, emulator, gc, other, port, sleep };
inline constexpr size_t microstate_count = 7;

enum class MicrostateThread : uint8_t { scheduler, dirty_cpu, dirty_io, poll };

// The calling thread takes part from now on, until it ends; only threads that never end may.
void account_microstates(MicrostateThread kind, unsigned id);

// What the calling thread does from now on; what it did before. Threads that do not take part may call it, too.
Microstate enter_microstate(Microstate state);

class MicrostateScope {
 public:
  explicit MicrostateScope(Microstate state) : before_(enter_microstate(state)) {}
  ~MicrostateScope() { enter_microstate(before_); }
  MicrostateScope(const MicrostateScope&) = delete;
  MicrostateScope& operator=(const MicrostateScope&) = delete;

 private:
  Microstate before_;
};

struct MicrostateTimes {
  MicrostateThread kind;
  unsigned id;
  std::array<uint64_t, microstate_count> ns;  // by Microstate, while they were measured
};
// Any thread.
std::vector<MicrostateTimes> microstate_times();
// Whether they were measured before.
bool measure_microstates(bool on);
bool microstates_are_measured();
void reset_microstates();

}  // namespace hanse
