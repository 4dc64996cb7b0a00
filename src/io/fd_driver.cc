// The fd driver: open_port({fd, In, Out}, ...) on descriptors that the node inherited.
#include <errno.h>
#include <fcntl.h>

#include "io/built_in_drivers.h"
#include "io/port.h"
#include "io/stream_driver.h"
#include "term/atom.h"

namespace hanse {

namespace {
class FdDriver final : public StreamDriver {
 public:
  using StreamDriver::StreamDriver;
};
}  // namespace

std::unique_ptr<Driver> open_fd_driver(Port& port, const PortOptions& options, const PortName& name, OpenFailure&) {
  StreamDriver::Channel channel;
  if (options.input) {
    SharedDescriptor input = open_shared(name.input, false);
    channel.input = input.descriptor;
    channel.owns_input = input.owned;
  }
  if (options.output) {
    SharedDescriptor output = open_shared(name.output, true);
    channel.output = output.descriptor;
    channel.owns_output = output.owned;
  }
  auto driver = std::make_unique<FdDriver>(port, options, channel);
  driver->start_reading();
  return driver;
}

}  // namespace hanse
