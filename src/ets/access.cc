#include "ets/access.h"

namespace hanse {

TableArgument::TableArgument(Call& call, Term identifier, Access wanted) {
  Machine& machine = call.process.machine;
  Table* table = nullptr;
  if (identifier.is_atom()) {
    table = NamedTables::of(machine).find(identifier);
    cause_ = am::id;
  } else {
    table = table_of_reference(machine, identifier);
    cause_ = table == nullptr ? am::type : am::id;
  }
  if (table == nullptr || !table->alive()) return;
  cause_ = am::access;
  Term self = call.process.self;
  Protection protection = table->protection.load(std::memory_order_relaxed);
  switch (wanted) {
    case Access::exists: break;
    case Access::read:
      if (protection == Protection::private_ && table->owner.load(std::memory_order_relaxed) != self) return;
      break;
    case Access::write:
      if (protection != Protection::public_ && table->owner.load(std::memory_order_relaxed) != self) return;
      break;
    case Access::owner:
      if (table->owner.load(std::memory_order_relaxed) != self) return;
      break;
  }
  table_ = table;
}

}  // namespace hanse
