// How many scheduler threads there are: +S, +SP, +SDcpu, +SDPcpu, +SDio. Each number has one that is online besides; what is not
// given follows from the processors, and percentages count when all has been read.
#pragma once

#include <optional>
#include <string>

#include "process/online.h"
#include "process/scheduler.h"

namespace hanse {

struct ThreadNumbers {
  SchedulerOptions all;
  OnlineThreads online;
};

class ThreadFlags {
 public:
  // flag: without the plus. Empty: it has been taken; else what is wrong.
  std::string take(const std::string& flag, const std::string& value);
  // processors: configured and available. `problem` says why there is none.
  std::optional<ThreadNumbers> resolve(unsigned processors, unsigned available, std::string& problem) const;

 private:
  // 0: the default; below: that many fewer.
  struct Counts {
    std::optional<long> total, online;
    long total_percent = 100, online_percent = 100;
  };
  struct Numbers {
    long total = 1, online = 1;
  };
  static bool apply(const Counts& counts, const char* flag, Numbers usual, bool clips, Numbers& numbers, std::string& problem);
  Counts normal_, dirty_;
  unsigned dirty_io_ = 10;
};

}  // namespace hanse
