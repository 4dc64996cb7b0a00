#include "io/clock_watch.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "io/poller.h"
#include "process/time_offset.h"

namespace hanse {

namespace {

class ClockWatch final : public PollTarget {
 public:
  explicit ClockWatch(int descriptor) : descriptor_(descriptor) {
    arm();
    watch_.start(this, descriptor, 0);
    watch_.set(EPOLLIN);
  }
  void descriptor_ready(uint32_t, uint32_t) override {
    uint64_t expirations;
    if (read(descriptor_, &expirations, sizeof expirations) < 0 && errno == EAGAIN) return;
    arm();
    look_at_system_clock();
  }
  void deadline_passed(uint64_t) override {}
  void retain_target() override {}  // lives as long as the node
  void release_target() override {}

 private:
  // A time that never comes: what counts is that the timer is cancelled when the clock leaps.
  void arm() {
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<int32_t>::max() * time_t{2};
    timerfd_settime(descriptor_, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
  }
  const int descriptor_;
  Watch watch_;
};

}  // namespace

void start_clock_watch() {
  int descriptor = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (descriptor >= 0) new ClockWatch(descriptor);
}

}  // namespace hanse
