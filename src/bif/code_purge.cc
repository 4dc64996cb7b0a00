#include "bif/code_purge.h"

#include "bif/tables.h"
#include "code/module_table.h"
#include "code/native_library.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/send.h"

namespace hanse {

bool process_uses_code(const Process& process, const Module& code) {
  if (process.ip && code.contains(process.ip)) return true;
  auto* library = static_cast<NativeLibrary*>(code.native_library().get());
  if (process.ip && library != nullptr && library->contains(process.ip)) return true;
  for (const Word* slot = process.heap.stack_top(); slot < process.heap.stack_bottom(); slot++)
    if (Term::from_word(*slot).is_header() && code.contains(reinterpret_cast<Ip>(*slot))) return true;
  return false;
}

namespace {
class ModuleCodeUsage final : public CodeUsage {
 public:
  bool uses_old_code(Process& process, Term module) override {
    ModuleTable& own = process.machine.realm.modules();
    ModuleTable& host = host_machine().realm.modules();  // whose code guests run, too
    return uses_old_code_of(process, own, module) || (&own != &host && uses_old_code_of(process, host, module));
  }

 private:
  static bool uses_old_code_of(Process& process, ModuleTable& modules, Term module) {
    const Module* code = modules.purged(module);
    if (!code) code = modules.old(module);
    if (!code) return false;
    process.charge(process.heap.stack_words() / 64);
    return process_uses_code(process, *code);
  }
};
}  // namespace

CodeUsage& code_usage_of_modules() {
  static auto& usage = *new ModuleCodeUsage;
  return usage;
}

// erts_internal:purge_module/2. Arguments: module, prepare | prepare_on_load | abort | complete. For the code purger only. True
// if there is something to purge, or if it has been purged.
static Result erts_internal_purge_module_2(Call& call) {
  if (!call.process.system_process) return raise_error(call, am::notsup);
  Term module = call.args[0], step = call.args[1];
  if (!module.is_atom()) return raise_badarg(call);
  ModuleTable& modules = call.process.machine.realm.modules();
  if (step == am::prepare) return boolean(modules.purge_prepare(module));
  if (step == am::prepare_on_load)
    return boolean(modules.purge_prepare(module, ModuleTable::Purge::refused_by_on_load));
  auto resume_callers = [&] {
    for (Term pid : modules.take_waiting(module)) send_resume(pid);
  };
  if (step == am::abort) {
    modules.purge_abort(module);
    resume_callers();
    return am::false_;
  }
  if (step == am::complete) {
    Module* code = modules.purged(module);
    std::shared_ptr<void> library;
    if (code != nullptr) {
      library = code->native_library();
      code->set_native_library(nullptr);
    }
    bool purged = modules.purge_complete(module);
    resume_callers();
    library.reset();  // its unload function is called
    return boolean(purged);
  }
  return raise_badarg(call);
}

// erlang:check_old_code/1. Argument: module.
static Result erlang_check_old_code_1(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  return boolean(call.process.machine.realm.modules().old(call.args[0]) != nullptr);
}

static constexpr BifRow rows[] = {
    {"erlang", "check_old_code", 1, erlang_check_old_code_1, BifKind::plain, Authority::own_machine},
    {"erts_internal", "purge_module", 2, erts_internal_purge_module_2, BifKind::plain, Authority::host},
};
const BifTable code_purge_bifs = rows;

}  // namespace hanse
