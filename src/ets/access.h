// How the built-in functions find a table: by identifier or name, with the right to do what they want.
#pragma once

#include "ets/table_registry.h"
#include "process/call.h"

namespace hanse {

enum class Access : uint8_t { exists, read, write, owner };

class TableArgument {
 public:
  TableArgument(Call& call, Term identifier, Access wanted);
  explicit operator bool() const { return table_ != nullptr; }
  Table& operator*() const { return *table_; }
  Table* operator->() const { return table_; }
  // Why not: type, id or access.
  Term cause() const { return cause_; }
  Result fail(Call& call) const { return raise_badarg(call, cause_); }

 private:
  Table* table_ = nullptr;
  Term cause_ = Term::none();
};

// The result of reading a table, unless it was deleted meanwhile (and was seen empty therefore).
inline Result unless_deleted(Call& call, const Table& table, Term result) {
  return table.alive() ? Result(result) : raise_badarg(call, am::id);
}
// Tuple that can be an object of the table.
inline bool is_object_for(const Table& table, Term term) {
  return term.is_tuple() && as_tuple(term)->arity() >= table.key_position;
}

}  // namespace hanse
