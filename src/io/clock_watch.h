// Tells the node's clock when somebody sets the system's (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET): NTP behind a start
// without a battery-backed clock, a machine that wakes up, an operator.
#pragma once

namespace hanse {

// Once, before guests run.
void start_clock_watch();

}  // namespace hanse
