// Which code is current and which is old, for every module of a realm (Erlang Reference Manual, "Compilation and Code
// Loading"). Lookups take no lock (the caller holds an epoch guard); changes happen one at a time under LockRank::code_load.
// Exports and fun entries are changed one by one while other threads run: a call sees the old or the new code.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "code/concurrent_index.h"
#include "code/module.h"

namespace hanse {

struct ModuleSlot {
  const Term name;
  // Written under the table's lock (release), read by everybody (acquire).
  std::atomic<Module*> current{nullptr};
  std::atomic<Module*> old{nullptr};
  // Loaded, but invisible until its on_load function has returned ok. Under the table's lock.
  std::unique_ptr<Module> pending;
  // What the code purger is about to take away: old, or the instance that on_load refused. Written under the table's lock
  // (release), read by the processes that the purger asks (acquire).
  std::atomic<Module*> purged{nullptr};
  std::vector<Term> waiting;  // pids that called one of its funs meanwhile; under the table's lock

  explicit ModuleSlot(Term n) : name(n) {}
};

class ModuleTable {
 public:
  ModuleTable() = default;
  ~ModuleTable();

  Module* current(Term name) const;
  Module* old(Term name) const;
  // Calls visit(Module&) for all current code, or that of one module, while nothing can change.
  template <class Visit>
  void visit_current(Term name_or_none, Visit visit) {
    Lock lock(mutex_);
    slots_.for_each([&](ModuleSlot* slot) {
      Module* module = slot->current.load(std::memory_order_relaxed);
      if (module && (name_or_none.is_none() || slot->name == name_or_none)) visit(*module);
    });
  }
  // Names of all modules that have code, current or old, latest first.
  std::vector<Term> loaded() const;

  enum class Install : uint8_t { ok, not_purged, duplicated, on_load, too_many_on_load };
  struct InstallResult {
    Install outcome;
    std::vector<Term> names;  // modules at fault, or that wait for on_load
  };
  // Makes all of them current, or none. What was current becomes old. On success (ok, on_load) the modules are taken over.
  InstallResult install(std::span<std::unique_ptr<Module>*> modules);

  // Unloads everything at once: nobody runs the code any more. Terms that others may have taken from it stay valid until the
  // literal area collector has seen all processes.
  void unload_all();

  // The function to run for a module that waits for on_load, or nullptr.
  Export* pending_on_load(Term name);
  // Makes waiting code current, or leaves it to be purged. False if nothing waits.
  bool finish_on_load(Term name, bool accept);

  enum class Delete : uint8_t { deleted, not_loaded, must_be_purged };
  // Current code becomes old.
  Delete remove(Term name);

  // Purging, by the code purger alone: prepare (false: there is nothing to purge) makes funs of the code unreachable; then
  // the purger asks every process; then abort or complete.
  enum class Purge : uint8_t { old_code, refused_by_on_load };
  bool purge_prepare(Term name, Purge what = Purge::old_code);
  bool purge_abort(Term name);
  bool purge_complete(Term name);
  // What a process must not use any more if the purge is to succeed, or nullptr.
  Module* purged(Term name) const;
  // Whether the module is being purged: then the process is told of by take_waiting() when that has been completed or given up.
  bool await_purge(Term name, Term pid);
  std::vector<Term> take_waiting(Term name);

 private:
  struct Traits {
    static size_t hash(const Term& name) { return (name.word() * 0x9e3779b97f4a7c15u) >> 20; }
    static size_t hash(const ModuleSlot& slot) { return hash(slot.name); }
    static bool equal(const ModuleSlot& slot, const Term& name) { return slot.name == name; }
  };
  ModuleSlot& slot_for(Term name) REQUIRES_LOCK(mutex_);
  void discard(Module* module) REQUIRES_LOCK(mutex_);
  void make_current(ModuleSlot& slot, std::unique_ptr<Module> module) REQUIRES_LOCK(mutex_);

  mutable Mutex<LockRank::code_load> mutex_;
  ConcurrentIndex<ModuleSlot, Term, Traits> slots_;  // slots are never freed
  std::vector<ModuleSlot*> order_ GUARDED_BY(mutex_);
};

}  // namespace hanse
