// Generational copying collection of one process heap (Cheney 1970; generations as in BEAM: what survives twice is old).
#pragma once

#include <span>

#include "heap/process_heap.h"
#include "term/literal.h"

namespace hanse {

// Proof that no C++ frame above holds terms of the heap: only the engine and the scheduler make one.
class Safepoint {
 private:
  friend class Engine;
  friend class SchedulerThread;
  friend class SafepointForTest;
  Safepoint() = default;
};

// Everything outside the heap that refers into it. The stack is found by the collector itself.
class RootVisitor {
 public:
  virtual void visit(std::span<Term> roots) = 0;

 protected:
  ~RootVisitor() = default;
};
class RootSet {
 public:
  virtual void visit_roots(RootVisitor& visitor) = 0;

 protected:
  ~RootSet() = default;
};

enum class CollectionKind : uint8_t { minor, full };
struct CollectionResult {
  bool heap_limit_exceeded = false;  // settings.maximum_words; nothing was done
  bool out_of_memory = false;        // nothing was done
  size_t work_words = 0;             // words copied: what to charge in reductions
};

// Makes room for `need_words` above the top and collects garbage. evacuate: a literal area about to go away, whose terms
// are copied into the heap as well (implies full).
CollectionResult collect(Safepoint, ProcessHeap& heap, RootSet& roots, CollectionKind kind, size_t need_words,
                         const LiteralArea* evacuate = nullptr);

}  // namespace hanse
