// The driver of files: open_port(Name, ...) with a name alone reads or writes the file, terminal or pipe of that name.
#include <errno.h>
#include <fcntl.h>

#include "io/built_in_drivers.h"
#include "io/port.h"
#include "io/stream_driver.h"
#include "term/atom.h"

namespace hanse {

// What is only written begins anew; what is read and written stays as it is.
static int flags_of(const PortOptions& options) {
  int flags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  if (!options.output) return flags | O_RDONLY;
  return flags | O_CREAT | (options.input ? O_RDWR : O_WRONLY | O_TRUNC);
}

std::unique_ptr<Driver> open_file_driver(Port& port, const PortOptions& options, const PortName& name, OpenFailure& failure) {
  int descriptor = ::open(name.text.c_str(), flags_of(options), 0666);
  if (descriptor < 0) {
    failure.reason = am::einval;  // whatever the reason was
    return nullptr;
  }
  // Whoever writes to what is only read learns it from the system.
  StreamDriver::Channel channel{.output = descriptor, .owns_output = true};
  if (options.input) {
    channel.input = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    channel.owns_input = true;
    if (channel.input < 0) {
      ::close(descriptor);
      failure.reason = am::einval;
      return nullptr;
    }
  }
  auto driver = std::make_unique<StreamDriver>(port, options, channel);
  driver->start_reading();
  return driver;
}

}  // namespace hanse
