// Any bytes as a module, the whole way: read, check, emit, place, install, translate to machine code, look at, unload.
#include "base/fuzz_target.h"
#include "jit/translator.h"
#include "main/fuzz_node.h"

using namespace hanse;

// What stack traces, module_info and the disassembler ask about.
static void look_at(Module& module) {
  CodePlace place;
  for (const EmittedFunction& function : module.functions()) {
    Ip entry = module.begin() + function.entry;
    CHECK(module.function_of(entry) != nullptr && find_code(entry, place));
    module.line_of(entry);
  }
  for (Ip ip = module.begin(); ip < module.end(); ip++) module.line_of(ip);
  for (const ModuleExport& one : module.exports()) CHECK(module.contains(one.entry));
  term_to_text(module.attributes(), 1000);
  term_to_text(module.compile_info(), 1000);
}

FUZZ_TARGET(loader) {
  FuzzNode& node = FuzzNode::with({});
  auto prepared = prepare_module(node.realm, node.realm.boot_account, Term::none(), {data, size});
  if (!prepared) return 0;
  ModuleTable& modules = node.realm.modules();
  Term name = (*prepared)->name;
  {
    epoch::Guard guard;
    if (modules.current(name) != nullptr) return 0;  // the node's own
    bool waits = (*prepared)->has_on_load();
    std::unique_ptr<Module>* install[] = {&*prepared};
    auto outcome = modules.install(install).outcome;
    CHECK(outcome == (waits ? ModuleTable::Install::on_load : ModuleTable::Install::ok));
    if (waits) CHECK(modules.pending_on_load(name) != nullptr && modules.finish_on_load(name, true));
    Module* module = modules.current(name);
    look_at(*module);
    jit::translate(*module);
    CHECK(modules.remove(name) == ModuleTable::Delete::deleted);
    CHECK(modules.purge_prepare(name) && modules.purge_complete(name));
  }
  node.discard_literals();
  epoch::collect();
  return 0;
}
