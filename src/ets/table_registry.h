// The tables of one machine: by name, by owner, all of them. Names are found without a lock: atoms are dense numbers, so
// names index a sparse array. What is found stays valid while the epoch::Guard does (schedulers hold one).
#pragma once

#include <atomic>
#include <unordered_map>
#include <vector>

#include "base/sparse_array.h"
#include "ets/table.h"
#include "process/spawn.h"

namespace hanse {

class NamedTables {
 public:
  NamedTables() = default;
  // That of a machine; made at the first call.
  static NamedTables& of(Machine& machine);

  // nullptr if there is none of that name.
  Table* find(Term name) const;
  // By the number of an identifier that lost its magic (it travelled as bytes); nullptr if there is none.
  Table* find(ReferenceNumber number);
  // Registers a new table and its name, if it is named; nullptr if the name is taken.
  Table* create(Machine& machine, Term name, Term owner, const TableOptions& options);
  // False if the new name is taken.
  bool rename(Table& table, Term name);
  // Takes the table out of everything. False if somebody else did so before.
  bool remove(Table& table);
  // False if it is not (or no longer) the property of `from`.
  bool change_owner(Table& table, Term from, Term to);
  // data: {Data}, taken over; nullptr for none.
  void set_heir(Table& table, Term heir, Object* data);
  // Copies the heir's data into the arena.
  Term heir_data(Table& table, Arena& arena);

  // With one reference each, to be released.
  std::vector<Table*> all();
  std::vector<Table*> owned_by(Term pid);
  std::vector<Table*> take_fixed_by(Term pid);
  void note_fixed(Term pid, Table& table);
  void note_unfixed(Term pid, Table& table);
  // Quick, without a lock: false if the process certainly neither owns nor fixes a table.
  bool may_concern(Term pid) const { return interest(pid).load(std::memory_order_seq_cst) != 0; }
  size_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  using Slot = std::atomic<Table*>;
  std::atomic<uint32_t>& interest(Term pid) const { return interest_[pid.pid_number() & 1023]; }
  void forget_owned(Term pid, Table& table) REQUIRES_LOCK(mutex_);

  Mutex<LockRank::ets_registry> mutex_;
  SparseArray<Slot> names_;  // by the index of the name
  std::unordered_map<Word, std::vector<Table*>> owned_ GUARDED_BY(mutex_);
  std::unordered_map<Word, std::vector<Table*>> fixed_ GUARDED_BY(mutex_);  // holds references
  std::unordered_map<Word, Table*> all_ GUARDED_BY(mutex_);  // by the low words of their numbers; holds references
  mutable std::atomic<uint32_t> interest_[1024] = {};        // how many tables are owned or fixed by processes of a residue
  std::atomic<size_t> count_{0};
};

// The table behind a guest's identifier, dead ones included; nullptr if the term is no identifier of this machine.
Table* table_of_reference(Machine& machine, Term reference);

// Deletes or hands over what a process owned, and releases what it had fixed.
class TablesExitHook final : public ProcessExitHook {
 public:
  void process_exits(Process& process, Term reason) override;
};

// Called once by main, before the first process.
void register_tables();
// Items of erts_debug:set_internal_state/2, see internal_state.cc.
void register_table_internals();

// The limit that is reported; there is none.
inline constexpr size_t ets_table_limit = 8192;

}  // namespace hanse
