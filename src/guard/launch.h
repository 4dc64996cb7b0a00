// Starting a worker behind its walls: own session, limits, user, nothing inherited. The guard's thread only.
#pragma once

#include <sys/types.h>

#include <string>

#include "guard/control.h"

namespace hanse::guard {

// Descriptors that the worker gets. They stay the caller's.
struct Channels {
  int data_input = -1, data_output = -1;  // at plan.channel_input and plan.channel_output
  int output = -1, errors = -1;           // standard output, unless it is the data channel; standard error
};

struct Launched {
  pid_t pid = -1;
  std::string error;  // why there is none: what was tried, and the system's word
};

Launched launch(const Plan& plan, const Channels& channels);

}  // namespace hanse::guard
