// The fd driver: open_port({fd, In, Out}, ...) on descriptors that the node inherited.
#include <errno.h>
#include <fcntl.h>

#include "io/built_in_drivers.h"
#include "io/port.h"
#include "io/stream_driver.h"
#include "io/terminal.h"
#include "term/atom.h"

namespace hanse {

namespace {
// Operation 100 of the terminal driver, which io:columns/0 also asks ports of this kind.
constexpr uint32_t terminal_size_operation = 0x018b0900 + 100;

class FdDriver final : public StreamDriver {
 public:
  FdDriver(Port& port, const PortOptions& options, Channel channel, int descriptor)
      : StreamDriver(port, options, channel), descriptor_(descriptor) {}

  bool control(Term, uint32_t operation, Bytes, std::string& reply) override {
    if (operation != terminal_size_operation) return false;
    TerminalSize size = terminal_size(descriptor_);
    if (size.columns == 0) return false;
    uint32_t numbers[2] = {size.columns, size.rows};
    reply.assign(reinterpret_cast<const char*>(numbers), sizeof numbers);
    return true;
  }

 private:
  const int descriptor_;
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
  auto driver = std::make_unique<FdDriver>(port, options, channel, options.output ? name.output : name.input);
  driver->start_reading();
  return driver;
}

}  // namespace hanse
