// How many of the scheduler threads are online at the start: the first ones.
#pragma once

namespace hanse {

struct OnlineThreads {
  unsigned schedulers = 0, dirty_cpu = 0;  // 0: all
};
// Before the schedulers are prepared.
void set_online_at_start(OnlineThreads threads);

}  // namespace hanse
