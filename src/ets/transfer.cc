#include "ets/transfer.h"

#include "ets/table_registry.h"
#include "process/process_table.h"
#include "process/send.h"
#include "term/build.h"

namespace hanse {

static Term visible_identifier(Arena& arena, const Table& table) {
  return table.named ? table.name.load() : table.identifier(arena);
}

bool transfer_table(Process& from, Table& table, Term to, Term gift) {
  epoch::Guard guard;
  Process* receiver = find_process(to);
  if (receiver == nullptr || &receiver->machine != &table.machine) return false;
  NamedTables& tables = NamedTables::of(table.machine);
  if (!tables.change_owner(table, from.self, to)) return false;
  // An exiting process may have looked for its tables before this one was its own. If it had not, it has taken care of it.
  if ((receiver->state.load(std::memory_order_seq_cst) & process_state::exiting) != 0)
    return !tables.change_owner(table, to, from.self);
  deliver(to, make_tuple(from.heap, am::ETS_TRANSFER, visible_identifier(from.heap, table), from.self, gift));
  return true;
}

bool give_to_heir(Process& owner, Table& table) {
  Term heir = table.heir.load();
  if (!heir.is_local_pid() || heir == owner.self) return false;
  return transfer_table(owner, table, heir, NamedTables::of(table.machine).heir_data(table, owner.heap));
}

}  // namespace hanse
