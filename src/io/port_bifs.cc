// The built-in functions on ports, except open_port/2. What the erts_internal functions answer is turned into exceptions by
// erlang.beam.
#include <algorithm>

#include "bif/tables.h"
#include "code/decode_environment.h"
#include "io/port.h"
#include "io/port_signals.h"
#include "io/port_trace.h"
#include "io/posix_error.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/send.h"
#include "term/big.h"
#include "term/external.h"

namespace hanse {

// A port or the registered name of one.
static Ref<Port> port_argument(Call& call, Term argument) {
  if (argument.is_atom()) argument = call.process.machine.registry.find(argument);
  return Port::find(argument);
}

static bool is_port_name(Term term) { return term.is_local_port() || term.is_atom(); }

// port_command/3. Arguments: port, data, flags. true, false (busy), badopt, badarg, notsup.
static Result erts_internal_port_command_3(Call& call) {
  bool no_suspend = false, force = false;
  Term flags = call.args[2];
  for (; flags.is_cons(); flags = flags.as_cons()->tail) {
    if (flags.as_cons()->head == am::nosuspend)
      no_suspend = true;
    else if (flags.as_cons()->head == am::force)
      force = true;
    else
      return am::badopt;
  }
  if (!flags.is_nil()) return am::badopt;
  Ref<Port> port = port_argument(call, call.args[0]);
  if (!port) return am::badarg;
  IoQueue data;
  if (!data.append_iodata(call.args[1])) {
    log_bad_output(*port);
    return am::badarg;
  }
  call.charge(10 + data.size() / 256);
  PortLock lock(*port);
  if (!port->is_open()) return am::badarg;
  if (force && !port->driver()->understands_force()) return am::notsup;
  if (port->is_busy() && !force) {
    if (no_suspend) return am::false_;
    port->wait_until_free(call.process.self);
    return Result::wait();
  }
  PortTask task(*port, am::command);
  trace_port_command(*port, call.process.self, data);
  port->driver()->output(call.process.self, std::move(data));
  return am::true_;
}

// port_control/3. Arguments: port, operation, data. A list of bytes or a binary, as the driver likes, or badarg.
static Result erts_internal_port_control_3(Call& call) {
  Ref<Port> port = port_argument(call, call.args[0]);
  uint64_t operation;
  if (!port || !call.args[1].is_integer() || !integer_fits_uint64(call.args[1], operation) || operation > UINT32_MAX)
    return am::badarg;
  IoQueue data;
  if (!data.append_iodata(call.args[2])) return am::badarg;
  std::string request = data.to_string();
  call.charge(10 + request.size() / 64);
  PortLock lock(*port);
  if (!port->is_open()) return am::badarg;
  Bytes bytes(reinterpret_cast<const uint8_t*>(request.data()), request.size());
  PortTask task(*port, make_atom("control"));
  trace_port_control(*port, call.process.self, make_atom("control"), operation, bytes);
  Term answer = port->driver()->answer_control(call.arena(), call.process.self, static_cast<uint32_t>(operation), bytes);
  if (answer.is_none()) return am::badarg;
  if (is_traced(*port, trace_flag::send)) [[unlikely]] {
    IoQueue told;
    if (told.append_iodata(answer)) trace_port_reply(*port, call.process.self, make_atom("control"), told.to_string());
  }
  return answer;
}

// port_call/3: {ok, Answer}, or badarg.
static Result erts_internal_port_call_3(Call& call) {
  Ref<Port> port = port_argument(call, call.args[0]);
  uint64_t operation;
  if (!port || !call.args[1].is_integer() || !integer_fits_uint64(call.args[1], operation) || operation > UINT32_MAX)
    return am::badarg;
  std::vector<uint8_t> request = encode_external(call.args[2]);
  call.charge(10 + request.size() / 64);
  std::string reply;
  {
    PortLock lock(*port);
    if (!port->is_open()) return am::badarg;
    PortTask task(*port, am::call);
    trace_port_control(*port, call.process.self, am::call, operation, Bytes(request.data(), request.size()));
    if (!port->driver()->call(call.process.self, static_cast<uint32_t>(operation), Bytes(request.data(), request.size()), reply)) return am::badarg;
    trace_port_reply(*port, call.process.self, am::call, reply);
  }
  RealmDecodeEnvironment environment(call.process.machine.realm);
  Bytes bytes(reinterpret_cast<const uint8_t*>(reply.data()), reply.size());
  Decoded answer = decode_external(call.arena(), bytes, environment);
  return answer.term.is_none() ? am::badarg : ok_tuple(call.arena(), answer.term);
}

static Result erts_internal_port_close_1(Call& call) {
  Ref<Port> port = port_argument(call, call.args[0]);
  if (!port) return am::badarg;
  PortLock lock(*port);
  if (!port->is_open()) return am::badarg;
  PortTask task(*port, am::close);
  trace_port_request(*port, call.process.self, am::close);
  port->close(am::normal);
  return am::true_;
}

static Result erts_internal_port_connect_2(Call& call) {
  Ref<Port> port = port_argument(call, call.args[0]);
  Term owner = call.args[1];
  if (!port || !owner.is_local_pid()) return am::badarg;
  PortLock lock(*port);
  if (!port->is_open() || !send_link_signal(port->self, owner)) return am::badarg;
  PortTask task(*port, am::connect);
  port->add_link(owner);
  trace_port_request(*port, call.process.self, make_tuple(call.arena(), am::connect, owner));
  port->set_owner(owner);
  trace_port_answer(*port, call.process.self, am::connected);
  return am::true_;
}

static Term watchers(Arena& arena, Port& port) {
  Term list = Term::nil();
  for (const Port::Monitor& monitor : port.monitors()) list = make_cons(arena, monitor.watcher, list);
  return list;
}

static Term watched(Arena& arena, Port& port) {
  Term list = Term::nil();
  for (Term process : port.driver()->watched_processes()) list = make_cons(arena, make_tuple(arena, am::process, process), list);
  return list;
}

static Term os_pid(Arena& arena, Port& port) {
  auto pid = port.driver()->os_pid();
  return pid ? make_integer(arena, *pid) : am::undefined;
}

// The value of one item, locked; none() if there is no such item.
static Term port_item(Arena& arena, Port& port, Term item) {
  if (item == am::name) return make_string(arena, port.name());
  if (item == am::links) return make_list(arena, port.links());
  if (item == am::id) return make_unsigned(arena, port.self.port_number() * 8);
  if (item == am::connected) return port.owner();
  if (item == am::input) return make_unsigned(arena, port.bytes_in());
  if (item == am::output) return make_unsigned(arena, port.bytes_out());
  if (item == am::os_pid) return os_pid(arena, port);
  if (item == am::monitors) return watched(arena, port);
  if (item == am::monitored_by) return watchers(arena, port);
  if (item == am::memory) return make_unsigned(arena, 40 + port.driver()->queue_size());
  if (item == am::queue_size) return make_unsigned(arena, port.driver()->queue_size());
  if (item == am::parallelism) return boolean(port.parallelism);
  if (item == am::locking) return am::port_level;
  return Term::none();
}

static Term registered_name(Port& port) { return Term::from_word(port.registered_name.load(std::memory_order_acquire)); }

static Result erts_internal_port_info_1(Call& call) {
  if (!is_port_name(call.args[0])) return am::badarg;
  Ref<Port> port = port_argument(call, call.args[0]);
  if (!port) return am::undefined;
  PortLock lock(*port);
  if (!port->is_open()) return am::undefined;
  PortTask task(*port, am::info);
  Arena& arena = call.arena();
  Term items[] = {am::name, am::links, am::id, am::connected, am::input, am::output, am::os_pid};
  for (Term& item : items) item = make_tuple(arena, item, port_item(arena, *port, item));
  Term list = make_list(arena, items);
  Term name = registered_name(*port);
  return name.is_none() ? list : make_cons(arena, make_tuple(arena, am::registered_name, name), list);
}

static Result erts_internal_port_info_2(Call& call) {
  if (!is_port_name(call.args[0])) return am::badtype;
  Ref<Port> port = port_argument(call, call.args[0]);
  if (!port) return am::undefined;
  PortLock lock(*port);
  if (!port->is_open()) return am::undefined;
  PortTask task(*port, am::info);
  Term item = call.args[1];
  if (item == am::registered_name) {
    Term name = registered_name(*port);
    return name.is_none() ? Term::nil() : make_tuple(call.arena(), item, name);
  }
  Term value = port_item(call.arena(), *port, item);
  return value.is_none() ? am::badarg : make_tuple(call.arena(), item, value);
}

static Result erlang_port_set_data_2(Call& call) {
  Ref<Port> port = port_argument(call, call.args[0]);
  if (!port) return raise_badarg(call);
  PortLock lock(*port);
  if (!port->is_open()) return raise_badarg(call);
  port->set_data(call.args[1]);
  return am::true_;
}

static Result erlang_port_get_data_1(Call& call) {
  Ref<Port> port = port_argument(call, call.args[0]);
  if (!port) return raise_badarg(call);
  PortLock lock(*port);
  if (!port->is_open()) return raise_badarg(call);
  return port->data().is_none() ? am::undefined : port->data().read(call.arena());
}

static Result erlang_ports_0(Call& call) {
  std::vector<Term> ports = Port::all();
  call.charge(100 + ports.size());
  return make_list(call.arena(), ports);
}

static constexpr BifRow rows[] = {
    {"erts_internal", "port_command", 3, erts_internal_port_command_3, BifKind::plain, Authority::host},
    {"erts_internal", "port_control", 3, erts_internal_port_control_3, BifKind::plain, Authority::host},
    {"erts_internal", "port_call", 3, erts_internal_port_call_3, BifKind::plain, Authority::host},
    {"erts_internal", "port_close", 1, erts_internal_port_close_1, BifKind::plain, Authority::host},
    {"erts_internal", "port_connect", 2, erts_internal_port_connect_2, BifKind::plain, Authority::host},
    {"erts_internal", "port_info", 1, erts_internal_port_info_1, BifKind::plain, Authority::host},
    {"erts_internal", "port_info", 2, erts_internal_port_info_2, BifKind::plain, Authority::host},
    {"erlang", "port_set_data", 2, erlang_port_set_data_2, BifKind::plain, Authority::host},
    {"erlang", "port_get_data", 1, erlang_port_get_data_1, BifKind::plain, Authority::host},
    {"erlang", "ports", 0, erlang_ports_0, BifKind::plain, Authority::host},
};
const BifTable port_bifs = rows;

}  // namespace hanse
