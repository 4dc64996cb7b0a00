// Mutexes with a rank: a thread may only lock a mutex of a higher rank than those it holds. The enum below is the
// lock order of the whole virtual machine; debug builds assert it. No lock is held while guest code runs.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/check.h"
#include "base/compiler.h"

namespace hanse {

// Lock order, outermost first.
enum class LockRank : uint8_t {
  code_load,      // code changes: finish_loading, purge, delete
  port,           // one port's state
  port_table,
  poller,
  remote_nodes,   // the table of other nodes, and who is told of them
  remote_node,    // which connection a node has
  connection,     // one connection's queues
  registry,
  ets_registry,
  ets_table,
  process_table,
  machine,        // one guest's processes and settings
  machines,       // the table of guests and realms
  timer,
  literal_areas,
  code_memory,    // room for words of modules and machine code
  persistent_terms,
  exports,
  fun_entries,
  pool,           // exports and funs of guests that have gone
  nodes,
  trace,          // what is traced of processes and ports
  atoms,
  gateway,        // a table of the gateway: keys, sessions, nonces, exchanges. One at a time
  guest_queue,    // whose turn it is among guests
  run_queue,
  log,
  freed_blocks,   // large blocks of memory that are kept
};

namespace detail {
#ifndef NDEBUG
inline thread_local uint64_t held_ranks = 0;  // one bit per rank held by this thread
#endif
}  // namespace detail

// For whoever tells of a fatal error, whatever the thread was doing: no complaints about the order of locks any more.
inline void forget_held_locks() {
#ifndef NDEBUG
  detail::held_ranks = 0;
#endif
}

template <LockRank rank>
class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() ACQUIRE_LOCK() {
    note_locked();
    mutex_.lock();
  }
  bool try_lock() TRY_ACQUIRE_LOCK(true) {
    if (!mutex_.try_lock()) return false;
#ifndef NDEBUG
    detail::held_ranks |= bit;
#endif
    return true;
  }
  void unlock() RELEASE_LOCK() {
    mutex_.unlock();
#ifndef NDEBUG
    detail::held_ranks &= ~bit;
#endif
  }
  // For std::condition_variable only.
  std::mutex& native() { return mutex_; }

 private:
  static constexpr uint64_t bit = uint64_t{1} << static_cast<unsigned>(rank);
  void note_locked() {
#ifndef NDEBUG
    DCHECK(detail::held_ranks < bit);  // nothing of the same or a higher rank is held
    detail::held_ranks |= bit;
#endif
  }
  std::mutex mutex_;
};

template <class M>
class SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(M& mutex) ACQUIRE_LOCK(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() RELEASE_LOCK() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  M& mutex_;
};

}  // namespace hanse
