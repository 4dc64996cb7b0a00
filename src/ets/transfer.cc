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
  if (find_process(to) == nullptr) return false;
  NamedTables& tables = NamedTables::of(table.machine);
  tables.change_owner(table, to);
  Term message = make_tuple(from.heap, am::ETS_TRANSFER, visible_identifier(from.heap, table), from.self, gift);
  if (deliver(to, message)) return true;
  // It exited meanwhile, perhaps after it had looked for its tables.
  tables.change_owner(table, from.self);
  return false;
}

bool give_to_heir(Process& owner, Table& table) {
  Term heir = table.heir;
  if (!heir.is_local_pid() || heir == owner.self) return false;
  return transfer_table(owner, table, heir, NamedTables::of(table.machine).heir_data(table, owner.heap));
}

}  // namespace hanse
