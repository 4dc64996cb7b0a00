// erl_ddll: loading and unloading drivers. Those that are built in are there for ever.
#include <string>

#include "bif/tables.h"
#include "driver/loaded_driver.h"
#include "heap/fragment.h"
#include "process/call.h"
#include "process/send.h"
#include "term/reference.h"
#include "term/text.h"

namespace hanse::driver {

namespace {

std::optional<std::string> driver_name(Term term) { return term.is_nil() ? std::nullopt : native_name(term); }

std::optional<std::string> driver_path(Term term) { return term.is_atom() ? std::nullopt : driver_name(term); }

bool is_built_in(const std::string& name) {
  for (const BuiltInDriver& driver : built_in_drivers())
    if (name == driver.name && !driver.is_loaded_later) return true;
  std::lock_guard lock(drivers_mutex());
  LoadedDriver* driver = find_driver(name);
  return driver != nullptr && driver->is_linked_in();
}

Result error_tuple(Call& call, Term reason) { return make_tuple(call.arena(), am::error, reason); }

// Which events the caller wants to be told of: a message when `pending` ends, whatever is waited for, or `pending_driver` only.
enum class Wish : uint8_t { none, pending_driver, pending };
std::optional<Wish> parse_wish(Term term) {
  if (term == am::pending_driver) return Wish::pending_driver;
  if (term == am::pending) return Wish::pending;
  return std::nullopt;
}

struct LoadOptions {
  bool kills_ports = false;
  Wish monitor = Wish::none;
  Wish reload = Wish::none;
};

bool parse_load_options(Term list, LoadOptions& options) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (!is_tuple_of_arity(option, 2)) return false;
    Term key = as_tuple(option)->elements[0], value = as_tuple(option)->elements[1];
    if (key == am::driver_options) {
      for (; value.is_cons(); value = value.as_cons()->tail) {
        if (value.as_cons()->head != am::kill_ports) return false;
        options.kills_ports = true;
      }
      if (!value.is_nil()) return false;
    } else if (key == am::monitor || key == am::reload) {
      auto wish = parse_wish(value);
      if (!wish) return false;
      (key == am::monitor ? options.monitor : options.reload) = *wish;
    } else {
      return false;
    }
  }
  return list.is_nil();
}

bool parse_unload_options(Term list, bool& kills_ports, Wish& monitor) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (option == am::kill_ports) {
      kills_ports = true;
      continue;
    }
    if (!is_tuple_of_arity(option, 2) || as_tuple(option)->elements[0] != am::monitor) return false;
    auto wish = parse_wish(as_tuple(option)->elements[1]);
    if (!wish) return false;
    monitor = *wish;
  }
  return list.is_nil();
}

// {ok, Status} or {ok, Status, Reference}
Result ok_answer(Call& call, Term status, LoadedDriver& driver, bool monitors, Interest interest) {
  if (!monitors) return make_tuple(call.arena(), am::ok, status);
  ReferenceNumber reference = driver.await(call.process.self, interest);
  return make_tuple(call.arena(), am::ok, status, make_reference(call.arena(), reference));
}

// --- loading ---

Result load_new(Call& call, const std::string& path, const std::string& name, const LoadOptions& options) {
  if (options.reload != Wish::none) return error_tuple(call, am::not_loaded);
  auto driver = std::make_shared<LoadedDriver>(name);
  LoadError error = driver->load(path, options.kills_ports);
  if (error != 0) return error_tuple(call, load_error_term(call.arena(), error));
  driver->add_user(call.process.self, true);
  loaded_drivers().push_back(driver);
  return make_tuple(call.arena(), am::ok, am::loaded);
}

Result load_again(Call& call, LoadedDriver& driver, const std::string& path, const LoadOptions& options) {
  if (driver.path != path || driver.kills_ports != options.kills_ports) return error_tuple(call, am::inconsistent);
  if (driver.stage != Stage::usable) {
    driver.stage = Stage::usable;
    driver.tell(Interest::awaits_unload, am::UP, am::unload_cancelled);
  }
  driver.add_user(call.process.self, true);
  return make_tuple(call.arena(), am::ok, am::already_loaded);
}

// The driver is loaded anew once nobody holds it.
Result reload(Call& call, LoadedDriver& driver, const std::string& path, const LoadOptions& options, bool& closes_ports) {
  if (options.reload == Wish::pending_driver && !driver.is_only_user(call.process.self)) return error_tuple(call, am::pending_process);
  if (driver.kills_ports != options.kills_ports) return error_tuple(call, am::inconsistent);
  User* user = driver.find_user(call.process.self, Interest::has_loaded);
  if (user == nullptr) return error_tuple(call, am::not_loaded_by_this_process);
  driver.stage = driver.kills_ports ? Stage::reloads_now : Stage::reloads;
  driver.reload_path = path;
  driver.reload_kills_ports = options.kills_ports;
  driver.remove_user(user);
  driver.release_users();
  driver.add_user(call.process.self, false);
  closes_ports = driver.kills_ports;
  Term status = options.reload == Wish::pending_driver ? am::pending_driver : am::pending_process;
  return ok_answer(call, status, driver, options.monitor != Wish::none, Interest::awaits_load);
}

// Who loads a driver that is being loaded anew is told when it is there.
Result load_reloading(Call& call, LoadedDriver& driver, const std::string& path, const LoadOptions& options) {
  if (options.reload != Wish::none) return error_tuple(call, am::pending_reload);
  if (driver.reload_path != path || driver.reload_kills_ports != options.kills_ports) return error_tuple(call, am::inconsistent);
  driver.add_user(call.process.self, false);
  return ok_answer(call, am::pending_driver, driver, true, Interest::awaits_load);
}

Result load_known(Call& call, LoadedDriver& driver, const std::string& path, const LoadOptions& options, bool& closes_ports) {
  switch (driver.stage) {
    case Stage::permanent: return error_tuple(call, am::permanent);
    case Stage::reloads:
    case Stage::reloads_now: return load_reloading(call, driver, path, options);
    case Stage::unloads:
    case Stage::unloads_now:
      if (options.reload != Wish::none) return error_tuple(call, am::not_loaded_by_this_process);
      return load_again(call, driver, path, options);
    case Stage::usable: break;
  }
  return options.reload != Wish::none ? reload(call, driver, path, options, closes_ports) : load_again(call, driver, path, options);
}

// erl_ddll:try_load/3. Arguments: path, name, options.
Result erl_ddll_try_load_3(Call& call) {
  LoadOptions options;
  if (!parse_load_options(call.args[2], options)) return raise_badarg(call);
  auto name = driver_name(call.args[1]), folder = driver_path(call.args[0]);
  if (!name || !folder) return raise_badarg(call);
  std::string path = *folder;
  while (path.size() > 1 && (path.back() == '/' || path.back() == '\\')) path.pop_back();
  path += "/" + *name;
  if (is_built_in(*name)) return error_tuple(call, am::linked_in_driver);
  std::shared_ptr<LoadedDriver> closing;
  Result result = am::ok;
  {
    std::lock_guard lock(drivers_mutex());
    LoadedDriver* driver = find_driver(*name);
    if (driver == nullptr) return load_new(call, path, *name, options);
    std::shared_ptr<LoadedDriver> held = driver->hold();
    bool closes_ports = false;
    result = load_known(call, *driver, path, options, closes_ports);
    if (closes_ports) closing = held;
  }
  if (closing != nullptr) close_ports_of(*closing);
  return result;
}

// --- unloading ---

// erl_ddll:try_unload/2. Arguments: name, options.
Result erl_ddll_try_unload_2(Call& call) {
  bool kills_ports = false;
  Wish monitor = Wish::none;
  if (!parse_unload_options(call.args[1], kills_ports, monitor)) return raise_badarg(call);
  auto name = driver_name(call.args[0]);
  if (!name) return raise_badarg(call);
  if (is_built_in(*name)) return error_tuple(call, am::linked_in_driver);
  std::shared_ptr<LoadedDriver> held;
  bool closes_ports = false;
  Result result = am::ok;
  {
    std::lock_guard lock(drivers_mutex());
    LoadedDriver* driver = find_driver(*name);
    if (driver == nullptr) return error_tuple(call, am::not_loaded);
    if (driver->stage == Stage::permanent) return error_tuple(call, am::permanent);
    held = driver->hold();
    if (User* user = driver->find_user(call.process.self, Interest::has_loaded)) driver->remove_user(user);
    else if (driver->count(Interest::has_loaded) > 0) return error_tuple(call, am::not_loaded_by_this_process);
    if (driver->count(Interest::has_loaded) > 0) {
      result = ok_answer(call, am::pending_process, *driver, monitor == Wish::pending, Interest::awaits_unload);
    } else {
      driver->cancel_reload();
      closes_ports = (kills_ports || driver->kills_ports) && driver->port_count > 0;
      driver->stage = closes_ports ? Stage::unloads_now : Stage::unloads;
      result = ok_answer(call, am::pending_driver, *driver, monitor != Wish::none, Interest::awaits_unload);
    }
  }
  if (closes_ports) close_ports_of(*held);
  return result;
}

// --- questions ---

Result erl_ddll_loaded_drivers_0(Call& call) {
  std::vector<Term> names;
  for (const BuiltInDriver& driver : built_in_drivers())
    if (!driver.is_loaded_later) names.push_back(make_string(call.arena(), driver.name));
  std::lock_guard lock(drivers_mutex());
  for (const auto& driver : loaded_drivers()) names.push_back(make_string(call.arena(), driver->name()));
  return make_tuple(call.arena(), am::ok, make_list(call.arena(), names));
}

// [{Pid, HowOften}]
Term processes(Arena& arena, const LoadedDriver& driver, Term item) {
  std::vector<std::pair<Term, int64_t>> counts;
  for (const User& user : driver.users) {
    Term of = user.interest == Interest::has_loaded ? am::processes : user.interest == Interest::awaits_load ? am::awaiting_load : am::awaiting_unload;
    if (of != item) continue;
    auto known = std::find_if(counts.begin(), counts.end(), [&](auto& count) { return count.first == user.pid; });
    if (known != counts.end()) known->second++;
    else counts.emplace_back(user.pid, 1);
  }
  Term list = Term::nil();
  for (auto& [pid, count] : counts) list = make_cons(arena, make_tuple(arena, pid, Term::small(count)), list);
  return list;
}

Result erl_ddll_info_2(Call& call) {
  auto name = driver_name(call.args[0]);
  Term item = call.args[1];
  if (!name || !item.is_atom()) return raise_badarg(call);
  bool of_processes = item == am::processes || item == am::awaiting_load || item == am::awaiting_unload;
  if (!of_processes && item != am::driver_options && item != am::port_count && item != am::linked_in_driver && item != am::permanent)
    return raise_badarg(call);
  if (is_built_in(*name)) return item == am::linked_in_driver ? am::true_ : item == am::permanent ? am::false_ : am::linked_in_driver;
  std::lock_guard lock(drivers_mutex());
  LoadedDriver* driver = find_driver(*name);
  if (driver == nullptr) return raise_badarg(call);
  bool permanent = driver->stage == Stage::permanent;
  if (item == am::linked_in_driver) return am::false_;
  if (item == am::permanent) return permanent ? am::true_ : am::false_;
  if (item == am::driver_options) return driver->kills_ports ? make_cons(call.arena(), am::kill_ports, Term::nil()) : Term::nil();
  if (permanent) return am::permanent;
  if (item == am::port_count) return Term::small(driver->port_count);
  return processes(call.arena(), *driver, item);
}

Result erl_ddll_format_error_int_1(Call& call) {
  static const struct {
    Term error;
    const char* text;
  } texts[] = {
      {am::inconsistent, "Driver name and/or driver options are inconsistent with currently loaded driver"},
      {am::linked_in_driver, "Driver is statically linked and cannot be loaded/unloaded"},
      {am::permanent, "DDLL driver is permanent an cannot be unloaded/loaded"},
      {am::not_loaded, "DDLL driver is not loaded"},
      {am::not_loaded_by_this_process, "DDLL driver was not loaded by this process"},
      {am::not_pending, "DDLL load not pending for this driver name"},
      {am::already_loaded, "DDLL driver is already loaded successfully"},
      {am::pending_reload, "Driver reloading is already pending"},
      {am::pending_process, "Driver is loaded by others when attempting option {reload, pending_driver}"},
  };
  for (auto& row : texts)
    if (row.error == call.args[0]) return make_string(call.arena(), row.text);
  auto text = load_error_text(call.args[0]);
  return text ? make_string(call.arena(), *text) : raise_badarg(call);
}

// --- monitors ---

// Answered at once if there is nothing to wait for, with the name as it was given.
Result tell_now(Call& call, Term name, Term type, Term tag) {
  ReferenceNumber reference = next_reference_number();
  notify(call.process.self, reference, name, type, tag);
  return make_reference(call.arena(), reference);
}

Result erl_ddll_monitor_2(Call& call) {
  Term request = call.args[1];
  if (call.args[0] != am::driver || !is_tuple_of_arity(request, 2)) return raise_badarg(call);
  auto name = driver_name(as_tuple(request)->elements[0]);
  Term event = as_tuple(request)->elements[1];
  if (!name || (event != am::loaded && event != am::unloaded && event != am::unloaded_only)) return raise_badarg(call);
  if (is_built_in(*name)) return tell_now(call, as_tuple(request)->elements[0], am::UP, am::permanent);
  std::lock_guard lock(drivers_mutex());
  LoadedDriver* driver = find_driver(*name);
  if (driver == nullptr) return tell_now(call, as_tuple(request)->elements[0], am::DOWN, am::unloaded);
  if (driver->stage == Stage::permanent) return tell_now(call, as_tuple(request)->elements[0], am::UP, am::permanent);
  Interest interest = event == am::loaded ? Interest::awaits_load : event == am::unloaded ? Interest::awaits_unload : Interest::awaits_only_unload;
  if (event == am::loaded && !driver->is_reloading()) {
    bool usable = driver->stage == Stage::usable;
    return tell_now(call, as_tuple(request)->elements[0], usable ? am::UP : am::DOWN, usable ? am::loaded : am::load_cancelled);
  }
  return make_reference(call.arena(), driver->await(call.process.self, interest));
}

Result erl_ddll_demonitor_1(Call& call) {
  if (!call.args[0].is_reference()) return raise_badarg(call);
  ReferenceNumber reference = reference_number(call.args[0]);
  std::lock_guard lock(drivers_mutex());
  for (const auto& driver : loaded_drivers())
    std::erase_if(driver->users, [&](const User& user) {
      return user.interest != Interest::has_loaded && user.pid == call.process.self && user.reference == reference;
    });
  return am::true_;
}

constexpr BifRow rows[] = {
    {"erl_ddll", "try_load", 3, erl_ddll_try_load_3, BifKind::plain, Authority::host},
    {"erl_ddll", "try_unload", 2, erl_ddll_try_unload_2, BifKind::plain, Authority::host},
    {"erl_ddll", "loaded_drivers", 0, erl_ddll_loaded_drivers_0, BifKind::plain, Authority::host},
    {"erl_ddll", "info", 2, erl_ddll_info_2, BifKind::plain, Authority::host},
    {"erl_ddll", "format_error_int", 1, erl_ddll_format_error_int_1, BifKind::plain, Authority::pure},
    {"erl_ddll", "monitor", 2, erl_ddll_monitor_2, BifKind::plain, Authority::host},
    {"erl_ddll", "demonitor", 1, erl_ddll_demonitor_1, BifKind::plain, Authority::host},
};

}  // namespace
}  // namespace hanse::driver

namespace hanse {
const BifTable erl_ddll_bifs = driver::rows;
}
