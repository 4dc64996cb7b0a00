// The drivers that are part of the node, by name: what {spawn_driver, Name} and {spawn, "Name Arguments"} find.
#pragma once

#include <memory>
#include <string>

#include <span>

#include "base/mutex.h"
#include "io/driver.h"
#include "io/port_options.h"

namespace hanse {

class Port;

// What a driver that cannot start answers to open_port/2: an atom (badarg, or the name of an error).
struct OpenFailure {
  Term reason = Term::none();
};

// command: the driver's name and what follows it. Called with the port's lock held, before the port is visible.
using OpenDriver = std::unique_ptr<Driver> (*)(Port& port, const PortOptions& options, const std::string& command,
                                               OpenFailure& failure);

struct BuiltInDriver {
  const char* name;
  OpenDriver open;
  // Stock loads this one from a file when it is used first; it is not among the loaded ones here.
  bool is_loaded_later = false;
};

// By the first word of a command. nullptr if there is none of that name.
const BuiltInDriver* find_built_in_driver(const std::string& command);
std::span<const BuiltInDriver> built_in_drivers();

// A driver that was loaded from a file; it stays as long as somebody holds this.
class LoadableDriver {
 public:
  virtual ~LoadableDriver() = default;
  // What its ports have in common; nullptr: each has a lock of its own.
  virtual std::shared_ptr<Mutex<LockRank::port>> shared_lock() = 0;
  virtual std::unique_ptr<Driver> open(Port& port, const PortOptions& options, const std::string& command, OpenFailure& failure) = 0;
};
using FindLoadedDriver = std::shared_ptr<LoadableDriver> (*)(std::string_view name);
// Set once, by main: who knows the loaded drivers by their names.
void set_loaded_drivers(FindLoadedDriver find);
// By the first word of a command; nullptr: none of that name can be opened.
std::shared_ptr<LoadableDriver> find_loaded_driver(const std::string& command);

std::unique_ptr<Driver> open_fd_driver(Port& port, const PortOptions& options, const PortName& name, OpenFailure& failure);
std::unique_ptr<Driver> open_file_driver(Port& port, const PortOptions& options, const PortName& name, OpenFailure& failure);
std::unique_ptr<Driver> open_program(Port& port, const PortOptions& options, const PortName& name, OpenFailure& failure);

std::unique_ptr<Driver> open_tcp_driver(Port&, const PortOptions&, const std::string& command, OpenFailure&);
std::unique_ptr<Driver> open_udp_driver(Port&, const PortOptions&, const std::string& command, OpenFailure&);
std::unique_ptr<Driver> open_tty_driver(Port&, const PortOptions&, const std::string& command, OpenFailure&);
std::unique_ptr<Driver> open_ram_file_driver(Port&, const PortOptions&, const std::string& command, OpenFailure&);
std::unique_ptr<Driver> open_trace_file_driver(Port&, const PortOptions&, const std::string& command, OpenFailure&);
std::unique_ptr<Driver> open_trace_ip_driver(Port&, const PortOptions&, const std::string& command, OpenFailure&);

}  // namespace hanse
