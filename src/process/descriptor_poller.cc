#include "process/descriptor_poller.h"

#include <atomic>

namespace hanse {

static std::atomic<DescriptorPoller*> implementation{nullptr};
void set_descriptor_poller(DescriptorPoller* poller) { implementation.store(poller, std::memory_order_release); }
DescriptorPoller& descriptor_poller() { return *implementation.load(std::memory_order_acquire); }

}  // namespace hanse
