// The timer of `receive ... after`. Belongs to its process.
#pragma once

#include "process/timer_service.h"

namespace hanse {

class ReceiveTimer final : public Timer {
 public:
  explicit ReceiveTimer(Process& process) : process_(process) {}
  ~ReceiveTimer() override = default;
  bool is_set = false;

 private:
  void expired() override;
  Process& process_;
};

}  // namespace hanse
