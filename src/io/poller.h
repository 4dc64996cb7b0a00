// One thread at a time waits on epoll for every descriptor and every deadline of the io layer, and calls whoever asked:
// a worker without work, or the poller's own thread while all workers are busy.
//
// A target is reference counted: the poller keeps it alive while it is registered, and a call can never reach a target
// that is gone. Interest is level-triggered: as one thread polls, a target that handles an event may simply leave its
// interest as it is. Any thread may call any function; targets are called on the thread that polls, without locks of
// the poller.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "process/descriptor_poller.h"
#include "process/idle_poller.h"

namespace hanse {

class Poller final : public IdlePoller, public DescriptorPoller {
 public:
  // The node's poller; its thread starts with the first call and never ends.
  static Poller& node();

  uint64_t add(PollTarget* target, int descriptor, uint32_t role) override;
  void set_interest(uint64_t registration, uint32_t events) override;
  void remove(uint64_t registration) override;

  uint64_t start_timer(PollTarget* target, uint64_t timeout_ms);
  // Unknown timers are ignored.
  void cancel_timer(uint64_t timer);

  // Calls the function soon, on the thread that polls.
  void post(std::function<void()> task);

  // --- for workers ---
  bool try_lead() override {
    return !led_.load(std::memory_order_relaxed) && !led_.exchange(true, std::memory_order_seq_cst);
  }
  bool is_led() const override { return led_.load(std::memory_order_relaxed); }
  bool wait(uint64_t timeout_ns) override;
  void dispatch() override;
  void release() override;
  void interrupt() override { wake(); }
  void add_idle_worker() override { idle_workers_.fetch_add(1, std::memory_order_relaxed); }
  void remove_idle_worker() override { idle_workers_.fetch_sub(1, std::memory_order_relaxed); }
  size_t watched_descriptors() override;

 private:
  struct Registration {
    PollTarget* target;
    int descriptor;
    uint32_t role;
    uint32_t interest = 0;
    bool always_ready = false;
  };
  struct Timer {
    uint64_t deadline_ms;
    uint64_t id;
  };
  Poller();
  [[noreturn]] void run();
  void dispatch_descriptor(uint64_t registration, uint32_t events);
  void dispatch_always_ready();
  void dispatch_timers();
  void run_tasks();
  void arm_timer_descriptor() REQUIRES_LOCK(mutex_);
  void wake();

  void stand_by();

  static constexpr int max_events = 64;
  std::atomic<bool> led_{false};      // somebody waits, or handles what was found
  std::atomic<uint64_t> turns_{0};    // how often somebody has led
  std::atomic<int> idle_workers_{0};  // that sleep elsewhere
  std::atomic<bool> parked_{false};   // the own thread waits until release() tells it; pairs with led_
  std::mutex park_mutex_;
  std::condition_variable park_condition_;
  epoll_event events_[max_events];  // of whoever leads
  int event_count_ = 0;
  bool always_ready_found_ = false;

  int epoll_ = -1;
  int timer_descriptor_ = -1;
  int wake_descriptor_ = -1;
  Mutex<LockRank::poller> mutex_;
  uint64_t next_id_ GUARDED_BY(mutex_) = 16;
  std::unordered_map<uint64_t, Registration> registrations_ GUARDED_BY(mutex_);
  size_t always_ready_count_ GUARDED_BY(mutex_) = 0;
  std::vector<Timer> timers_ GUARDED_BY(mutex_);  // heap, earliest first; cancelled ones stay until they are due
  std::unordered_map<uint64_t, PollTarget*> timer_targets_ GUARDED_BY(mutex_);
  std::vector<std::function<void()>> tasks_ GUARDED_BY(mutex_);
  uint64_t armed_deadline_ms_ GUARDED_BY(mutex_) = UINT64_MAX;
};

// One watched descriptor, removed at the end of its scope. The owner closes the descriptor afterwards.
class Watch {
 public:
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { stop(); }
  void start(PollTarget* target, int descriptor, uint32_t role) {
    stop();
    registration_ = Poller::node().add(target, descriptor, role);
  }
  void stop() {
    if (registration_ != 0) Poller::node().remove(registration_);
    registration_ = 0;
    events_ = 0;
  }
  void set(uint32_t events) {
    if (registration_ == 0 || events == events_) return;
    events_ = events;
    Poller::node().set_interest(registration_, events);
  }
  void want(uint32_t event, bool wanted) { set(wanted ? events_ | event : events_ & ~event); }
  uint32_t events() const { return events_; }

 private:
  uint64_t registration_ = 0;
  uint32_t events_ = 0;
};

// One deadline, cancelled at the end of its scope.
class Deadline {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { cancel(); }
  void start(PollTarget* target, uint64_t timeout_ms) {
    cancel();
    timer_ = Poller::node().start_timer(target, timeout_ms);
  }
  void cancel() {
    if (timer_ != 0) Poller::node().cancel_timer(timer_);
    timer_ = 0;
  }
  bool is_set() const { return timer_ != 0; }
  // Whether this is the deadline that has just passed; it is not set any more then.
  bool passed(uint64_t timer) {
    if (timer != timer_) return false;
    timer_ = 0;
    return true;
  }

 private:
  uint64_t timer_ = 0;
};

}  // namespace hanse
