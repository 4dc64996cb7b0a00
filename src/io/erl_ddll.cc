// erl_ddll: the drivers of this node are built in; others cannot be loaded, and the answers say so as stock's do.
#include <string>

#include "bif/tables.h"
#include "heap/fragment.h"
#include "io/built_in_drivers.h"
#include "process/call.h"
#include "process/send.h"
#include "term/reference.h"
#include "term/text.h"

namespace hanse {

// The error that stock gives when the shared object cannot be opened.
static constexpr int64_t cannot_open = -10;

static std::optional<std::string> driver_name(Term term) { return term.is_nil() ? std::nullopt : native_name(term); }
static std::optional<std::string> driver_path(Term term) { return term.is_atom() ? std::nullopt : driver_name(term); }

static bool is_built_in(const std::string& name) {
  for (const BuiltInDriver& driver : built_in_drivers())
    if (name == driver.name && !driver.is_loaded_later) return true;
  return false;
}

static Result error_tuple(Call& call, Term reason) { return make_tuple(call.arena(), am::error, reason); }

// erl_ddll:try_load/3. Arguments: path, name, options.
static Result erl_ddll_try_load_3(Call& call) {
  auto path = driver_path(call.args[0]), name = driver_name(call.args[1]);
  if (!path || !name) return raise_badarg(call);
  Term options = call.args[2];
  bool reloads = false;
  for (; options.is_cons(); options = options.as_cons()->tail) {
    Term option = options.as_cons()->head;
    if (!is_tuple_of_arity(option, 2)) return raise_badarg(call);
    Term key = as_tuple(option)->elements[0];
    if (key != am::driver_options && key != am::monitor && key != am::reload) return raise_badarg(call);
    Term value = as_tuple(option)->elements[1];
    if (key != am::driver_options && value != am::pending && value != am::pending_driver) return raise_badarg(call);
    reloads = reloads || key == am::reload;
  }
  if (!options.is_nil()) return raise_badarg(call);
  if (is_built_in(*name)) return error_tuple(call, am::linked_in_driver);
  if (reloads) return error_tuple(call, am::not_loaded);
  return error_tuple(call, make_tuple(call.arena(), am::open_error, Term::small(cannot_open)));
}

static Result erl_ddll_try_unload_2(Call& call) {
  auto name = driver_name(call.args[0]);
  if (!name || !call.args[1].is_list()) return raise_badarg(call);
  return error_tuple(call, is_built_in(*name) ? am::linked_in_driver : am::not_loaded);
}

static Result erl_ddll_loaded_drivers_0(Call& call) {
  Term list = Term::nil();
  auto drivers = built_in_drivers();
  for (size_t i = drivers.size(); i-- > 0;)
    if (!drivers[i].is_loaded_later) list = make_cons(call.arena(), make_string(call.arena(), drivers[i].name), list);
  return make_tuple(call.arena(), am::ok, list);
}

static Result erl_ddll_info_2(Call& call) {
  auto name = driver_name(call.args[0]);
  Term item = call.args[1];
  if (!name || !is_built_in(*name)) return raise_badarg(call);
  if (item == am::linked_in_driver) return am::true_;
  if (item == am::permanent) return am::false_;
  if (item == am::processes || item == am::driver_options || item == am::port_count || item == am::awaiting_load ||
      item == am::awaiting_unload)
    return am::linked_in_driver;
  return raise_badarg(call);
}

static Result erl_ddll_format_error_int_1(Call& call) {
  static constexpr struct {
    Term error;
    const char* text;
  } texts[] = {
      {am::inconsistent, "Driver name and/or driver options are inconsistent with currently loaded driver"},
      {am::linked_in_driver, "Driver is statically linked and cannot be loaded/unloaded"},
      {am::permanent, "DDLL driver is permanent an cannot be unloaded/loaded"},
      {am::not_loaded, "DDLL driver is not loaded"},
      {am::not_loaded_by_this_process, "DDLL driver was not loaded by this process"},
      {am::not_pending, "DDLL load not pending for this driver name"},
      {am::bad_driver_name, "Bad driver name"},
      {am::already_loaded, "DDLL driver is already loaded successfully"},
  };
  Term error = call.args[0];
  for (auto& row : texts)
    if (row.error == error) return make_string(call.arena(), row.text);
  if (!is_tuple_of_arity(error, 2) || as_tuple(error)->elements[0] != am::open_error) return raise_badarg(call);
  Term code = as_tuple(error)->elements[1];
  if (!code.is_small()) return raise_badarg(call);
  if (code.as_small() == cannot_open)
    return make_string(call.arena(), "cannot open shared object file: No such file or directory");
  if (code.as_small() == -2) return make_string(call.arena(), "Driver init failed");
  return raise_badarg(call);
}

// Built-in drivers are there for ever, others never: the answer comes at once.
static Result erl_ddll_monitor_2(Call& call) {
  Term request = call.args[1];
  if (call.args[0] != am::driver || !is_tuple_of_arity(request, 2)) return raise_badarg(call);
  auto name = driver_name(as_tuple(request)->elements[0]);
  Term event = as_tuple(request)->elements[1];
  if (!name || (event != am::loaded && event != am::unloaded && event != am::unloaded_only)) return raise_badarg(call);
  Term driver = make_atom(*name);
  if (driver.is_none()) return raise_system_limit(call);
  Term reference = make_reference(call.arena());
  bool built_in = is_built_in(*name);
  Term elements[] = {built_in ? am::UP : am::DOWN, reference, am::driver, driver, built_in ? am::permanent : am::unloaded};
  deliver(call.process.self, make_tuple(call.arena(), std::span<const Term>(elements)));
  return reference;
}

static Result erl_ddll_demonitor_1(Call& call) {
  if (!call.args[0].is_reference()) return raise_badarg(call);
  return am::true_;
}

static constexpr BifRow rows[] = {
    {"erl_ddll", "try_load", 3, erl_ddll_try_load_3, BifKind::plain, Authority::host},
    {"erl_ddll", "try_unload", 2, erl_ddll_try_unload_2, BifKind::plain, Authority::host},
    {"erl_ddll", "loaded_drivers", 0, erl_ddll_loaded_drivers_0, BifKind::plain, Authority::host},
    {"erl_ddll", "info", 2, erl_ddll_info_2, BifKind::plain, Authority::host},
    {"erl_ddll", "format_error_int", 1, erl_ddll_format_error_int_1, BifKind::plain, Authority::pure},
    {"erl_ddll", "monitor", 2, erl_ddll_monitor_2, BifKind::plain, Authority::host},
    {"erl_ddll", "demonitor", 1, erl_ddll_demonitor_1, BifKind::plain, Authority::host},
};
const BifTable erl_ddll_bifs = rows;

}  // namespace hanse
