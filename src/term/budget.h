// What the guest whose code runs on this thread may still take. It is asked where memory and names come into being, before
// they do: a refusal becomes error:system_limit in the caller, as if the node itself had no more.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hanse {

class Budget {
 public:
  // Whether a block of so many bytes may be allocated. Nothing is counted: what is held is charged to the account of the machine.
  virtual bool admits_bytes(size_t bytes) = 0;
  // Words of a copy of one term.
  virtual size_t most_words() = 0;
  // A walk over a term, or a copy of one, has become too long: its process ends, and nobody will see what came of it.
  virtual void gone_too_far() = 0;
  // Whether a new atom may be made; counts it.
  virtual bool admits_atom() = 0;
  // Bytes off all heaps that were taken while this budget was in force come into being, and go: on any thread.
  virtual void off_heap_taken(size_t bytes) = 0;
  virtual void off_heap_resized(ptrdiff_t more_bytes) = 0;
  virtual void off_heap_freed(size_t bytes) = 0;

 protected:
  ~Budget() = default;
};

// nullptr: there are no limits. Set by the scheduler for the length of a slice.
inline constinit thread_local Budget* thread_budget = nullptr;

// Steps of a walk over a term. Parts of a term may be shared, so that a walk is exponentially longer than the term takes memory. While a
// guest has gone too far, all of its walks end at once: whatever calls them returns soon.
inline constexpr uint32_t steps_of_walk = uint32_t{1} << 25;
inline constinit thread_local uint32_t thread_walk_steps = steps_of_walk;

class WalkSteps {
 public:
  // False: the walk ends here.
  bool go_on() { return --left_ > 0 || goes_on_for_long(); }
  // What was gone through at once: elements, or blocks of bytes. The walk ends at the next step if that was too much.
  void take(size_t steps) { left_ = steps < left_ ? left_ - static_cast<uint32_t>(steps) : 1; }
  void take_bytes(size_t bytes) { take(bytes / bytes_of_step); }
  // The next step is the last one, if a budget is in force.
  void end() { left_ = 1; }

 private:
  static constexpr size_t bytes_of_step = 32;
  bool goes_on_for_long() {
    left_ = steps_of_walk;
    if (thread_budget == nullptr) return true;
    thread_walk_steps = 1;
    left_ = 1;
    thread_budget->gone_too_far();
    return false;
  }
  uint32_t left_ = thread_walk_steps;
};

// Smaller blocks are not asked for one by one.
inline constexpr size_t budgeted_block_bytes = 4096;
inline bool budget_admits_bytes(size_t bytes) {
  return thread_budget == nullptr || bytes < budgeted_block_bytes || thread_budget->admits_bytes(bytes);
}

}  // namespace hanse
