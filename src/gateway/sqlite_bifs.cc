// prim_sqlite: databases of SQLite for lib/hanse. A database is a magic reference; any process that has it may use it, and it is closed
// by close/1 or when the last reference is collected. All of it is the host's.
#include <deque>
#include <memory>

#include "bif/binary_bytes.h"
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "gateway/library_gate.h"
#include "gateway/sqlite.h"
#include "process/call.h"
#include "term/big.h"

namespace hanse {
namespace {

using gateway::Blob;
using gateway::Database;
using gateway::SqlError;
using gateway::SqlValue;

struct OpenDatabase {
  explicit OpenDatabase(Database* d) : database(d) {}
  const std::unique_ptr<Database> database;
};
using MagicDatabase = Magic<OpenDatabase>;

Database* database_argument(Term term) {
  if (!term.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  OpenDatabase* open = MagicDatabase::get(term.as<MagicReference>()->off_heap.value);
  return open == nullptr ? nullptr : open->database.get();
}

std::string_view text_of(const BinaryBytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Parameters borrow from terms, or from copies of those that are not aligned.
class Parameters {
 public:
  // False: no list of values.
  bool read(Term list, std::vector<SqlValue>& values) {
    for (; list.is_cons(); list = list.as_cons()->tail) {
      Term term = list.as_cons()->head;
      int64_t number;
      if (term == am::null) values.emplace_back(std::monostate());
      else if (term.is_integer() && integer_fits_int64(term, number)) values.emplace_back(number);
      else if (term.is_float()) values.emplace_back(float_value(term));
      else if (term.is_binary()) values.emplace_back(bytes(term));
      else if (is_tuple_of_arity(term, 2) && as_tuple(term)->elements[0] == am::blob && as_tuple(term)->elements[1].is_binary())
        values.emplace_back(Blob{bytes(as_tuple(term)->elements[1])});
      else return false;
    }
    return list.is_nil();
  }

 private:
  std::string_view bytes(Term binary) { return text_of(bytes_.emplace_back(binary)); }
  std::deque<BinaryBytes> bytes_;
};

Term error_tuple(Call& call, const SqlError& error) {
  Term reason = make_tuple(call.arena(), Term::small(error.code), make_binary(call.arena(), error.text));
  return make_tuple(call.arena(), am::error, reason);
}

Term value_term(Arena& arena, const SqlValue& value) {
  if (auto* number = std::get_if<int64_t>(&value)) return make_integer(arena, *number);
  if (auto* number = std::get_if<double>(&value)) return make_float(arena, *number);
  if (auto* text = std::get_if<std::string_view>(&value)) return make_binary(arena, *text);
  if (auto* blob = std::get_if<Blob>(&value)) return make_tuple(arena, am::blob, make_binary(arena, blob->bytes));
  return am::null;
}

}  // namespace

// prim_sqlite:open/1. Argument: a path. {ok, Database} or {error, {Code, Text}}.
static Result prim_sqlite_open_1(Call& call) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  BinaryBytes path(call.args[0]);
  if (path.size() == 0 || text_of(path).find('\0') != std::string_view::npos) return raise_badarg(call);
  auto opened = Database::open(std::string(text_of(path)));
  if (!opened) return error_tuple(call, opened.error());
  return make_tuple(call.arena(), am::ok, make_magic_reference(call.arena(), MagicDatabase::create(*opened)));
}

static Result prim_sqlite_close_1(Call& call) {
  Database* database = database_argument(call.args[0]);
  if (database == nullptr) return raise_badarg(call);
  database->close();
  return am::ok;
}

// prim_sqlite:query/3. Arguments: database, one statement, its parameters. {ok, [Row]}.
static Result prim_sqlite_query_3(Call& call) {
  Database* database = database_argument(call.args[0]);
  Parameters parameters;
  std::vector<SqlValue> values;
  if (database == nullptr || !call.args[1].is_binary() || !parameters.read(call.args[2], values)) return raise_badarg(call);
  BinaryBytes sql(call.args[1]);
  Arena& arena = call.arena();
  ListBuilder rows(arena);
  std::vector<Term> columns;
  auto outcome = database->query(text_of(sql), values, [&](std::span<const SqlValue> row) {
    columns.clear();
    for (const SqlValue& value : row) columns.push_back(value_term(arena, value));
    rows.add(make_tuple(arena, std::span<const Term>(columns)));
  });
  Term list = rows.finish();
  if (!outcome) return error_tuple(call, outcome.error());
  return make_tuple(arena, am::ok, list);
}

// prim_sqlite:batch/3. Arguments: database, one statement, a list of lists of parameters: all or none. {ok, Changes}.
static Result prim_sqlite_batch_3(Call& call) {
  Database* database = database_argument(call.args[0]);
  if (database == nullptr || !call.args[1].is_binary()) return raise_badarg(call);
  Parameters parameters;
  std::vector<std::vector<SqlValue>> rows;
  Term list = call.args[2];
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (!parameters.read(list.as_cons()->head, rows.emplace_back())) return raise_badarg(call);
  if (!list.is_nil()) return raise_badarg(call);
  BinaryBytes sql(call.args[1]);
  auto changes = database->batch(text_of(sql), rows);
  if (!changes) return error_tuple(call, changes.error());
  return make_tuple(call.arena(), am::ok, make_integer(call.arena(), *changes));
}

// prim_sqlite:script/2. Arguments: database, statements.
static Result prim_sqlite_script_2(Call& call) {
  Database* database = database_argument(call.args[0]);
  if (database == nullptr || !call.args[1].is_binary()) return raise_badarg(call);
  BinaryBytes sql(call.args[1]);
  auto outcome = database->script(std::string(text_of(sql)));
  if (!outcome) return error_tuple(call, outcome.error());
  return am::ok;
}

static constexpr BifRow rows[] = {
    {"prim_sqlite", "open", 1, with_libraries<prim_sqlite_open_1>, BifKind::dirty_io, Authority::host},
    {"prim_sqlite", "close", 1, with_libraries<prim_sqlite_close_1>, BifKind::dirty_io, Authority::host},
    {"prim_sqlite", "query", 3, with_libraries<prim_sqlite_query_3>, BifKind::dirty_io, Authority::host},
    {"prim_sqlite", "batch", 3, with_libraries<prim_sqlite_batch_3>, BifKind::dirty_io, Authority::host},
    {"prim_sqlite", "script", 2, with_libraries<prim_sqlite_script_2>, BifKind::dirty_io, Authority::host},
};
const BifTable sqlite_bifs = rows;

}  // namespace hanse
