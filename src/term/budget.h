// What the guest whose code runs on this thread may still take. It is asked where memory and names come into being, before
// they do: a refusal becomes error:system_limit in the caller, as if the node itself had no more.
#pragma once

#include <cstddef>

namespace hanse {

class Budget {
 public:
  // Whether a block of so many bytes may be allocated. Nothing is counted: what is held is charged to the account of the machine.
  virtual bool admits_bytes(size_t bytes) = 0;
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

// Smaller blocks are not asked for one by one.
inline constexpr size_t budgeted_block_bytes = 4096;
inline bool budget_admits_bytes(size_t bytes) {
  return thread_budget == nullptr || bytes < budgeted_block_bytes || thread_budget->admits_bytes(bytes);
}

}  // namespace hanse
