// Who is told when a descriptor is ready. Implemented by io/ (poller.h), set once by main.
#pragma once

#include <cstdint>

namespace hanse {

class PollTarget {
 public:
  // events: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. May be spurious. role: as given to watch().
  virtual void descriptor_ready(uint32_t role, uint32_t events) = 0;
  // A deadline has passed. It has been forgotten already.
  virtual void deadline_passed(uint64_t timer) = 0;
  virtual void retain_target() = 0;
  virtual void release_target() = 0;

 protected:
  ~PollTarget() = default;
};

class DescriptorPoller {
 public:
  // Registers a descriptor without interest. The answer names the registration in the calls below.
  virtual uint64_t add(PollTarget* target, int descriptor, uint32_t role) = 0;
  // events: EPOLLIN, EPOLLOUT and EPOLLERR, 0 for none. Descriptors that cannot be polled (regular files) are always ready.
  virtual void set_interest(uint64_t registration, uint32_t events) = 0;
  // Before the descriptor is closed. An event that is being delivered may still arrive.
  virtual void remove(uint64_t registration) = 0;

 protected:
  ~DescriptorPoller() = default;
};

void set_descriptor_poller(DescriptorPoller* poller);
DescriptorPoller& descriptor_poller();

}  // namespace hanse
