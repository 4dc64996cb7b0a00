#include "ets/table_registry.h"

#include <algorithm>

#include "base/detached_thread.h"
#include "base/epoch.h"
#include "ets/transfer.h"
#include "process/node_settings.h"
#include "process/process.h"

namespace hanse {

NamedTables& NamedTables::of(Machine& machine) {
  NamedTables* tables = machine.named_tables.load(std::memory_order_acquire);
  if (tables != nullptr) return *tables;
  auto* fresh = new NamedTables;
  if (machine.named_tables.compare_exchange_strong(tables, fresh, std::memory_order_acq_rel)) return *fresh;
  delete fresh;
  return *tables;
}

Table* NamedTables::find(Term name) const {
  Slot* found = names_.find(name.atom_index());
  return found == nullptr ? nullptr : found->load(std::memory_order_acquire);
}

Table* NamedTables::find(ReferenceNumber number) {
  Lock lock(mutex_);
  auto found = all_.find(number.number01);
  return found == all_.end() || found->second->number != number ? nullptr : found->second;
}

Table* NamedTables::create(Machine& machine, Term name, Term owner, const TableOptions& options) {
  OffHeapBinary* handle = Magic<Table>::create(machine, name, owner, options);
  Table* table = Magic<Table>::get(handle);
  table->handle = handle;
  bool taken = false;
  {
    Lock lock(mutex_);
    if (options.named) {
      Slot& place = names_.at(name.atom_index());
      taken = place.load(std::memory_order_relaxed) != nullptr;
      if (!taken) place.store(table, std::memory_order_release);
    }
    if (!taken) {
      all_.emplace(table->number.number01, table);
      owned_[owner.word()].push_back(table);
      interest(owner).fetch_add(1, std::memory_order_relaxed);
      count_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  if (!taken) return table;
  handle->release();
  return nullptr;
}

bool NamedTables::rename(Table& table, Term name) {
  Lock lock(mutex_);
  if (table.named) {
    Slot& place = names_.at(name.atom_index());
    if (place.load(std::memory_order_relaxed) != nullptr) return false;
    place.store(&table, std::memory_order_release);
    names_.at(table.name.load().atom_index()).store(nullptr, std::memory_order_release);
  }
  table.name.store(name);
  return true;
}

void NamedTables::forget_owned(Term pid, Table& table) {
  auto entry = owned_.find(pid.word());
  if (entry == owned_.end() || std::erase(entry->second, &table) == 0) return;
  if (entry->second.empty()) owned_.erase(entry);
  interest(pid).fetch_sub(1, std::memory_order_relaxed);
}

bool NamedTables::remove(Table& table) {
  {
    Lock lock(mutex_);
    if (!table.alive()) return false;
    table.kill();
    if (table.named) names_.at(table.name.load().atom_index()).store(nullptr, std::memory_order_release);
    forget_owned(table.owner.load(), table);
    all_.erase(table.number.number01);
    count_.fetch_sub(1, std::memory_order_relaxed);
  }
  epoch::retire(table.handle, [](void* handle) { static_cast<OffHeapBinary*>(handle)->release(); });
  return true;
}

bool NamedTables::change_owner(Table& table, Term from, Term to) {
  Lock lock(mutex_);
  if (!table.alive() || table.owner.load() != from) return false;
  forget_owned(from, table);
  table.owner.store(to);
  owned_[to.word()].push_back(&table);
  interest(to).fetch_add(1, std::memory_order_seq_cst);
  return true;
}

void NamedTables::set_heir(Table& table, Term heir, Object* data) {
  {
    Lock lock(mutex_);
    table.heir = heir;
    std::swap(table.heir_data, data);
  }
  if (data != nullptr) Object::destroy(data);
}

Term NamedTables::heir_data(Table& table, Arena& arena) {
  Lock lock(mutex_);
  return table.heir_data == nullptr ? am::undefined : table.heir_data->copy_element_to(arena, 1);
}

static void retain_all(std::vector<Table*>& tables) {
  for (Table* table : tables) table->handle->retain();
}

std::vector<Table*> NamedTables::all() {
  std::vector<Table*> tables;
  Lock lock(mutex_);
  tables.reserve(all_.size());
  for (auto& [number, table] : all_) tables.push_back(table);
  retain_all(tables);
  return tables;
}

std::vector<Table*> NamedTables::owned_by(Term pid) {
  Lock lock(mutex_);
  auto entry = owned_.find(pid.word());
  if (entry == owned_.end()) return {};
  std::vector<Table*> tables = entry->second;
  retain_all(tables);
  return tables;
}

std::vector<Table*> NamedTables::take_fixed_by(Term pid) {
  Lock lock(mutex_);
  auto entry = fixed_.find(pid.word());
  if (entry == fixed_.end()) return {};
  std::vector<Table*> tables = std::move(entry->second);
  fixed_.erase(entry);
  interest(pid).fetch_sub(static_cast<uint32_t>(tables.size()), std::memory_order_relaxed);
  return tables;
}

void NamedTables::note_fixed(Term pid, Table& table) {
  Lock lock(mutex_);
  table.handle->retain();
  fixed_[pid.word()].push_back(&table);
  interest(pid).fetch_add(1, std::memory_order_relaxed);
}

void NamedTables::note_unfixed(Term pid, Table& table) {
  {
    Lock lock(mutex_);
    auto entry = fixed_.find(pid.word());
    if (entry == fixed_.end() || std::erase(entry->second, &table) == 0) return;
    if (entry->second.empty()) fixed_.erase(entry);
    interest(pid).fetch_sub(1, std::memory_order_relaxed);
  }
  table.handle->release();
}

Table* table_of_reference(Machine& machine, Term reference) {
  Table* table = nullptr;
  if (reference.is_boxed_kind(Boxed::magic_reference))
    table = Magic<Table>::get(reference.as<MagicReference>()->off_heap.value);
  else if (reference.is_boxed_kind(Boxed::reference))
    table = NamedTables::of(machine).find(reference_number(reference));
  return table != nullptr && &table->machine == &machine ? table : nullptr;
}

// An exiting process cannot yield: another thread frees what would take long.
static void dispose(TableContents contents) {
  constexpr size_t at_once = 20000;
  size_t budget = at_once;
  if (contents.destroy_some(budget)) return;
  run_detached([rest = std::move(contents)]() mutable {
    size_t unlimited = ~size_t{0};
    rest.destroy_some(unlimited);
  });
}

void register_tables() {
  static TablesExitHook hook;
  add_exit_hook(&hook);
  node_settings().ets_table_count = [] { return NamedTables::of(host_machine()).count(); };
  register_table_internals();
}

void TablesExitHook::process_exits(Process& process, Term) {
  NamedTables* present = process.machine.named_tables.load(std::memory_order_acquire);
  if (present == nullptr || !present->may_concern(process.self)) return;
  NamedTables& tables = *present;
  for (Table* table : tables.take_fixed_by(process.self)) {
    table->unfix_all(process.self);
    table->handle->release();
  }
  for (Table* table : tables.owned_by(process.self)) {
    OffHeapBinary* handle = table->handle;
    if (!give_to_heir(process, *table) && tables.remove(*table)) dispose(table->detach_contents(true));
    handle->release();
  }
}

}  // namespace hanse
