// The threads behind scheduler.h: workers run guest code, dirty workers serve the pools. Private to process/.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "process/idle_poller.h"
#include "process/microstates.h"
#include "process/run_queue.h"
#include "process/scheduler.h"
#include "process/stopwatch.h"

namespace hanse {

class Worker;
class DirtyPool;

// Everything that the threads share.
struct SchedulerState {
  SchedulerOptions options;
  Engine* engine = nullptr;
  std::atomic<IdlePoller*> poller{nullptr};
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<DirtyPool> dirty_cpu;
  std::unique_ptr<DirtyPool> dirty_io;
  std::atomic<unsigned> online{1};
  // Only the first worker may run processes; see scheduling_block.h.
  std::atomic<bool> blocked{false};
  // Number of workers that sleep; written by them, read by whoever has work to give away.
  std::atomic<unsigned> sleepers{0};
  // Whether one of them keeps watch, see Worker::sleep().
  std::atomic<bool> watched{false};
  // Dirty threads measure how long they are busy: two looks at the clock for each call (wall_time.h).
  std::atomic<bool> measures_dirty{false};
  // See hold_schedulers(). Written once by whoever crashes or halts, looked at before each slice.
  std::atomic<bool> held{false};
};
SchedulerState& scheduler_state();

class Worker final : public SchedulerThread {
 public:
  explicit Worker(unsigned index) : index_(index) { id = index + 1; }
  void start();
  // Makes it look for work. Any thread.
  void wake();
  bool is_asleep() const { return asleep_.load(std::memory_order_seq_cst); }
  // It runs nothing, and will see at once what is put into its queue.
  bool is_looking() const { return looking_.load(std::memory_order_seq_cst); }
  bool is_online() const {
    const SchedulerState& state = scheduler_state();
    return index_ == 0 || (index_ < state.online.load(std::memory_order_relaxed) && !state.blocked.load(std::memory_order_relaxed));
  }

  // Puts a process that this thread has made runnable into a queue. Returns how many wait now. Its own thread only.
  size_t put(Process& process);
  // How many processes wait for it. Any thread.
  size_t waiting() const { return queue.length() + (next_.load(std::memory_order_relaxed) ? 1 : 0); }

  RunQueue queue;
  // Statistics; written by the worker, read by anybody.
  std::atomic<uint64_t> slices{0};
  std::atomic<uint64_t> reductions{0};
  Stopwatch idle;

 private:
  void loop();
  Process* next();
  Process* find_work();
  void stop_looking();
  Process* take(bool take_stuck);
  bool leaves_guests(bool take_stuck) const;
  void look_at_clock();
  void balance();
  void note_slices();
  Process* steal(bool take_stuck);
  bool sleep() NO_THREAD_SAFETY_ANALYSIS;
  void profile_sleep(bool is_over);
  bool others_have_work() const;
  bool sleep_alone(IdlePoller* poller, uint64_t wait_ns) NO_THREAD_SAFETY_ANALYSIS;
  bool sleep_in_poller(IdlePoller& poller, uint64_t wait_ns) NO_THREAD_SAFETY_ANALYSIS;
  bool wait_in_poller(IdlePoller& poller, uint64_t wait_ns);
  void run(Process& process);
  void finish_put_off();

  const unsigned index_;
  // In place of `queue` while one process of normal priority alone waits, as when two talk to each other: no lock is taken.
  // Put there by the worker, taken by it or a thief.
  std::atomic<Process*> next_{nullptr};
  int short_waits_ = 0;  // lately, in the poller
  unsigned host_slices_ = 0;  // since the latest one of a guest, while guests wait
  uint64_t guest_began_ns_ = 0, host_until_ns_ = 0;  // that slice; until when the host goes first
  // When look_at_clock() last did: the statistics of then.
  uint64_t clock_slices_ = 0, clock_reductions_ = 0;
  uint64_t balance_reductions_ = 0;  // when balance() last did
  std::condition_variable condition_;
  std::atomic<bool> asleep_{false}, looking_{false};
  bool awaits_dirty_ = false;  // the process of the last slice has gone to a dirty pool: it may be back soon
  IdlePoller* polled_ GUARDED_BY(queue.mutex) = nullptr;  // where it sleeps
  std::vector<uint64_t> seen_slices_;                     // of each worker, when note_slices() last looked
  std::thread thread_;
};

class DirtyWorker final : public SchedulerThread {};

class DirtyPool {
 public:
  DirtyPool(MicrostateThread kind, unsigned threads, unsigned first_id);
  void push(Process* process);
  size_t length() const { return queue_.length(); }
  // How many of the threads work. Any thread.
  unsigned online() const { return online_.load(std::memory_order_relaxed); }
  void set_online(unsigned count);
  // Of each thread, while that is measured.
  const std::deque<Stopwatch>& busy() const { return busy_; }

 private:
  void loop(unsigned index) NO_THREAD_SAFETY_ANALYSIS;
  void wake_one();
  const MicrostateThread kind_;
  const unsigned first_id_;
  RunQueue queue_;
  std::condition_variable condition_;
  std::atomic<bool> spinning_{false};  // one of the threads looks for work before it sleeps
  std::deque<Stopwatch> busy_;
  std::atomic<unsigned> online_;  // the first so many threads; written under the queue's mutex
  std::vector<std::thread> threads_;
};

// The calling thread is this one from now on.
void enter_scheduler_thread(SchedulerThread& thread);
// Before each slice: waits for ever after hold_schedulers().
void stop_if_held();
// About a hundred nanoseconds of a loop that waits.
void spin_pause();

// Puts a process that was claimed (process_states.h) into a run queue.
void enqueue(Process& process);
void enqueue_at(Worker& target, Process& process);
void wake_a_sleeper();
// What follows a slice; the process is still `running`.
void after_slice(Process& process, SliceEnd end);

}  // namespace hanse
