// erts_internal:open_port/2.
#include <errno.h>
#include <unistd.h>

#include "bif/tables.h"
#include "heap/fragment.h"
#include "io/built_in_drivers.h"
#include "io/port.h"
#include "io/posix_error.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/send.h"
#include "process/tracing.h"

namespace hanse {

static std::unique_ptr<Driver> open_driver(Port& port, const PortOptions& options, const PortName& name, LoadableDriver* loaded,
                                           OpenFailure& failure) {
  if (loaded != nullptr) return loaded->open(port, options, name.text, failure);
  switch (name.kind) {
    case PortName::Kind::descriptors: return open_fd_driver(port, options, name, failure);
    case PortName::Kind::executable: return open_program(port, options, name, failure);
    case PortName::Kind::file: return open_file_driver(port, options, name, failure);
    case PortName::Kind::driver:
    case PortName::Kind::program:
      if (const BuiltInDriver* driver = find_built_in_driver(name.text))
        return driver->open(port, options, name.text, failure);
      if (name.kind == PortName::Kind::program) return open_program(port, options, name, failure);
  }
  failure.reason = am::badarg;
  return nullptr;
}

// erts_internal:open_port/2. Arguments: name, settings. The port, or an atom that tells what is wrong.
static Result erts_internal_open_port_2(Call& call) {
  PortOptions options;
  PortName name;
  Term failed = parse_port_options(call.args[1], options);
  if (failed.is_none()) failed = parse_port_name(call.args[0], name);
  if (!failed.is_none()) return failed;
  if (options.has_spawn_options && name.kind != PortName::Kind::executable) return am::badarg;

  if (options.exit_status && name.kind == PortName::Kind::file) return am::badarg;
  std::shared_ptr<LoadableDriver> loaded;
  if ((name.kind == PortName::Kind::driver || name.kind == PortName::Kind::program) && find_built_in_driver(name.text) == nullptr)
    loaded = find_loaded_driver(name.text);
  if (loaded != nullptr && (options.exit_status || options.has_limits)) return am::badarg;
  Ref<Port> port = Port::create(call.process.machine, call.process.self, name.text, loaded != nullptr ? loaded->shared_lock() : nullptr);
  if (!port) return am::system_limit;
  OpenFailure failure;
  PortLock lock(*port);
  std::unique_ptr<Driver> driver = open_driver(*port, options, name, loaded.get(), failure);
  if (driver == nullptr) return failure.reason;
  port->attach(std::move(driver));
  port->parallelism = options.parallelism;
  port->add_link(call.process.self);
  call.process.relations.link(port->self);
  TRACE_EVENT(call.process, trace_flag::procs, am::link, port->self);
  port->publish();
  call.charge(100);
  return port->self;
}

static constexpr BifRow rows[] = {
    {"erts_internal", "open_port", 2, erts_internal_open_port_2, BifKind::plain, Authority::host},
};
const BifTable port_open_bifs = rows;

}  // namespace hanse
