// erlang: monitors and aliases.
#include "bif/process_options.h"
#include "bif/tables.h"
#include "process/distribution.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/ports_interface.h"
#include "process/send.h"
#include "process/signals.h"
#include "process/time_offset.h"
#include "term/node.h"

namespace hanse {

// What is to be watched, resolved. target: none() if it does not exist.
struct MonitorTarget {
  MonitorKind kind = MonitorKind::process;
  Term target = Term::none();
  Term name = Term::none();
};

static bool watch_by_name(Term watcher, Term to, ReferenceNumber reference, Term name) {
  auto* signal = new MonitorSignal;
  signal->watcher = watcher;
  signal->name = name;
  signal->reference = reference;
  deliver_signal(to, signal);  // tells the watcher if there is no such process any more
  return true;
}

static Term start_monitor(Call& call, const MonitorTarget& what, AliasMode alias, Term tag) {
  Process& self = call.process;
  ReferenceNumber number = next_reference_number();
  Monitor monitor;
  monitor.kind = what.kind;
  monitor.alias = alias;
  monitor.has_pid = alias != AliasMode::none;
  monitor.target.set(what.target.is_none() ? am::undefined : what.target);
  if (!what.name.is_none()) {
    monitor.name = what.name;
    monitor.node = this_node().name;
  }
  if (!tag.is_none()) monitor.tag.set(tag);
  Term reference = monitor.has_pid ? make_pid_reference(call.arena(), number, self.self) : make_reference(call.arena(), number);
  if (monitor.has_pid) self.relations.add_alias(number, alias);
  if (what.target == self.self) return reference;  // never fires
  Monitor& added = self.relations.add_monitor(number, std::move(monitor));
  if (what.kind == MonitorKind::time_offset) {
    watch_time_offset(self.self);
    return reference;
  }
  bool watching;
  if (what.target.is_none()) watching = false;
  else if (what.target.is_local_pid() || what.target.is_local_port())
    watching = what.name.is_none() || what.target.is_local_port() ? send_monitor_signal(self.self, what.target, number)
                                                                  : watch_by_name(self.self, what.target, number, what.name);
  else if (what.kind == MonitorKind::port) watching = false;
  else {
    DistributionSignals* remote = distribution_signals();
    added.connection = remote ? remote->monitor(self, what.target, reference) : 0;
    watching = added.connection != 0;
    if (!watching) {
      // Pids of this node as it was in an earlier life are of processes that are gone.
      bool here = what.target.is_boxed_kind(Boxed::external_pid) && what.target.as<ExternalPid>()->node()->name == this_node().name;
      send_down_signal(self.self, number, here ? am::noproc : am::noconnection);
      return reference;
    }
  }
  if (!watching) send_down_signal(self.self, number, am::noproc);
  return reference;
}

// True: this node made it in an earlier life.
static bool is_of_this_node(Term reference) { return reference.as<ExternalReference>()->node()->name == this_node().name; }

static bool resolve_name(Call& call, Term name, MonitorTarget& what) {
  what.name = name;
  Term holder = find_name(call.process.machine, name);
  if (holder.is_local_pid() && !may_watch(call.process, holder)) holder = Term::none();
  bool fits = what.kind == MonitorKind::port ? holder.is_local_port() : holder.is_local_pid();
  if (fits) what.target = holder;
  return true;
}

// False: badarg.
static bool resolve_item(Call& call, Term item, MonitorTarget& what) {
  bool port = what.kind == MonitorKind::port;
  if (port ? item.is_port() : item.is_pid()) {
    if (port || may_watch(call.process, item)) what.target = item;
    return !port || !is_port_of_other_node(item);  // a port of an earlier incarnation is gone
  }
  if (item.is_atom()) return resolve_name(call, item, what);
  if (!is_tuple_of_arity(item, 2)) return false;
  Term name = as_tuple(item)->elements[0], node = as_tuple(item)->elements[1];
  if (!name.is_atom() || !node.is_atom()) return false;
  if (node == this_node().name) return resolve_name(call, name, what);
  if (port || call.process.machine.guest() != nullptr || !distribution_signals() || !distribution_signals()->is_alive()) return false;
  what.target = item;
  return true;
}

static Result monitor(Call& call, AliasMode alias, Term tag) {
  Term type = call.args[0], item = call.args[1];
  call.charge(4);
  MonitorTarget what;
  if (type == am::time_offset) {
    if (item != am::clock_service) return raise_badarg(call);
    what.kind = MonitorKind::time_offset;
    what.target = item;
  } else if (type == am::process || type == am::port) {
    what.kind = type == am::port ? MonitorKind::port : MonitorKind::process;
    if (!resolve_item(call, item, what)) return raise_badarg(call);
  } else {
    return raise_badarg(call, am::badtype);
  }
  bool remote = what.kind == MonitorKind::process && what.target.is_pointer();
  if (remote && distribution_signals() && distribution_signals()->delays(call.process.self, what.target)) return Result::wait();
  return start_monitor(call, what, alias, tag);
}

static Result erlang_monitor_2(Call& call) { return monitor(call, AliasMode::none, Term::none()); }

static Result erlang_monitor_3(Call& call) {
  AliasMode alias = AliasMode::none;
  Term tag = Term::none();
  if (!parse_monitor_options(call.args[2], alias, tag)) return raise_badarg(call, am::badopt);
  return monitor(call, alias, tag);
}

// Whether the caller must wait before it can tell another node that it watches no longer.
static bool is_delayed(Call& call, Term reference) {
  Monitor* monitor = call.process.relations.find_monitor(reference_number(reference));
  return monitor && monitor->connection != 0 && monitor->target.term().is_pointer() &&
         distribution_signals()->delays(call.process.self, monitor->target.term());
}

// True: there was such a monitor.
static bool demonitor(Call& call, Term reference) {
  Relations& relations = call.process.relations;
  ReferenceNumber number = reference_number(reference);
  Monitor* monitor = relations.find_monitor(number);
  AliasMode alias = relations.find_alias(number);
  if (alias == AliasMode::demonitor || alias == AliasMode::reply_demonitor) relations.remove_alias(number);
  if (!monitor) return false;
  Term target = monitor->target.term();
  if (target.is_local_pid() || target.is_local_port()) {
    send_demonitor_signal(call.process.self, target, number);
  } else if (target.is_pointer() && monitor->connection != 0) {
    if (DistributionSignals* remote = distribution_signals())
      remote->demonitor(call.process.self, target, reference, monitor->connection);
  }
  relations.remove_monitor(number);
  return true;
}

static Result erlang_demonitor_1(Call& call) {
  Term reference = call.args[0];
  call.charge(4);
  if (!reference.is_reference()) return raise_badarg(call);
  if (reference.is_internal_reference()) {
    if (is_delayed(call, reference)) return Result::wait();
    demonitor(call, reference);
  } else if (!is_of_this_node(reference)) return raise_badarg(call);
  return am::true_;
}

// Removes a message {_, Reference, _, _, _} that came before the monitor ended.
static bool flush_down(Process& process, Term reference) {
  process.handle_signals();
  ReferenceNumber number = reference_number(reference);
  Message* message = process.mailbox.remove_if([&](Term term) {
    if (!is_tuple_of_arity(term, 5)) return false;
    Term candidate = as_tuple(term)->elements[1];
    return candidate.is_internal_reference() && reference_number(candidate) == number;
  });
  if (!message) return false;
  message->undeliverable();
  return true;
}

static Result erlang_demonitor_2(Call& call) {
  Term reference = call.args[0], list = call.args[1];
  bool flush = false, info = false;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    if (list.as_cons()->head == am::flush) flush = true;
    else if (list.as_cons()->head == am::info) info = true;
    else return raise_badarg(call);
  }
  if (!list.is_nil() || !reference.is_reference()) return raise_badarg(call);
  call.charge(4);
  if (!reference.is_internal_reference()) return is_of_this_node(reference) ? Result(boolean(!info)) : raise_badarg(call);
  if (is_delayed(call, reference)) return Result::wait();
  Monitor* monitor = call.process.relations.find_monitor(reference_number(reference));
  bool may_have_told = monitor == nullptr || monitor->kind == MonitorKind::time_offset;  // the latter goes on after a message
  bool found = demonitor(call, reference);
  if (may_have_told && flush) flush_down(call.process, reference);
  return boolean(!info || found);
}

// erlang:alias/1. Options: explicit_unalias, reply.
static Result erlang_alias_1(Call& call) {
  AliasMode mode = AliasMode::explicit_unalias;
  Term list = call.args[0];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    if (list.as_cons()->head == am::reply) mode = AliasMode::reply;
    else if (list.as_cons()->head == am::explicit_unalias) mode = AliasMode::explicit_unalias;
    else return raise_badarg(call);
  }
  if (!list.is_nil()) return raise_badarg(call);
  ReferenceNumber number = next_reference_number();
  call.process.relations.add_alias(number, mode);
  return make_pid_reference(call.arena(), number, call.process.self);
}

static Result erlang_unalias_1(Call& call) {
  Term alias = call.args[0];
  if (!alias.is_reference()) return raise_badarg(call);
  if (!alias.is_boxed_kind(Boxed::reference)) return am::false_;
  return boolean(call.process.relations.remove_alias(reference_number(alias)));
}

static constexpr BifRow rows[] = {
    {"erlang", "monitor", 2, erlang_monitor_2, BifKind::plain, Authority::own_machine},
    {"erlang", "monitor", 3, erlang_monitor_3, BifKind::plain, Authority::own_machine},
    {"erlang", "demonitor", 1, erlang_demonitor_1, BifKind::plain, Authority::own_machine},
    {"erlang", "demonitor", 2, erlang_demonitor_2, BifKind::plain, Authority::own_machine},
    {"erlang", "alias", 1, erlang_alias_1, BifKind::plain, Authority::own_process},
    {"erlang", "unalias", 1, erlang_unalias_1, BifKind::plain, Authority::own_process},
};
const BifTable process_monitors_bifs = rows;

}  // namespace hanse
