#include "code/module_table.h"

#include <algorithm>

#include "code/literal_collector.h"
#include "code/realm.h"

namespace hanse {

static std::atomic<CodeChangeHook*> code_change_hook{nullptr};
void set_code_change_hook(CodeChangeHook* hook) { code_change_hook.store(hook, std::memory_order_release); }

ModuleTable::~ModuleTable() {
  slots_.for_each([](ModuleSlot* slot) {
    for (Module* module : {slot->current.load(), slot->old.load()})
      if (module) {
        unregister_code(*module);
        module->discharge();
        epoch::retire(module);
      }
    delete slot;
  });
}

Module* Realm::visible_module(Term name) { return modules().current(name); }

Module* ModuleTable::current(Term name) const {
  const ModuleSlot* slot = slots_.find(name);
  return slot ? slot->current.load(std::memory_order_acquire) : nullptr;
}

Module* ModuleTable::old(Term name) const {
  const ModuleSlot* slot = slots_.find(name);
  return slot ? slot->old.load(std::memory_order_acquire) : nullptr;
}

std::vector<Term> ModuleTable::loaded() const {
  Lock lock(mutex_);
  std::vector<Term> names;
  for (size_t i = order_.size(); i-- > 0;)
    if (order_[i]->current.load(std::memory_order_relaxed) || order_[i]->old.load(std::memory_order_relaxed))
      names.push_back(order_[i]->name);
  return names;
}

ModuleSlot& ModuleTable::slot_for(Term name) {
  if (ModuleSlot* slot = slots_.find(name)) return *slot;
  auto* slot = new ModuleSlot(name);
  slots_.insert(slot);
  order_.push_back(slot);
  return *slot;
}

// Exports of code that is no longer current go back to their stubs, unless they point elsewhere by now.
static void withdraw_exports(Module& module) {
  for (const ModuleExport& row : module.exports())
    if (module.contains(code_of_export(*row.target))) set_code_of_export(*row.target, row.target->stub);
  if (CodeChangeHook* hook = code_change_hook.load(std::memory_order_acquire)) hook->withdrawn(module);
}

void ModuleTable::make_current(ModuleSlot& slot, std::unique_ptr<Module> owned) {
  Module* module = owned.release();
  register_code(*module);
  for (const ModuleLambda& lambda : module->lambdas()) {
    lambda.entry->function = lambda.function;
    lambda.entry->entry.store(lambda.code, std::memory_order_release);
  }
  for (const ModuleExport& row : module->exports())
    if (!row.target->bif) set_code_of_export(*row.target, row.entry);
  Module* previous = slot.current.exchange(module, std::memory_order_acq_rel);
  if (previous) {
    withdraw_exports(*previous);
    slot.old.store(previous, std::memory_order_release);
  }
  if (CodeChangeHook* hook = code_change_hook.load(std::memory_order_acquire)) hook->became_current(*module);
}

ModuleTable::InstallResult ModuleTable::install(std::span<std::unique_ptr<Module>*> modules) {
  Lock lock(mutex_);
  InstallResult result{Install::ok, {}};
  for (size_t i = 0; i < modules.size(); i++)
    for (size_t j = 0; j < i; j++)
      if ((*modules[i])->name == (*modules[j])->name) result.names.push_back((*modules[i])->name);
  if (!result.names.empty()) {
    result.outcome = Install::duplicated;
    return result;
  }
  for (auto* module : modules)
    if ((*module)->has_on_load() && modules.size() > 1) return {Install::too_many_on_load, {}};
  for (auto* module : modules) {
    ModuleSlot* slot = slots_.find((*module)->name);
    if (slot && slot->current.load(std::memory_order_relaxed) && slot->old.load(std::memory_order_relaxed))
      result.names.push_back(slot->name);
  }
  if (!result.names.empty()) {
    result.outcome = Install::not_purged;
    return result;
  }
  for (auto* module : modules) {
    ModuleSlot& slot = slot_for((*module)->name);
    if ((*module)->has_on_load()) {
      if (slot.pending) discard(slot.pending.release());
      slot.pending = std::move(*module);
      register_code(*slot.pending);
      return {Install::on_load, {slot.name}};
    }
    make_current(slot, std::move(*module));
  }
  return result;
}

void ModuleTable::unload_all() {
  Lock lock(mutex_);
  for (ModuleSlot* slot : order_)
    for (auto* place : {&slot->current, &slot->old}) {
      Module* module = place->exchange(nullptr, std::memory_order_acq_rel);
      if (module == nullptr) continue;
      withdraw_exports(*module);
      discard(module);
    }
}

Export* ModuleTable::pending_on_load(Term name) {
  Lock lock(mutex_);
  ModuleSlot* slot = slots_.find(name);
  return slot && slot->pending ? slot->pending->on_load() : nullptr;
}

bool ModuleTable::finish_on_load(Term name, bool accept) {
  Lock lock(mutex_);
  ModuleSlot* slot = slots_.find(name);
  if (!slot || !slot->pending) return false;
  if (!accept) return true;
  std::unique_ptr<Module> module = std::move(slot->pending);
  unregister_code(*module);
  make_current(*slot, std::move(module));
  return true;
}

ModuleTable::Delete ModuleTable::remove(Term name) {
  Lock lock(mutex_);
  ModuleSlot* slot = slots_.find(name);
  if (!slot) return Delete::not_loaded;
  if (slot->old.load(std::memory_order_relaxed)) return Delete::must_be_purged;
  Module* module = slot->current.load(std::memory_order_relaxed);
  if (!module) return Delete::deleted;  // as stock answers for modules that were there once
  withdraw_exports(*module);
  slot->old.store(module, std::memory_order_release);
  slot->current.store(nullptr, std::memory_order_release);
  return Delete::deleted;
}

bool ModuleTable::purge_prepare(Term name, Purge what) {
  Lock lock(mutex_);
  ModuleSlot* slot = slots_.find(name);
  if (!slot) return false;
  Module* module = what == Purge::old_code ? slot->old.load(std::memory_order_relaxed) : slot->pending.get();
  if (!module) return false;
  slot->purged.store(module, std::memory_order_release);
  for (const ModuleLambda& lambda : module->lambdas())
    if (lambda.entry->entry.load(std::memory_order_relaxed) == lambda.code)
      lambda.entry->entry.store(nullptr, std::memory_order_release);
  return true;
}

bool ModuleTable::purge_abort(Term name) {
  Lock lock(mutex_);
  ModuleSlot* slot = slots_.find(name);
  Module* module = slot ? slot->purged.exchange(nullptr, std::memory_order_acq_rel) : nullptr;
  if (!module) return false;
  for (const ModuleLambda& lambda : module->lambdas()) {
    Ip expected = nullptr;
    lambda.entry->entry.compare_exchange_strong(expected, lambda.code, std::memory_order_acq_rel);
  }
  return true;
}

bool ModuleTable::purge_complete(Term name) {
  Lock lock(mutex_);
  ModuleSlot* slot = slots_.find(name);
  Module* module = slot ? slot->purged.exchange(nullptr, std::memory_order_acq_rel) : nullptr;
  if (!module) return false;
  if (slot->pending.get() == module)
    (void)slot->pending.release();
  else
    slot->old.store(nullptr, std::memory_order_release);
  discard(module);
  return true;
}

Module* ModuleTable::purged(Term name) const {
  const ModuleSlot* slot = slots_.find(name);
  return slot ? slot->purged.load(std::memory_order_acquire) : nullptr;
}

bool ModuleTable::await_purge(Term name, Term pid) {
  Lock lock(mutex_);
  ModuleSlot* slot = slots_.find(name);
  if (!slot || !slot->purged.load(std::memory_order_relaxed)) return false;
  slot->waiting.push_back(pid);
  return true;
}

std::vector<Term> ModuleTable::take_waiting(Term name) {
  Lock lock(mutex_);
  ModuleSlot* slot = slots_.find(name);
  return slot ? std::exchange(slot->waiting, {}) : std::vector<Term>();
}

// Nothing refers to the code any more. Terms that processes took from its literals stay valid until the literal area
// collector has seen all processes.
void ModuleTable::discard(Module* module) {
  unregister_code(*module);
  module->discharge();  // it may be freed after its realm, and the account with that
  retire_literal_area(module->release_literal_area());
  epoch::retire(module);
}

}  // namespace hanse
