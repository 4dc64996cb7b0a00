// Registered names of one machine. Any thread; lookups lock for a few instructions.
#pragma once

#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "term/term.h"

namespace hanse {

class Registry {
 public:
  enum class Outcome : uint8_t { ok, taken, no_such_process, has_name };
  // local pid or port; the process's registered_name is set as well.
  Outcome add(Term name, Term holder);
  // False if there is no such name.
  bool remove(Term name);
  // The process or port exits: removes the name only if it is still the holder.
  void remove_holder(Term name, Term holder);
  // Local pid or port, none() if absent.
  Term find(Term name);
  std::vector<Term> names();

 private:
  Mutex<LockRank::registry> mutex_;
  std::unordered_map<uint32_t, Term> names_ GUARDED_BY(mutex_);  // atom index -> holder
};

}  // namespace hanse
