// erlang: what funs are made of.
#include "bif/tables.h"
#include "code/realm.h"
#include "process/call.h"
#include "process/machine.h"
#include "term/fun.h"

namespace hanse {

// The name of the function that holds the body; [] while its module is not loaded.
static Term name_of(const FunEntry& entry) { return entry.function.is_none() ? Term::nil() : entry.function; }

// The value of an item of erlang:fun_info/2; none() if there is no such item.
static Term local_fun_item(Arena& arena, const Fun& fun, Term item) {
  const FunEntry& entry = *fun.entry;
  if (item == am::type) return am::local;
  if (item == am::pid) return fun.creator;
  if (item == am::module) return entry.module;
  // Without its code nobody knows.
  if (item == am::name) return entry.entry.load(std::memory_order_acquire) == nullptr ? Term::nil() : name_of(entry);
  if (item == am::arity) return Term::small(entry.arity);
  if (item == am::env) return make_list(arena, {fun.environment, fun.free_count()});
  if (item == am::index || item == am::new_index) return Term::small(entry.index);
  if (item == am::uniq) return Term::small(entry.old_unique);
  if (item == am::new_uniq) return make_binary(arena, std::span<const uint8_t>(entry.md5));
  if (item == am::refc) return Term::small(2);  // entries are never freed: the module and this fun
  return Term::none();
}

static Term export_fun_item(const Export& target, Term item) {
  if (item == am::type) return am::external;
  if (item == am::module) return target.module;
  if (item == am::name) return target.function;
  if (item == am::arity) return Term::small(target.arity);
  if (item == am::env) return Term::nil();
  for (Term other : {am::pid, am::index, am::new_index, am::uniq, am::new_uniq, am::refc})
    if (item == other) return am::undefined;
  return Term::none();
}

static Result erlang_fun_info_2(Call& call) {
  Term fun = call.args[0], item = call.args[1];
  if (!fun.is_fun()) return raise_badarg(call);
  Term value = fun.is_local_fun() ? local_fun_item(call.arena(), *as_fun(fun), item)
                                  : export_fun_item(*fun.as<ExportFun>()->target, item);
  if (value.is_none()) return raise_badarg(call);
  return make_tuple(call.arena(), item, value);
}

static Result erlang_fun_info_mfa_1(Call& call) {
  Term fun = call.args[0];
  if (!fun.is_fun()) return raise_badarg(call);
  Term arity = Term::small(fun_arity(fun));
  if (fun.is_local_fun()) return make_tuple(call.arena(), as_fun(fun)->entry->module, name_of(*as_fun(fun)->entry), arity);
  Export* target = fun.as<ExportFun>()->target;
  return make_tuple(call.arena(), target->module, target->function, arity);
}

static Result erlang_make_fun_3(Call& call) {
  Term arity = call.args[2];
  if (!call.args[0].is_atom() || !call.args[1].is_atom() || !arity.is_small()) return raise_badarg(call);
  if (arity.as_small() < 0 || arity.as_small() > 255) return raise_badarg(call);
  Export* target =
      call.process.machine.realm.export_for(call.args[0], call.args[1], static_cast<uint32_t>(arity.as_small()));
  return make_export_fun(call.arena(), target);
}

static constexpr BifRow rows[] = {
    {"erlang", "fun_info", 2, erlang_fun_info_2, BifKind::plain, Authority::pure},
    {"erlang", "fun_info_mfa", 1, erlang_fun_info_mfa_1, BifKind::plain, Authority::pure},
    {"erlang", "make_fun", 3, erlang_make_fun_3, BifKind::plain, Authority::pure},
};
const BifTable erlang_funs_bifs = rows;

}  // namespace hanse
