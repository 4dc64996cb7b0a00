#include "gateway/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <memory>

namespace hanse::gateway {
namespace {

constexpr int busy_timeout_ms = 5000;

// SQLite's own mutex: it stands below every lock of the virtual machine, and none is taken while it is held.
class Held {
 public:
  explicit Held(sqlite3_mutex* mutex) : mutex_(mutex) { sqlite3_mutex_enter(mutex_); }
  ~Held() { sqlite3_mutex_leave(mutex_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  sqlite3_mutex* mutex_;
};

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

SqlError error_of(sqlite3* handle) { return {sqlite3_extended_errcode(handle), sqlite3_errmsg(handle)}; }
SqlError closed() { return {SQLITE_MISUSE, "the database is closed"}; }

std::expected<Statement, SqlError> prepare(sqlite3* handle, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  if (sql.size() > INT32_MAX) return std::unexpected(SqlError{SQLITE_TOOBIG, "the statement is too long"});
  if (sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &statement, &rest) != SQLITE_OK)
    return std::unexpected(error_of(handle));
  Statement owned(statement);
  if (statement == nullptr) return std::unexpected(SqlError{SQLITE_MISUSE, "there is no statement"});
  if (std::string_view(rest, sql.data() + sql.size()).find_first_not_of(" \t\r\n;") != std::string_view::npos)
    return std::unexpected(SqlError{SQLITE_MISUSE, "expected a single statement"});
  return owned;
}

int bind_one(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (auto* number = std::get_if<int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
  if (auto* number = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *number);
  if (auto* text = std::get_if<std::string_view>(&value))
    return sqlite3_bind_text64(statement, index, text->data() ? text->data() : "", text->size(), SQLITE_STATIC, SQLITE_UTF8);
  if (auto* blob = std::get_if<Blob>(&value))
    return sqlite3_bind_blob64(statement, index, blob->bytes.data() ? blob->bytes.data() : "", blob->bytes.size(), SQLITE_STATIC);
  return sqlite3_bind_null(statement, index);
}

std::expected<void, SqlError> bind_all(sqlite3* handle, sqlite3_stmt* statement, std::span<const SqlValue> parameters) {
  int expected = sqlite3_bind_parameter_count(statement);
  if (static_cast<size_t>(expected) != parameters.size())
    return std::unexpected(
        SqlError{SQLITE_RANGE, "expected " + std::to_string(expected) + " parameters, got " + std::to_string(parameters.size())});
  for (int i = 0; i < expected; i++)
    if (bind_one(statement, i + 1, parameters[static_cast<size_t>(i)]) != SQLITE_OK) return std::unexpected(error_of(handle));
  return {};
}

SqlValue column(sqlite3_stmt* statement, int index) {
  auto size = [&] { return static_cast<size_t>(sqlite3_column_bytes(statement, index)); };
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER: return sqlite3_column_int64(statement, index);
    case SQLITE_FLOAT: return sqlite3_column_double(statement, index);
    case SQLITE_TEXT: {
      auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
      return std::string_view(text, size());
    }
    case SQLITE_BLOB: {
      auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, index));
      return Blob{std::string_view(bytes, size())};
    }
    default: return std::monostate();
  }
}

// Rows until there are none.
std::expected<void, SqlError> run(sqlite3* handle, sqlite3_stmt* statement, const Database::OnRow* on_row) {
  std::vector<SqlValue> row(static_cast<size_t>(sqlite3_column_count(statement)));
  while (true) {
    int outcome = sqlite3_step(statement);
    if (outcome == SQLITE_DONE) return {};
    if (outcome != SQLITE_ROW) return std::unexpected(error_of(handle));
    if (on_row == nullptr) continue;
    for (size_t i = 0; i < row.size(); i++) row[i] = column(statement, static_cast<int>(i));
    (*on_row)(row);
  }
}

std::expected<void, SqlError> execute(sqlite3* handle, const char* sql) {
  if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return std::unexpected(error_of(handle));
  return {};
}

}  // namespace

Database::Database(sqlite3* handle) : mutex_(sqlite3_mutex_alloc(SQLITE_MUTEX_FAST)), handle_(handle) {}

Database::~Database() {
  close();
  sqlite3_mutex_free(mutex_);
}

std::expected<Database*, SqlError> Database::open(const std::string& path) {
  if (path != ":memory:") {  // files beside it (-wal, -shm) get the permissions of this one
    int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return std::unexpected(SqlError{SQLITE_CANTOPEN, "cannot open " + path});
    ::close(descriptor);
  }
  sqlite3* handle = nullptr;
  int outcome = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (outcome != SQLITE_OK) {
    SqlError error = handle ? error_of(handle) : SqlError{outcome, sqlite3_errstr(outcome)};
    sqlite3_close_v2(handle);
    return std::unexpected(std::move(error));
  }
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return new Database(handle);
}

void Database::close() {
  Held held(mutex_);
  sqlite3_close_v2(handle_);
  handle_ = nullptr;
}

std::expected<void, SqlError> Database::query(std::string_view sql, std::span<const SqlValue> parameters, const OnRow& on_row) {
  Held held(mutex_);
  if (handle_ == nullptr) return std::unexpected(closed());
  auto statement = prepare(handle_, sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  if (auto bound = bind_all(handle_, statement->get(), parameters); !bound) return bound;
  return run(handle_, statement->get(), &on_row);
}

std::expected<int64_t, SqlError> Database::batch(std::string_view sql, std::span<const std::vector<SqlValue>> rows) {
  Held held(mutex_);
  if (handle_ == nullptr) return std::unexpected(closed());
  auto statement = prepare(handle_, sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  int64_t before = sqlite3_total_changes64(handle_);
  std::expected<void, SqlError> outcome = execute(handle_, "BEGIN IMMEDIATE");
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  for (auto row = rows.begin(); outcome && row != rows.end(); ++row) {
    outcome = bind_all(handle_, statement->get(), *row);
    if (outcome) outcome = run(handle_, statement->get(), nullptr);
    sqlite3_reset(statement->get());
  }
  if (outcome) outcome = execute(handle_, "COMMIT");
  if (outcome) return sqlite3_total_changes64(handle_) - before;
  if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  return std::unexpected(std::move(outcome.error()));
}

std::expected<void, SqlError> Database::script(const std::string& sql) {
  Held held(mutex_);
  if (handle_ == nullptr) return std::unexpected(closed());
  auto outcome = execute(handle_, sql.c_str());
  if (!outcome && sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  return outcome;
}

}  // namespace hanse::gateway
