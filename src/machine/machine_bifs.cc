// prim_machine: machines and code realms, for lib/hanse. Serial numbers of machines and numbers of realms are never used again.
// All of it is the host's, but for environment/0.
#include <algorithm>
#include <optional>

#include "bif/binary_bytes.h"
#include "bif/list_builder.h"
#include "bif/process_reply.h"
#include "bif/tables.h"
#include "code/loader.h"
#include "machine/figures.h"
#include "machine/guest_machine.h"
#include "machine/machine_options.h"
#include "process/call.h"
#include "process/guest_queue.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/seq_trace.h"
#include "process/timer_service.h"
#include "process/wall.h"
#include "term/big.h"
#include "term/map.h"

namespace hanse {

namespace {

std::optional<uint64_t> number_argument(Term term) {
  if (!term.is_small() || term.as_small() < 0) return std::nullopt;
  return static_cast<uint64_t>(term.as_small());
}

Ref<GuestRealm> realm_argument(Term term) {
  auto id = number_argument(term);
  return id ? MachineTable::node().find_realm(*id) : nullptr;
}

uint64_t serial_argument(Term term) { return number_argument(term).value_or(0); }  // no machine has 0

// [Module | {Module, [{Function, Arity}]}]. False: something else.
bool parse_functions(Term module, Term list, HostFilter& filter) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term pair = list.as_cons()->head;
    if (!is_tuple_of_arity(pair, 2)) return false;
    Term function = as_tuple(pair)->elements[0], arity = as_tuple(pair)->elements[1];
    if (!function.is_atom() || !arity.is_small() || arity.as_small() < 0 || arity.as_small() > 255) return false;
    filter.allow_function(module, function, static_cast<uint32_t>(arity.as_small()));
  }
  return list.is_nil();
}
bool parse_filter(Term list, HostFilter& filter) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term item = list.as_cons()->head;
    if (item.is_atom()) {
      filter.allow_module(item);
      continue;
    }
    if (!is_tuple_of_arity(item, 2) || !as_tuple(item)->elements[0].is_atom()) return false;
    if (!parse_functions(as_tuple(item)->elements[0], as_tuple(item)->elements[1], filter)) return false;
  }
  return list.is_nil();
}

}  // namespace

// --- realms ---

// prim_machine:realm_new/2. Arguments: host or the realm below; what of the host is visible. The number of the realm.
static Result prim_machine_realm_new_2(Call& call) {
  Ref<GuestRealm> base;
  if (call.args[0] != am::host && !(base = realm_argument(call.args[0]))) return raise_badarg(call);
  HostFilter filter;
  if (!parse_filter(call.args[1], filter)) return raise_badarg(call);
  uint64_t id = MachineTable::node().next_serial();
  auto realm = Ref<GuestRealm>::adopt(new GuestRealm(id, host_machine().realm, std::move(base), std::move(filter)));
  MachineTable::node().add_realm(std::move(realm), call.process.self);
  call.process.owns_machines = true;
  return make_unsigned(call.arena(), id);
}

static Result prim_machine_realm_release_1(Call& call) {
  auto id = number_argument(call.args[0]);
  if (!id || !MachineTable::node().release_realm(*id)) return raise_badarg(call);
  return am::true_;
}

static Term load_error(Call& call, Term reason) { return make_tuple(call.arena(), am::error, reason); }

// prim_machine:realm_load/4. Arguments: realm, module, the .beam file, verified or trusted. ok, or {error, Reason}.
static Result prim_machine_realm_load_4(Call& call) {
  Ref<GuestRealm> realm = realm_argument(call.args[0]);
  Term name = call.args[1], trust = call.args[3];
  if (!realm || !name.is_atom() || !call.args[2].is_binary() || (trust != am::verified && trust != am::trusted)) return raise_badarg(call);
  if (realm->is_reserved(name)) return load_error(call, am::reserved);
  BinaryBytes bytes(call.args[2]);
  call.charge(bytes.size() / 64);
  auto module = prepare_module(*realm, realm->account, name, bytes.span(), trust == am::trusted ? Trust::trusted : Trust::verified);
  if (!module) {
    Term text = make_binary(call.arena(), module.error().message());
    return load_error(call, make_tuple(call.arena(), am::badfile, text));
  }
  if ((*module)->has_on_load()) return load_error(call, am::on_load);
  std::unique_ptr<Module>* modules[] = {&*module};
  auto installed = realm->modules().install(modules);
  if (installed.outcome == ModuleTable::Install::not_purged) return load_error(call, am::not_purged);
  return am::ok;
}

// Who waits until all processes that might run old code have been asked.
struct RealmPurge {
  Ref<GuestRealm> realm;
  Term name, caller;
  uint64_t serial;
  std::atomic<size_t> asked{1};
  void answered() {
    if (asked.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    realm->modules().purge_complete(name);
    for (Term pid : realm->modules().take_waiting(name)) send_resume(pid);
    send_reply(caller, serial, am::true_);
  }
};

// prim_machine:realm_purge/2. Arguments: realm, module. Ends the processes that run old code of the module, and frees that. False:
// there is none.
static Result prim_machine_realm_purge_2(Call& call) {
  if (auto reply = take_reply(call)) return *reply;
  Ref<GuestRealm> realm = realm_argument(call.args[0]);
  Term name = call.args[1];
  if (!realm || !name.is_atom()) return raise_badarg(call);
  if (!realm->modules().purge_prepare(name)) return am::false_;
  auto purge = std::make_shared<RealmPurge>(realm, name, call.process.self, expect_reply(call));
  for (uint64_t serial : MachineTable::node().serials()) {
    FoundMachine machine(serial);
    if (!machine || !machine->guest_realm()->is_over(*realm)) continue;
    for (Term pid : machine->limits().pids()) {
      purge->asked.fetch_add(1, std::memory_order_relaxed);
      auto check = [purge, name](Process& process) {
        if (code_usage()->uses_old_code(process, name) && process.pending_exit.is_none()) process.pending_exit = am::killed;
        purge->answered();
      };
      request_task(pid, check, [purge] { purge->answered(); });
    }
  }
  purge->answered();
  return Result::wait();
}

static Result prim_machine_realm_modules_1(Call& call) {
  Ref<GuestRealm> realm = realm_argument(call.args[0]);
  if (!realm) return raise_badarg(call);
  return make_list(call.arena(), realm->modules().loaded());
}

static Result prim_machine_realm_exports_4(Call& call) {
  Ref<GuestRealm> realm = realm_argument(call.args[0]);
  Term arity = call.args[3];
  if (!realm || !call.args[1].is_atom() || !call.args[2].is_atom() || !arity.is_small() || arity.as_small() < 0 || arity.as_small() > 255)
    return raise_badarg(call);
  Export* target = realm->find_export(call.args[1], call.args[2], static_cast<uint32_t>(arity.as_small()));
  return boolean(target != nullptr && (target->bif != nullptr || target->is_loaded()));
}

// --- machines ---

// prim_machine:machine_new/2. Arguments: realm, options. The serial number.
static Result prim_machine_machine_new_2(Call& call) {
  Ref<GuestRealm> realm = realm_argument(call.args[0]);
  Term options = call.args[1];
  if (!realm || !options.is_map()) return raise_badarg(call);
  Term name = map_get(options, am::name), environment = map_get(options, am::environment);
  if (!name.is_none() && !name.is_binary()) return raise_badarg(call);
  std::string text;
  if (!name.is_none()) {
    BinaryBytes bytes(name);
    text.assign(reinterpret_cast<const char*>(bytes.span().data()), bytes.size());
  }
  guests_exist.store(true, std::memory_order_relaxed);
  MachineTable& table = MachineTable::node();
  auto* machine = new GuestMachine(std::move(text), table.next_serial(), std::move(realm), call.process.self);
  machine->limits().set_observer(call.process.self);
  machine->limits().set_watchable({call.process.self});
  machine->limits().set_log_target(call.process.self);
  if (!environment.is_none()) machine->environment.set(environment);
  if (!apply_options(*machine, options)) {
    machine->release();
    return raise_badarg(call);
  }
  call.process.owns_machines = true;
  uint64_t serial = machine->serial;
  table.add(machine);
  call.charge(20);
  return make_unsigned(call.arena(), serial);
}

// prim_machine:machine_set/2. Arguments: serial number, options.
static Result prim_machine_machine_set_2(Call& call) {
  FoundMachine machine(serial_argument(call.args[0]));
  if (!machine || !call.args[1].is_map() || !apply_options(*machine, call.args[1])) return raise_badarg(call);
  return am::ok;
}

struct GuestSpawn {
  bool monitor = false;
  bool link = false;
  Term group_leader;
  Term label = Term::none();  // of the token of sequential tracing
};

static bool parse_spawn(Term list, GuestSpawn& options) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term item = list.as_cons()->head;
    if (item == am::monitor) options.monitor = true;
    else if (item == am::link) options.link = true;
    else if (!is_tuple_of_arity(item, 2)) return false;
    else if (as_tuple(item)->elements[0] == am::group_leader) options.group_leader = as_tuple(item)->elements[1];
    else if (as_tuple(item)->elements[0] == am::label) options.label = as_tuple(item)->elements[1];
    else return false;
  }
  return list.is_nil() && options.group_leader.is_local_pid();
}

// prim_machine:machine_spawn/5. Arguments: serial number, module, function, arguments, options. The pid, or {Pid, Reference}.
static Result prim_machine_machine_spawn_5(Call& call) {
  Process& self = call.process;
  FoundMachine machine(serial_argument(call.args[0]));
  if (!machine || spawn_arity(call.args[1], call.args[2], call.args[3]) < 0) return raise_badarg(call);
  GuestSpawn wanted;
  wanted.group_leader = machine->owner;
  if (!parse_spawn(call.args[4], wanted)) return raise_badarg(call);
  SpawnOptions options;
  options.heap = default_heap_settings();
  Term reference = Term::none();
  auto prepare = [&](Process& child) {
    // What begins inside learns of no process outside but the one it is given.
    child.parent = child.group_leader = wanted.group_leader;
    if (!wanted.label.is_none()) {
      Term label = copy(child.heap, wanted.label), elements[] = {Term::small(0), label, Term::small(0), child.self, Term::small(0)};
      set_seq_token(child, hanse::make_tuple(child.heap, std::span<const Term>(elements)));
    }
    if (wanted.link) {
      self.relations.link(child.self);
      child.relations.peer_links(self.self);
    }
    if (!wanted.monitor) return;
    ReferenceNumber number = next_reference_number();
    Monitor monitor;
    monitor.target.set(child.self);
    self.relations.add_monitor(number, std::move(monitor));
    child.relations.add_watcher(number, self.self);
    reference = make_reference(call.arena(), number);
  };
  Term pid = spawn_into(*machine, call.args[1], call.args[2], call.args[3], options, prepare);
  if (pid.is_none()) return machine->limits().is_dying() ? raise_badarg(call) : raise_system_limit(call);
  call.charge(64);
  return reference.is_none() ? pid : make_tuple(call.arena(), pid, reference);
}

// prim_machine:machine_kill/2. Arguments: serial number, any reason.
static Result prim_machine_machine_kill_2(Call& call) {
  FoundMachine machine(serial_argument(call.args[0]));
  if (!machine) return raise_badarg(call);
  machine->limits().kill(call.args[1]);
  return am::ok;
}

// prim_machine:machine_serve/1. Argument: serial number. The calling process of the host runs on the machine's share from now on, until it ends.
static Result prim_machine_machine_serve_1(Call& call) {
  FoundMachine machine(serial_argument(call.args[0]));
  if (!machine || call.process.machine.guest() != nullptr) return raise_badarg(call);
  serve_guest(call.process, &machine->limits());
  return am::ok;
}

static Result prim_machine_machine_suspend_1(Call& call) {
  FoundMachine machine(serial_argument(call.args[0]));
  if (!machine) return raise_badarg(call);
  machine->limits().suspend();
  return am::ok;
}
static Result prim_machine_machine_resume_1(Call& call) {
  FoundMachine machine(serial_argument(call.args[0]));
  if (!machine) return raise_badarg(call);
  machine->limits().resume();
  return am::ok;
}

static Result prim_machine_machines_0(Call& call) {
  std::vector<uint64_t> serials = MachineTable::node().serials();
  std::sort(serials.begin(), serials.end());
  ListBuilder list(call.arena());
  for (uint64_t serial : serials) list.add(make_unsigned(call.arena(), serial));
  return list.finish();
}

// prim_machine:machine_of/1. Argument: local pid. The serial number, host, or undefined.
static Result prim_machine_machine_of_1(Call& call) {
  if (!call.args[0].is_local_pid()) return raise_badarg(call);
  epoch::Guard guard;
  Process* process = find_process(call.args[0]);
  if (!process) return am::undefined;
  return process->machine.guest() == nullptr ? am::host : make_unsigned(call.arena(), process->machine.serial);
}

// prim_machine:environment/0: what the machine of the caller was given; undefined in the host.
static Result prim_machine_environment_0(Call& call) {
  if (call.process.machine.guest() == nullptr) return am::undefined;
  auto& machine = static_cast<GuestMachine&>(call.process.machine);
  if (machine.environment.is_none()) return am::undefined;
  return copy_across(call.arena(), machine, machine.environment.term());
}

// --- figures ---

namespace {

Term memory_by_kind(Arena& arena, const Account& account) {
  static constexpr std::pair<Term, MemoryKind> kinds[] = {
      {am::heap, MemoryKind::heap}, {am::fragment, MemoryKind::fragment}, {am::binary, MemoryKind::binary},
      {am::ets, MemoryKind::ets},   {am::mailbox, MemoryKind::mailbox},   {am::code, MemoryKind::code},
      {am::system, MemoryKind::system}};
  Figures figures(arena);
  for (auto& [name, kind] : kinds) figures.add(name, account.bytes(kind));
  return figures.map();
}

}  // namespace

// prim_machine:machine_info/1. Argument: serial number. A map.
static Result prim_machine_machine_info_1(Call& call) {
  FoundMachine machine(serial_argument(call.args[0]));
  if (!machine) return raise_badarg(call);
  Arena& arena = call.arena();
  const Guest& guest = machine->limits();
  std::vector<Term> pids = guest.pids();
  Figures figures(arena);
  figures.add(am::name, make_binary(arena, machine->name));
  figures.add(am::serial, static_cast<int64_t>(machine->serial));
  figures.add(am::state, guest.is_dying() ? am::dying : guest.is_suspended() ? am::suspended : am::running);
  figures.add(am::processes, static_cast<int64_t>(pids.size()));
  figures.add(am::pids, make_list(arena, pids));
  figures.add(am::memory, machine->account.total());
  figures.add(am::memory_by_kind, memory_by_kind(arena, machine->account));
  figures.add(am::code, machine->guest_realm()->account.total());
  for (Limit limit : {Limit::atoms, Limit::ets_tables, Limit::timers}) figures.add(limit_name(limit), guest.in_use(limit));
  figures.add(am::reductions, static_cast<int64_t>(guest.reductions.load(std::memory_order_relaxed)));
  figures.add(am::cpu_ns, static_cast<int64_t>(guest.cpu_ns.load(std::memory_order_relaxed)));
  figures.add(am::outside_messages, static_cast<int64_t>(guest.outside_messages.load(std::memory_order_relaxed)));
  figures.add(am::share, static_cast<int64_t>(guest.share.load(std::memory_order_relaxed)));
  figures.add(am::limits, limits_map(arena, guest));
  call.charge(pids.size() / 8 + 20);
  return figures.map();
}

static constexpr BifRow rows[] = {
    {"prim_machine", "environment", 0, prim_machine_environment_0, BifKind::plain, Authority::own_machine},
    {"prim_machine", "machine_info", 1, prim_machine_machine_info_1, BifKind::plain, Authority::host},
    {"prim_machine", "machine_kill", 2, prim_machine_machine_kill_2, BifKind::plain, Authority::host},
    {"prim_machine", "machine_new", 2, prim_machine_machine_new_2, BifKind::plain, Authority::host},
    {"prim_machine", "machine_of", 1, prim_machine_machine_of_1, BifKind::plain, Authority::host},
    {"prim_machine", "machine_resume", 1, prim_machine_machine_resume_1, BifKind::plain, Authority::host},
    {"prim_machine", "machine_serve", 1, prim_machine_machine_serve_1, BifKind::plain, Authority::host},
    {"prim_machine", "machine_set", 2, prim_machine_machine_set_2, BifKind::plain, Authority::host},
    {"prim_machine", "machine_spawn", 5, prim_machine_machine_spawn_5, BifKind::plain, Authority::host},
    {"prim_machine", "machine_suspend", 1, prim_machine_machine_suspend_1, BifKind::plain, Authority::host},
    {"prim_machine", "machines", 0, prim_machine_machines_0, BifKind::plain, Authority::host},
    {"prim_machine", "realm_exports", 4, prim_machine_realm_exports_4, BifKind::plain, Authority::host},
    {"prim_machine", "realm_load", 4, prim_machine_realm_load_4, BifKind::dirty_cpu, Authority::host},
    {"prim_machine", "realm_modules", 1, prim_machine_realm_modules_1, BifKind::plain, Authority::host},
    {"prim_machine", "realm_new", 2, prim_machine_realm_new_2, BifKind::plain, Authority::host},
    {"prim_machine", "realm_purge", 2, prim_machine_realm_purge_2, BifKind::plain, Authority::host},
    {"prim_machine", "realm_release", 1, prim_machine_realm_release_1, BifKind::plain, Authority::host},
};
const BifTable machine_bifs = rows;

}  // namespace hanse
