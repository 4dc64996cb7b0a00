// Registered names of one machine. Any thread; lookups take no lock: names are a sparse array indexed by the atom.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/sparse_array.h"
#include "term/term.h"

namespace hanse {

class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  enum class Outcome : uint8_t { ok, taken, no_such_process, has_name };
  // holder: local pid or port; the process's registered_name is set as well.
  Outcome add(Term name, Term holder);
  // False if there is no such name.
  bool remove(Term name);
  // The process exits (its state says so already): its name, if it has one, becomes free.
  void remove_holder(Term pid);
  // The port closes: the name that it has, or none(). It no longer answers is_alive(), so that it gets no name afterwards.
  Term remove_port(Term port, const std::atomic<Word>& name);
  // Local pid or port, none() if absent.
  Term find(Term name) const {
    const std::atomic<Word>* holder = holders_.find(name.atom_index());
    return holder ? Term::from_word(holder->load(std::memory_order_acquire)) : Term::none();
  }
  std::vector<Term> names() const;

 private:
  void set(Term name, Term holder) REQUIRES_LOCK(mutex_);

  Mutex<LockRank::registry> mutex_;  // changes, and registered_name of processes
  SparseArray<std::atomic<Word>> holders_;  // by the index of the name
};

}  // namespace hanse
