// A reader/writer lock of one word, for critical sections of less than about a microsecond: spins a little, then sleeps.
// A waiting writer keeps new readers out, so that writers do not starve.
#pragma once

#include <atomic>

#include "base/mutex.h"

namespace hanse {

class RwLock {
 public:
  void lock_shared() {
    note_locked();
    for (int spins = 0;; spins++) {
      int state = state_.load(std::memory_order_relaxed);
      if ((state & (writer | writer_waits)) == 0) {
        if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire)) return;
      } else if (spins > spin_limit) {
        state_.wait(state, std::memory_order_relaxed);
      } else {
        pause();
      }
    }
  }
  void unlock_shared() {
    int before = state_.fetch_sub(1, std::memory_order_release);
    if ((before & readers) == 1 && (before & writer_waits) != 0) state_.notify_all();
    note_unlocked();
  }
  void lock() {
    note_locked();
    for (int spins = 0;; spins++) {
      int state = state_.load(std::memory_order_relaxed);
      if ((state & ~writer_waits) == 0) {
        if (state_.compare_exchange_weak(state, writer, std::memory_order_acquire)) return;
      } else if (spins > spin_limit) {
        if ((state & writer_waits) != 0 || state_.compare_exchange_weak(state, state | writer_waits))
          state_.wait(state | writer_waits, std::memory_order_relaxed);
      } else {
        pause();
      }
    }
  }
  // False: somebody else has it.
  bool try_lock() {
    int state = state_.load(std::memory_order_relaxed);
    if ((state & ~writer_waits) != 0 || !state_.compare_exchange_strong(state, writer, std::memory_order_acquire)) return false;
    note_locked();
    return true;
  }
  void unlock() {
    int before = state_.exchange(0, std::memory_order_release);
    // Sleeping readers wait for the writer bit, so they must be woken as well: the exchange dropped every bit.
    (void)before;
    state_.notify_all();
    note_unlocked();
  }

 private:
  static constexpr int writer = 1 << 30, writer_waits = 1 << 29, readers = writer_waits - 1;
  static constexpr int spin_limit = 200;
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  // The locks of one table may be held together (taken in the order of their parts), so the rank is only checked against others.
  static void note_locked() {
#ifndef NDEBUG
    constexpr uint64_t bit = uint64_t{1} << static_cast<unsigned>(LockRank::ets_table);
    DCHECK(detail::held_ranks < bit * 2);
    depth_++;
    detail::held_ranks |= bit;
#endif
  }
  static void note_unlocked() {
#ifndef NDEBUG
    if (--depth_ == 0) detail::held_ranks &= ~(uint64_t{1} << static_cast<unsigned>(LockRank::ets_table));
#endif
  }
#ifndef NDEBUG
  static inline thread_local int depth_ = 0;
#endif
  // Readers in the low bits; every change is made by a thread that locks or unlocks.
  std::atomic<int> state_{0};
};

class SharedLock {
 public:
  explicit SharedLock(RwLock& lock) : lock_(lock) { lock_.lock_shared(); }
  ~SharedLock() { lock_.unlock_shared(); }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  RwLock& lock_;
};
class ExclusiveLock {
 public:
  explicit ExclusiveLock(RwLock& lock) : lock_(lock) { lock_.lock(); }
  ~ExclusiveLock() { lock_.unlock(); }
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;

 private:
  RwLock& lock_;
};

}  // namespace hanse
