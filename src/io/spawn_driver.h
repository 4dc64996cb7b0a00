// The spawn driver: a port whose other side is a program.
#pragma once

#include <optional>

#include "io/child_process.h"
#include "io/port.h"
#include "io/stream_driver.h"

namespace hanse {

class SpawnDriver final : public StreamDriver {
 public:
  SpawnDriver(Port& port, const PortOptions& options, Channel channel, const ChildProcess& child)
      : StreamDriver(port, options, channel), child_(child) {}
  void published() override { watch_child(child_, port_.self); }
  std::optional<int64_t> os_pid() const override { return child_.pid; }
  // The program has ended: what it wrote is delivered, then its status, then the end.
  void child_ended(int status);

 private:
  void end_of_input() override;
  void finish_with_status();
  const ChildProcess child_;
  bool input_ended_ = false;
  std::optional<int> status_;
};

}  // namespace hanse
