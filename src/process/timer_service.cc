// Each scheduler thread owns a shard: a wheel with a mutex. Timers are set in the shard of the thread that sets them, so
// the mutex is rarely contended. Expired timers are taken out under the mutex and called outside of it.
#include "process/timer_service.h"

#include <atomic>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "process/node_clock.h"
#include "process/process.h"
#include "process/receive_timer.h"
#include "process/scheduler.h"
#include "process/timer_wheel.h"

namespace hanse {

uint64_t monotonic_now_ns() { return node_clock().monotonic_ns(); }

static constexpr uint64_t ns_per_ms = 1000000;
static uint64_t now_ms() { return monotonic_now_ns() / ns_per_ms; }

uint64_t deadline_after_ms(uint64_t timeout_ms) {
  return (monotonic_now_ns() + ns_per_ms - 1) / ns_per_ms + timeout_ms;
}

class TimerService {
 public:
  struct Shard {
    Mutex<LockRank::timer> mutex;
    TimerWheel wheel GUARDED_BY(mutex);
    // When to advance next; written under the mutex, read by the shard's thread without it.
    std::atomic<uint64_t> next_ms{no_deadline};
  };

  static TimerService& instance() {
    static auto* service = new TimerService;
    return *service;
  }
  void start(unsigned count) {
    shards_ = std::make_unique<Shard[]>(count);
    count_ = count;
  }
  void set(Timer& timer, uint64_t deadline_ms) {
    SchedulerThread* thread = this_scheduler_thread();
    unsigned index = thread && !thread->is_dirty ? thread->id - 1 : 0;
    Shard& shard = shards_[index];
    bool earlier = false;
    {
      Lock lock(shard.mutex);
      timer.shard_ = static_cast<uint16_t>(index);
      shard.wheel.insert(timer, deadline_ms);
      if (deadline_ms < shard.next_ms.load(std::memory_order_relaxed)) {
        shard.next_ms.store(deadline_ms, std::memory_order_seq_cst);  // pairs with the check before sleeping
        earlier = true;
      }
    }
    if (earlier && (!thread || thread->is_dirty) && wake_) wake_(index);
  }
  bool cancel(Timer& timer) {
    Shard& shard = shards_[timer.shard_];
    Lock lock(shard.mutex);
    return shard.wheel.remove(timer);
  }
  void advance(unsigned index) {
    Shard& shard = shards_[index];
    uint64_t now = now_ms();
    if (now < shard.next_ms.load(std::memory_order_relaxed)) return;
    std::vector<Timer*> due;
    {
      Lock lock(shard.mutex);
      shard.wheel.advance(now, [&](Timer& timer) { due.push_back(&timer); });
      shard.next_ms.store(shard.wheel.next_event(), std::memory_order_relaxed);
    }
    for (Timer* timer : due) timer->expired();
  }
  uint64_t next(unsigned index) const { return shards_[index].next_ms.load(std::memory_order_seq_cst); }
  size_t size() {
    size_t sum = 0;
    for (unsigned i = 0; i < count_; i++) {
      Lock lock(shards_[i].mutex);
      sum += shards_[i].wheel.size();
    }
    return sum;
  }
  void (*wake_)(unsigned shard) = nullptr;

 private:
  std::unique_ptr<Shard[]> shards_;
  unsigned count_ = 0;
};

void set_timer(Timer& timer, uint64_t deadline_ms) { TimerService::instance().set(timer, deadline_ms); }
bool cancel_timer(Timer& timer) { return TimerService::instance().cancel(timer); }
void start_timer_service(unsigned shards) { TimerService::instance().start(shards); }
void advance_timers(unsigned shard) { TimerService::instance().advance(shard); }
uint64_t next_timer_ms(unsigned shard) { return TimerService::instance().next(shard); }
void set_timer_wake(void (*wake_shard)(unsigned shard)) { TimerService::instance().wake_ = wake_shard; }
size_t active_timers() { return TimerService::instance().size(); }

// --- receive timeouts ---

// The process may have cancelled meanwhile, or waits for something else: it looks at the clock itself when it is woken.
void ReceiveTimer::expired() { receive_timeout_fired(process_); }

void set_receive_timeout(Process& process, uint64_t timeout_ms) {
  if (!process.receive_timer) process.receive_timer = new ReceiveTimer(process);
  if (process.receive_timer->is_set) return;
  process.receive_timer->is_set = true;
  set_timer(*process.receive_timer, deadline_after_ms(timeout_ms));
}

void cancel_receive_timeout(Process& process) {
  process.timed_out = false;
  if (!process.receive_timer || !process.receive_timer->is_set) return;
  process.receive_timer->is_set = false;
  cancel_timer(*process.receive_timer);
}

bool receive_timeout_is_over(const Process& process) {
  const ReceiveTimer* timer = process.receive_timer;
  return timer && timer->is_set && now_ms() >= timer->deadline_ms();
}

}  // namespace hanse
