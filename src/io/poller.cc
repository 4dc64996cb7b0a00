// The poller thread: epoll, one timerfd for all deadlines, one eventfd to be woken by.
#include "io/poller.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/epoch.h"
#include "process/microstates.h"

namespace hanse {

// Tokens below the first registration name the poller's own descriptors.
static constexpr uint64_t timer_token = 0, wake_token = 1;

static uint64_t monotonic_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
}

Poller& Poller::node() {
  static Poller& poller = *new Poller;
  return poller;
}

Poller::Poller() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  timer_descriptor_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  wake_descriptor_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(epoll_ >= 0 && timer_descriptor_ >= 0 && wake_descriptor_ >= 0);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = timer_token}};
  CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_descriptor_, &event) == 0);
  event.data.u64 = wake_token;
  CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_descriptor_, &event) == 0);
  // Signals are for the thread of os_signals.cc only.
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  std::thread([this] {
    pthread_setname_np(pthread_self(), "poller");
    run();
  }).detach();
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
}

uint64_t Poller::add(PollTarget* target, int descriptor, uint32_t role) {
  target->retain_target();
  Lock lock(mutex_);
  uint64_t id = next_id_++;
  registrations_.emplace(id, Registration{.target = target, .descriptor = descriptor, .role = role});
  return id;
}

void Poller::set_interest(uint64_t registration, uint32_t events) {
  Lock lock(mutex_);
  auto found = registrations_.find(registration);
  if (found == registrations_.end() || found->second.interest == events) return;
  Registration& entry = found->second;
  uint32_t previous = std::exchange(entry.interest, events);
  if (entry.always_ready) {
    if (previous == 0) always_ready_count_++;
    if (events == 0) always_ready_count_--;
    wake();
    return;
  }
  epoll_event event{.events = events, .data = {.u64 = registration}};
  int operation = previous == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  if (epoll_ctl(epoll_, operation, entry.descriptor, &event) == 0 || events == 0) return;
  // EPERM: a regular file. Anything else (a bad descriptor): let the owner find out by using it.
  if (errno == EEXIST && epoll_ctl(epoll_, EPOLL_CTL_MOD, entry.descriptor, &event) == 0) return;
  entry.always_ready = true;
  always_ready_count_++;
  wake();
}

size_t Poller::watched_descriptors() {
  Lock lock(mutex_);
  return registrations_.size();
}

void Poller::remove(uint64_t registration) {
  PollTarget* target;
  {
    Lock lock(mutex_);
    auto found = registrations_.find(registration);
    if (found == registrations_.end()) return;
    Registration& entry = found->second;
    target = entry.target;
    if (entry.interest != 0) {
      if (entry.always_ready)
        always_ready_count_--;
      else
        epoll_ctl(epoll_, EPOLL_CTL_DEL, entry.descriptor, nullptr);
    }
    registrations_.erase(found);
  }
  target->release_target();
}

static bool is_later(uint64_t a, uint64_t b) { return a > b; }

uint64_t Poller::start_timer(PollTarget* target, uint64_t timeout_ms) {
  target->retain_target();
  Lock lock(mutex_);
  uint64_t id = next_id_++;
  // A deadline counts whole milliseconds: one more, so that it never fires early.
  timers_.push_back({monotonic_ms() + timeout_ms + 1, id});
  std::push_heap(timers_.begin(), timers_.end(),
                 [](const Timer& a, const Timer& b) { return is_later(a.deadline_ms, b.deadline_ms); });
  timer_targets_.emplace(id, target);
  arm_timer_descriptor();
  return id;
}

void Poller::cancel_timer(uint64_t timer) {
  PollTarget* target;
  {
    Lock lock(mutex_);
    auto found = timer_targets_.find(timer);
    if (found == timer_targets_.end()) return;
    target = found->second;
    timer_targets_.erase(found);
    // Cancelled entries are dropped when they are due, or here once they are the majority.
    if (timers_.size() > 64 && timers_.size() > 2 * timer_targets_.size()) {
      std::erase_if(
          timers_, [this](const Timer& entry) NO_THREAD_SAFETY_ANALYSIS { return !timer_targets_.contains(entry.id); });
      std::make_heap(timers_.begin(), timers_.end(),
                     [](const Timer& a, const Timer& b) { return is_later(a.deadline_ms, b.deadline_ms); });
    }
  }
  target->release_target();
}

void Poller::arm_timer_descriptor() {
  uint64_t deadline = timers_.empty() ? UINT64_MAX : timers_.front().deadline_ms;
  if (deadline == armed_deadline_ms_) return;
  armed_deadline_ms_ = deadline;
  itimerspec setting{};
  if (deadline != UINT64_MAX) {
    setting.it_value.tv_sec = static_cast<time_t>(deadline / 1000);
    setting.it_value.tv_nsec = static_cast<long>(deadline % 1000) * 1000000;
  }
  timerfd_settime(timer_descriptor_, TFD_TIMER_ABSTIME, &setting, nullptr);
}

void Poller::wake() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(wake_descriptor_, &one, sizeof one);
}

void Poller::post(std::function<void()> task) {
  Lock lock(mutex_);
  tasks_.push_back(std::move(task));
  wake();
}

void Poller::run_tasks() {
  std::vector<std::function<void()>> tasks;
  {
    Lock lock(mutex_);
    tasks.swap(tasks_);
  }
  for (auto& task : tasks) task();
}

void Poller::dispatch_descriptor(uint64_t registration, uint32_t events) {
  PollTarget* target;
  uint32_t role;
  {
    Lock lock(mutex_);
    auto found = registrations_.find(registration);
    if (found == registrations_.end() || found->second.interest == 0) return;
    target = found->second.target;
    role = found->second.role;
    target->retain_target();
  }
  target->descriptor_ready(role, events);
  target->release_target();
}

void Poller::dispatch_always_ready() {
  std::vector<std::pair<uint64_t, uint32_t>> ready;
  {
    Lock lock(mutex_);
    if (always_ready_count_ == 0) return;
    for (auto& [id, entry] : registrations_)
      if (entry.always_ready && entry.interest != 0) ready.emplace_back(id, entry.interest);
  }
  for (auto [id, events] : ready) dispatch_descriptor(id, events);
}

void Poller::dispatch_timers() {
  uint64_t now = monotonic_ms();
  for (;;) {
    PollTarget* target;
    uint64_t id;
    {
      Lock lock(mutex_);
      if (timers_.empty() || timers_.front().deadline_ms > now) {
        arm_timer_descriptor();
        return;
      }
      std::pop_heap(timers_.begin(), timers_.end(),
                    [](const Timer& a, const Timer& b) { return is_later(a.deadline_ms, b.deadline_ms); });
      id = timers_.back().id;
      timers_.pop_back();
      armed_deadline_ms_ = 0;
      auto found = timer_targets_.find(id);
      if (found == timer_targets_.end()) continue;
      target = found->second;
      timer_targets_.erase(found);
    }
    target->deadline_passed(id);
    target->release_target();
  }
}

// Kernels before 5.11 know whole milliseconds only; rounded up, as a timer that fires early is looked at twice.
static int wait_for_events(int epoll, epoll_event* events, int max_events, uint64_t timeout_ns) {
  static std::atomic<bool> exact{true};
  if (timeout_ns != UINT64_MAX && exact.load(std::memory_order_relaxed)) {
    timespec timeout{static_cast<time_t>(timeout_ns / 1000000000), static_cast<long>(timeout_ns % 1000000000)};
    int count = epoll_pwait2(epoll, events, max_events, &timeout, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    exact.store(false, std::memory_order_relaxed);
  }
  static constexpr uint64_t longest_ms = INT32_MAX;
  int timeout_ms =
      timeout_ns == UINT64_MAX ? -1 : static_cast<int>(std::min((timeout_ns + 999999) / 1000000, longest_ms));
  return epoll_wait(epoll, events, max_events, timeout_ms);
}

bool Poller::wait(uint64_t timeout_ns) {
  {
    Lock lock(mutex_);
    always_ready_found_ = always_ready_count_ > 0;
  }
  event_count_ = wait_for_events(epoll_, events_, max_events, always_ready_found_ ? 0 : timeout_ns);
  return event_count_ == 0 && !always_ready_found_;
}

void Poller::dispatch() {
  for (int i = 0; i < event_count_; i++) {
    uint64_t token = events_[i].data.u64;
    uint64_t ignored;
    if (token == timer_token) {
      [[maybe_unused]] ssize_t got = read(timer_descriptor_, &ignored, sizeof ignored);
      dispatch_timers();
    } else if (token == wake_token) {
      [[maybe_unused]] ssize_t got = read(wake_descriptor_, &ignored, sizeof ignored);
      run_tasks();
    } else {
      dispatch_descriptor(token, events_[i].events);
    }
  }
  if (always_ready_found_) dispatch_always_ready();
}

void Poller::release() {
  turns_.fetch_add(1, std::memory_order_relaxed);
  led_.store(false, std::memory_order_seq_cst);
  if (!parked_.load(std::memory_order_seq_cst)) return;
  std::lock_guard lock(park_mutex_);
  parked_.store(false, std::memory_order_relaxed);
  park_condition_.notify_one();
}

// Returns when nobody has led for a while. As long as workers take turns it looks again and again, which costs little;
// once one of them leads for long, the node is idle, and this thread sleeps until that ends. Either it sees in parked_
// that nobody leads any more, or release() sees that it is parked.
void Poller::stand_by() {
  MicrostateScope microstate(Microstate::sleep);
  static constexpr auto period = std::chrono::milliseconds(1);
  static constexpr int patience = 10;
  uint64_t seen = turns_.load(std::memory_order_relaxed);
  std::unique_lock lock(park_mutex_);
  for (int quiet = 0;;) {
    park_condition_.wait_for(lock, period);
    uint64_t now = turns_.load(std::memory_order_relaxed);
    bool led = led_.load(std::memory_order_seq_cst);
    if (now != std::exchange(seen, now)) {
      quiet = 0;
      continue;
    }
    if (!led) return;
    if (++quiet < patience) continue;
    quiet = 0;
    parked_.store(true, std::memory_order_seq_cst);
    while (parked_.load(std::memory_order_relaxed) && led_.load(std::memory_order_seq_cst)) park_condition_.wait(lock);
    parked_.store(false, std::memory_order_relaxed);
    seen = turns_.load(std::memory_order_relaxed);
  }
}

void Poller::run() {
  account_microstates(MicrostateThread::poll, 0);
  for (;;) {
    if (!try_lead()) {
      stand_by();
      continue;
    }
    {
      MicrostateScope microstate(Microstate::sleep);
      (void)wait(UINT64_MAX);
    }
    bool workers_idle = idle_workers_.load(std::memory_order_relaxed) > 0;
    {
      MicrostateScope microstate(Microstate::check_io);
      epoch::Guard guard;
      dispatch();
    }
    epoch::collect_if_it_pays();
    release();
    // A worker that this has woken will lead when it has dealt with it.
    if (has_made_process_run() && workers_idle) stand_by();
  }
}

}  // namespace hanse
