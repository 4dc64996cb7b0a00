// Questions about loaded code: erlang:loaded/0, function_exported/3, get_module_info/1,2 and the like.
#include <algorithm>
#include <vector>

#include "bif/native_modules.h"
#include "bif/tables.h"
#include "code/loader.h"
#include "process/call.h"
#include "process/machine.h"

namespace hanse {

namespace {

Module* current_module(Call& call, Term name) { return call.process.machine.realm.visible_module(name); }

Term name_and_arity(Arena& arena, Term name, uint32_t arity) { return make_tuple(arena, name, Term::small(arity)); }

// Last of the export table first: the order that stock gives for modules nobody has referred to before.
Term exports_of(Arena& arena, const Module& module) {
  Term list = Term::nil();
  for (const ModuleExport& row : module.exports())
    list = make_cons(arena, name_and_arity(arena, row.target->function, row.target->arity), list);
  return list;
}

Term functions_of(Arena& arena, const Module& module) {
  std::vector<Term> list;
  for (const EmittedFunction& function : module.functions()) list.push_back(name_and_arity(arena, function.name, function.arity));
  return make_list(arena, list);
}

Term native_functions_of(Call& call, const Module& module) {
  if (!is_native_module(atom_name(module.name))) return Term::nil();
  std::vector<Term> list;
  for (const EmittedFunction& function : module.functions())
    if (call.process.machine.realm.find_bif(module.name, function.name, function.arity))
      list.push_back(name_and_arity(call.arena(), function.name, function.arity));
  return make_list(call.arena(), list);
}

// none() if there is no such item.
Term module_item(Call& call, const Module& module, Term item) {
  Arena& arena = call.arena();
  if (item == am::module) return module.name;
  if (item == am::md5) return make_binary(arena, std::span<const uint8_t>(module.md5()));
  if (item == am::attributes) return module.attributes();
  if (item == am::compile) return module.compile_info();
  if (item == am::exports) return exports_of(arena, module);
  if (item == am::functions) return functions_of(arena, module);
  if (item == am::nifs) return native_functions_of(call, module);
  if (item == am::native) return am::false_;
  if (item == am::native_addresses) return Term::nil();
  return Term::none();
}

}  // namespace

// erlang:get_module_info/1: what Module:module_info/0 answers.
static Result erlang_get_module_info_1(Call& call) {
  Module* module = call.args[0].is_atom() ? current_module(call, call.args[0]) : nullptr;
  if (!module) return raise_badarg(call);
  call.charge(module->exports().size() / 4);
  std::vector<Term> pairs;
  for (Term item : {am::module, am::exports, am::attributes, am::compile, am::md5})
    pairs.push_back(make_tuple(call.arena(), item, module_item(call, *module, item)));
  return make_list(call.arena(), pairs);
}

// erlang:get_module_info/2: what Module:module_info/1 answers.
static Result erlang_get_module_info_2(Call& call) {
  Module* module = call.args[0].is_atom() ? current_module(call, call.args[0]) : nullptr;
  if (!module) return raise_badarg(call);
  Term value = module_item(call, *module, call.args[1]);
  if (value.is_none()) return raise_badarg(call);
  call.charge(module->functions().size() / 4);
  return value;
}

static Result erlang_module_loaded_1(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  return boolean(current_module(call, call.args[0]) != nullptr);
}

static Result erlang_loaded_0(Call& call) {
  auto names = call.process.machine.realm.modules().loaded();
  call.charge(names.size() / 8);
  return make_list(call.arena(), names);
}

static Result erlang_pre_loaded_0(Call& call) { return make_list(call.arena(), preloaded_modules()); }

// erlang:function_exported/3. Built-in functions count; native functions of modules only if the module exports them.
static Result erlang_function_exported_3(Call& call) {
  Term module = call.args[0], function = call.args[1], arity = call.args[2];
  if (!module.is_atom() || !function.is_atom() || !arity.is_small()) return raise_badarg(call);
  if (arity.as_small() < 0 || arity.as_small() > 255) return am::false_;
  auto count = static_cast<uint32_t>(arity.as_small());
  Export* target = call.process.machine.realm.find_export(module, function, count);
  if (!target) return am::false_;
  if (!target->bif || !is_native_module(atom_name(module))) return boolean(target->bif || target->is_loaded());
  Module* loaded = current_module(call, module);
  return boolean(loaded && loaded->find_export(function, count));
}

// erlang:is_builtin/3. apply is one whoever implements it.
static Result erlang_is_builtin_3(Call& call) {
  Term module = call.args[0], function = call.args[1], arity = call.args[2];
  if (!module.is_atom() || !function.is_atom() || !arity.is_small()) return raise_badarg(call);
  int64_t count = arity.as_small();
  if (module == am::erlang && function == am::apply && (count == 2 || count == 3)) return am::true_;
  if (count < 0 || count > 255 || is_native_module(atom_name(module))) return am::false_;
  return boolean(call.process.machine.realm.find_bif(module, function, static_cast<uint32_t>(count)) != nullptr);
}

static constexpr BifRow rows[] = {
    {"erlang", "function_exported", 3, erlang_function_exported_3, BifKind::plain, Authority::own_machine},
    {"erlang", "get_module_info", 1, erlang_get_module_info_1, BifKind::plain, Authority::own_machine},
    {"erlang", "get_module_info", 2, erlang_get_module_info_2, BifKind::plain, Authority::own_machine},
    {"erlang", "is_builtin", 3, erlang_is_builtin_3, BifKind::plain, Authority::own_machine},
    {"erlang", "loaded", 0, erlang_loaded_0, BifKind::plain, Authority::own_machine},
    {"erlang", "module_loaded", 1, erlang_module_loaded_1, BifKind::plain, Authority::own_machine},
    {"erlang", "pre_loaded", 0, erlang_pre_loaded_0, BifKind::plain, Authority::own_machine},
};
const BifTable code_info_bifs = rows;

}  // namespace hanse
