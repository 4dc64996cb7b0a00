// What makes a machine a guest's: limits, permissions, the list of its processes, its share of the processors. The host machine
// has none of this. A limit has two thresholds: the soft one is told of, the hard one acted upon.
#pragma once

#include <array>
#include <atomic>
#include <limits>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "code/bif.h"
#include "process/run_queue.h"
#include "process/stored_term.h"
#include "term/atom.h"
#include "term/budget.h"

namespace hanse {

class Machine;
class Process;

enum class Limit : uint8_t {
  memory,            // bytes of everything its account holds
  processes,
  atoms,             // made in its life
  ets_tables,
  timers,
  mailbox,           // messages that wait in one process
  binary,            // bytes of a single binary
  outside_messages,  // to processes outside: a second, and at once
  reductions,        // a second, and at once
  count
};
Term limit_name(Limit limit);

// What follows when a hard limit is reached. In any case the caller gets system_limit where there is a call that can fail.
enum class OnLimit : uint8_t { error, kill_process, kill_machine };

// So many a second, and at most `burst` at once. Not thread-safe.
class Rate {
 public:
  void set(int64_t per_second, int64_t burst, uint64_t now_ns) {
    per_second_ = per_second;
    burst_ = burst;
    left_ = static_cast<double>(burst);
    last_ns_ = now_ns;
  }
  bool is_limited() const { return per_second_ > 0; }
  int64_t per_second() const { return per_second_; }
  int64_t burst() const { return burst_; }
  // Takes `amount`; what is left may become negative.
  void take(double amount, uint64_t now_ns) {
    refill(now_ns);
    left_ -= amount;
  }
  bool is_empty(uint64_t now_ns) {
    refill(now_ns);
    return left_ <= 0;
  }
  // When something will be there again.
  uint64_t refilled_ns() const {
    double missing = 1 - left_;
    return last_ns_ + static_cast<uint64_t>(missing <= 0 ? 0 : missing * 1e9 / static_cast<double>(per_second_));
  }

 private:
  void refill(uint64_t now_ns) {
    if (now_ns <= last_ns_) return;
    left_ = std::min(static_cast<double>(burst_), left_ + static_cast<double>(now_ns - last_ns_) * 1e-9 * static_cast<double>(per_second_));
    last_ns_ = now_ns;
  }
  int64_t per_second_ = 0;  // 0: no limit
  int64_t burst_ = 0;
  double left_ = 0;
  uint64_t last_ns_ = 0;
};

class Guest final : public Budget {
 public:
  static constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();

  explicit Guest(Machine& machine) : machine_(machine) {}
  Machine& machine() const { return machine_; }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // --- limits; any thread ---
  void set_limit(Limit limit, int64_t soft, int64_t hard);
  int64_t soft_limit(Limit limit) const { return bounds_[static_cast<size_t>(limit)].soft.load(std::memory_order_relaxed); }
  int64_t hard_limit(Limit limit) const { return bounds_[static_cast<size_t>(limit)].hard.load(std::memory_order_relaxed); }
  // Of outside_messages and reductions. per_second 0: none.
  void set_rate(Limit limit, int64_t per_second, int64_t burst);
  std::pair<int64_t, int64_t> rate(Limit limit) const;
  void set_policy(OnLimit policy) { policy_.store(policy, std::memory_order_relaxed); }
  OnLimit policy() const { return policy_.load(std::memory_order_relaxed); }

  // One more of what is counted (ets_tables, timers). False: there are as many as may be; the policy has been applied.
  bool take(Limit limit);
  void give_back(Limit limit) { used(limit).fetch_sub(1, std::memory_order_relaxed); }
  int64_t in_use(Limit limit) const { return bounds_[static_cast<size_t>(limit)].used.load(std::memory_order_relaxed); }
  // A process more is wanted. False as above.
  bool admits_process();
  // A message is about to leave. False as above.
  bool admits_outside_message();
  bool admits_bytes(size_t bytes) override;
  bool admits_atom() override;
  size_t most_words() override;
  void gone_too_far() override;
  void off_heap_taken(size_t bytes) override;
  void off_heap_resized(ptrdiff_t more_bytes) override;
  void off_heap_freed(size_t bytes) override;
  // Looks at what the account holds and would hold with so much more: around a collection and after a slice, on the thread that
  // runs the process. False: that ends.
  bool check_memory(Process& process, size_t more_bytes = 0);
  // Of a process that has taken its signals.
  void check_mailbox(Process& process);
  // Charges what a process takes besides its terms: queue of messages, dictionary, links and monitors. On its own thread.
  void settle_tables(Process& process);
  // Memory that others gave it while none of its processes runs.
  void check_gift();

  // --- permissions; any thread ---
  void permit(Authority authority, bool allowed);
  bool permits(Authority authority) const {
    return !is_gated(authority) || (permitted_.load(std::memory_order_relaxed) >> static_cast<unsigned>(authority) & 1) != 0;
  }
  // Processes outside whose end it may watch.
  void set_watchable(std::vector<Term> pids);
  bool may_watch(Term pid) const;
  // Names of the host that it knows, by the names it knows them under.
  void set_known_names(std::unordered_map<Word, Term> names);
  Term known_name(Term name) const;  // of the host, or none()

  // --- life ---
  // From the birth of a process to its end. False: the machine is being ended.
  bool add_process(Process& process);
  // Calls `publish` while nobody suspends or resumes the machine, and suspends the process before if it is suspended.
  bool publish(Process& process, bool (*publish)(Process&));
  // It can be found by its pid from now on.
  void born(Term pid);
  // It has ended, and is freed as soon as nobody looks at it any more.
  void retire_process(Process& process);
  std::vector<Term> pids() const;
  // While it is suspended its processes take signals, but no code of theirs runs.
  void suspend();
  void resume();
  bool is_suspended() const;
  // Ends all processes; nothing begins in it any more. The first reason stays.
  void kill(Term reason);
  bool is_dying() const { return dying_.load(std::memory_order_acquire); }
  // Who is told: {machine_limit, Serial, Map}, and at last {machine_down, Serial, Reason}.
  void set_observer(Term pid) { observer_.store(pid.word(), std::memory_order_relaxed); }
  void tell_observer(Term message);
  // Who gets what the emulator reports of its processes; undefined: nobody.
  void set_log_target(Term pid) { log_target_.store(pid.word(), std::memory_order_relaxed); }
  Term log_target() const { return Term::from_word(log_target_.load(std::memory_order_relaxed)); }

  // --- processors; guest_queue.cc ---
  RunQueue queue, servers;
  std::atomic<uint32_t> share{100};
  std::atomic<uint64_t> cpu_ns{0}, reductions{0}, outside_messages{0};
  // Under the lock of the guest queue.
  struct Turn {
    static constexpr size_t nowhere = ~size_t{0};
    uint64_t virtual_ns = 0;      // time used, divided by the share
    uint64_t expected_ns = 20000;  // of its next slice
    size_t place = nowhere;       // among those who wait
    unsigned slices = 0;          // that run now
    bool is_throttled = false;
    Rate budget;              // of reductions
  } turn;

 private:
  struct Bound {
    std::atomic<int64_t> soft{unlimited}, hard{unlimited}, used{0};
    std::atomic<uint64_t> told_soft_ns{0}, told_hard_ns{0};  // when the observer last heard of it
  };
  Bound& bound(Limit limit) { return bounds_[static_cast<size_t>(limit)]; }
  std::atomic<int64_t>& used(Limit limit) { return bound(limit).used; }
  // The value goes beyond the soft threshold, or the hard one.
  void remove_process(Process& process);
  // Bytes that count against the limit of memory.
  int64_t held_bytes() const;
  void note_soft(Limit limit, int64_t value);
  void refuse(Limit limit, int64_t value, Process* process);
  void end_over_limit(Limit limit, int64_t value, Process& process);
  void tell_limit(Limit limit, bool hard, int64_t value, Process* process, Term action);
  bool counts(Limit limit, int64_t value);

  Machine& machine_;
  std::array<Bound, static_cast<size_t>(Limit::count)> bounds_;
  std::atomic<OnLimit> policy_{OnLimit::error};
  std::atomic<uint32_t> permitted_{0};
  std::atomic<Word> observer_{0}, log_target_{am::undefined.word()};
  std::atomic<bool> dying_{false};
  std::atomic<int64_t> ended_bytes_{0};  // heaps of processes that have ended and are not freed yet

  mutable Mutex<LockRank::machine> mutex_;
  std::vector<Term> pids_locked() const REQUIRES_LOCK(mutex_);
  Process* first_ GUARDED_BY(mutex_) = nullptr;
  bool suspended_ GUARDED_BY(mutex_) = false;
  StoredTerm reason_ GUARDED_BY(mutex_);
  Rate outside_ GUARDED_BY(mutex_);
  std::vector<Term> watchable_ GUARDED_BY(mutex_);
  std::unordered_map<Word, Term> names_ GUARDED_BY(mutex_);
};

// --- the wall ---

// Whether `self` may do more to that local process than send to it: both are in the same machine, or self is in the host.
// Under an epoch guard. What it may not reach, it is told, does not exist.
bool may_control(const Process& self, Term pid);
// Whether `self` may make an identifier of this node from a text or from bytes: of its own machine's processes; not of ports.
bool may_name(const Process& self, Term identifier);
// The same for watching it.
bool may_watch(const Process& self, Term pid);

// A signal waits for a process of a guest: it is charged to its machine until it has been taken.
void charge_signal(Machine& machine, const Signal& signal);
void discharge_signal(Machine& machine, const Signal& signal);

// A process runs on this thread at a guest's cost. While it is the guest's own, the budget is asked.
class GuestSlice {
 public:
  // payer: payer_of(process).
  GuestSlice(Guest* payer, const Process& process) : guest_(payer) {
    if (guest_ != nullptr) [[unlikely]] begin(process);
  }
  ~GuestSlice() {
    if (guest_ != nullptr) [[unlikely]] end();
  }
  GuestSlice(const GuestSlice&) = delete;
  GuestSlice& operator=(const GuestSlice&) = delete;
  // The process still exists: its limits are looked at.
  void check(Process& process, int64_t reductions) {
    if (guest_ != nullptr) [[unlikely]] check_limits(process, reductions);
  }

 private:
  void begin(const Process& process);
  void check_limits(Process& process, int64_t reductions);
  void end();
  Guest* const guest_;
  bool is_server_ = false;
  uint64_t begin_ns_ = 0;
  int64_t reductions_ = 0;
};

}  // namespace hanse
