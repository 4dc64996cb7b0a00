// See port_signals.h. A port's messages: {Owner, {command, Data}}, {Owner, close}, {Owner, {connect, Pid}}; anything else
// gives the owner an exit signal with reason badsig (Erlang Reference Manual, "Ports and Port Drivers").
#include "io/port_signals.h"

#include <time.h>

#include <algorithm>
#include <memory>

#include "base/epoch.h"
#include "heap/fragment.h"
#include "io/port.h"
#include "io/port_trace.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/send.h"
#include "process/spawn.h"
#include "process/tracing.h"
#include "term/external.h"

namespace hanse {

void log_bad_output(Port& port) {
  FragmentArena arena(64);
  Term arguments = make_list(arena, std::initializer_list<Term>{make_string(arena, port.name())});
  log_to_logger(am::error, "Bad value on output port '~s'~n~n", arguments, nullptr);
}

namespace {

class IoPortSignals final : public PortSignals {
 public:
  bool is_alive(Term port) override { return static_cast<bool>(Port::find(port)); }

  Result message(Call& call, Term to, Term message, bool no_suspend) override {
    Ref<Port> port = Port::find(to);
    if (!port) return am::ok;
    PortLock lock(*port);
    if (!port->is_open()) return am::ok;
    if (!is_tuple_of_arity(message, 2) || as_tuple(message)->elements[0] != port->owner()) return bad_signal(*port);
    Term request = as_tuple(message)->elements[1];
    PortTask task(*port, is_tuple_of_arity(request, 2) ? as_tuple(request)->elements[0] : request);
    if (request == am::close) return close(*port);
    if (!is_tuple_of_arity(request, 2)) return bad_signal(*port);
    Term kind = as_tuple(request)->elements[0], argument = as_tuple(request)->elements[1];
    if (kind == am::command) return command(call, *port, argument, no_suspend);
    if (kind == am::connect) return connect(*port, argument);
    return bad_signal(*port);
  }

  bool output(Term from, Term to, Term data) override {
    Ref<Port> port = Port::find(to);
    auto bytes = std::make_shared<IoQueue>();
    if (!port || !bytes->append_iodata(data)) return false;
    auto write = [from, port, bytes] {
      PortLock lock(*port);
      if (!port->is_open()) return;
      PortTask task(*port, am::command);
      trace_port_command(*port, from, *bytes);
      port->driver()->output(from, std::move(*bytes));
    };
    if (PortLock::held_by_this_thread()) Poller::node().post(write);
    else write();
    return true;
  }

  bool link(Term from, Term to) override {
    Ref<Port> port = Port::find(to);
    if (!port) return false;
    PortLock lock(*port);
    if (!port->is_open()) return false;
    PortTask task(*port, am::link);
    port->add_link(from);
    return true;
  }
  void unlink(Term from, Term to) override {
    Ref<Port> port = Port::find(to);
    if (!port) return;
    PortLock lock(*port);
    if (std::ranges::find(port->links(), from) == port->links().end()) return;
    PortTask task(*port, am::unlink);
    trace_port_event(*port, am::getting_unlinked, from);
    port->remove_link(from);
  }
  // When a linked process exits, `normal` counts only if it was the owner.
  void exit(Term from, Term to, Term reason, ExitKind kind) override {
    // A link to a process that is gone is answered while a port is locked, perhaps this one.
    if (PortLock::held_by_this_thread()) {
      auto stored = std::make_shared<StoredTerm>(reason);
      return Poller::node().post([this, from, to, stored, kind] { exit(from, to, stored->term(), kind); });
    }
    Ref<Port> port = Port::find(to);
    if (!port) return;
    PortLock lock(*port);
    if (kind == ExitKind::link) {
      port->remove_link(from);
      if (reason == am::normal && from != port->owner()) return;
    }
    trace_port_request(*port, from, am::close);
    port->close(reason == am::kill ? am::killed : reason);
  }
  bool monitor(Term watcher, Term to, ReferenceNumber reference) override {
    Ref<Port> port = Port::find(to);
    if (!port) return false;
    PortLock lock(*port);
    if (!port->is_open()) return false;
    PortTask task(*port, am::monitor);
    port->add_monitor(watcher, reference);
    return true;
  }
  void demonitor(Term watcher, Term to, ReferenceNumber reference) override {
    Ref<Port> port = Port::find(to);
    if (!port) return;
    PortLock lock(*port);
    PortTask task(*port, am::demonitor);
    port->remove_monitor(watcher, reference);
  }
  void down(Term to, ReferenceNumber reference) override {
    if (PortLock::held_by_this_thread()) return Poller::node().post([this, to, reference] { down(to, reference); });
    Ref<Port> port = Port::find(to);
    if (!port) return;
    PortLock lock(*port);
    if (port->is_open()) port->driver()->process_down(reference);
  }
  bool trace(Term to, Term message) override {
    Ref<Port> port = Port::find(to);
    if (!port) return false;
    auto bytes = std::make_shared<std::vector<uint8_t>>(encode_external(message));
    auto write = [port, bytes] {
      PortLock lock(*port);
      if (!port->is_open()) return false;
      IoQueue queue;
      queue.append(Bytes(bytes->data(), bytes->size()));
      port->driver()->output(port->owner(), std::move(queue));
      return true;
    };
    if (!PortLock::held_by_this_thread()) return write();
    Poller::node().post([write] { (void)write(); });
    return true;
  }
  bool change_trace(Term to, uint32_t add, uint32_t remove, const Tracer& tracer) override {
    epoch::Guard guard;
    Port* port = Port::peek(to);
    return port && port->traced.change(port->trace_flags, to, add & trace_flag::of_ports, remove, tracer);
  }
  TraceSettings trace_settings(Term to) override {
    epoch::Guard guard;
    Port* port = Port::peek(to);
    return port ? port->traced.read() : TraceSettings{};
  }
  std::vector<Term> all() override { return Port::all(); }
  bool holds_up(Term process) override { return Port::holds_up(process); }
  void trace_event(Term to, Term tag, Term what) override {
    epoch::Guard guard;
    if (Port* port = Port::peek(to)) trace_port_event(*port, tag, what);
  }
  bool set_name(Term to, Term name) override {
    epoch::Guard guard;
    Port* port = Port::peek(to);
    Word unnamed = 0;
    return port && port->registered_name.compare_exchange_strong(unnamed, name.word());
  }
  void clear_name(Term to) override {
    epoch::Guard guard;
    if (Port* port = Port::peek(to)) port->registered_name.store(0);
  }

  bool attach_carrier(Term to, CarrierClient* client) override {
    Ref<Port> port = Port::find(to);
    if (!port) return false;
    PortLock lock(*port);
    return port->is_open() && port->driver()->attach_carrier(client);
  }
  void carrier_output(Term to) override {
    if (PortLock::held_by_this_thread()) return Poller::node().post([this, to] { carrier_output(to); });
    Ref<Port> port = Port::find(to);
    if (!port) return;
    PortLock lock(*port);
    if (port->is_open()) port->driver()->carrier_output();
  }

 private:
  static Result bad_signal(Port& port) {
    send_exit_signal(port.self, port.owner(), am::badsig, ExitKind::direct);
    return am::ok;
  }

  static void answer(Port& port, Term to, Term what) {
    FragmentArena arena(4);
    port.send_to(to, arena, make_tuple(arena, port.self, what));
  }

  static Result close(Port& port) {
    Term owner = port.owner();
    trace_port_request(port, owner, am::close);
    port.close(am::normal);
    if (is_traced(port, trace_flag::send)) trace_port(port, trace_flag::send, {am::send, am::closed, owner});  // as stock tells it
    FragmentArena arena(4);
    deliver_fragment(owner, make_tuple(arena, port.self, am::closed), arena.take());
    return am::ok;
  }

  static Result command(Call& call, Port& port, Term data, bool no_suspend) {
    IoQueue bytes;
    if (!bytes.append_iodata(data)) {
      log_bad_output(port);
      return bad_signal(port);
    }
    if (port.is_busy()) {
      if (no_suspend) return am::nosuspend;
      port.wait_until_free(call.process.self);
      return Result::wait();
    }
    call.charge(10 + bytes.size() / 256);
    trace_port_command(port, call.process.self, bytes);
    port.driver()->output(call.process.self, std::move(bytes));
    return am::ok;
  }

  static Result connect(Port& port, Term pid) {
    // As on stock, the new owner is not linked; port_connect/2 links it.
    if (!pid.is_local_pid()) return bad_signal(port);
    Term old_owner = port.owner();
    FragmentArena arena(4);
    trace_port_request(port, old_owner, make_tuple(arena, am::connect, pid));
    port.set_owner(pid);
    answer(port, old_owner, am::connected);
    return am::ok;
  }
};

}  // namespace

PortSignals& port_signals_of_io() {
  static IoPortSignals& signals = *new IoPortSignals;
  return signals;
}

void flush_all_ports() {
  for (;;) {
    if (!Port::close_what_is_written()) return;
    timespec pause{0, 2000000};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace hanse
