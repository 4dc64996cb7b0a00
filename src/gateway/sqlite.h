// A database of SQLite: statements with parameters, one at a time, and batches that happen wholly or not at all. Any thread; one
// statement runs at a time. Nothing of Erlang in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_mutex;

namespace hanse::gateway {

struct Blob {
  std::string_view bytes;
  bool operator==(const Blob&) const = default;
};
// What a parameter or a column may be. Texts and blobs are borrowed: parameters while the call lasts, columns while their row is shown.
using SqlValue = std::variant<std::monostate, int64_t, double, std::string_view, Blob>;

struct SqlError {
  int code;  // SQLite's extended result code
  std::string text;
};

class Database {
 public:
  // Creates the file for this user only (0600) if there is none; waits up to five seconds for others that write. ":memory:" is a
  // database without a file.
  static std::expected<Database*, SqlError> open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void close();
  using OnRow = std::function<void(std::span<const SqlValue>)>;
  // One statement. The number of parameters must be right.
  std::expected<void, SqlError> query(std::string_view sql, std::span<const SqlValue> parameters, const OnRow& on_row);
  // The same statement for every row of parameters, in one transaction: how many rows of tables changed.
  std::expected<int64_t, SqlError> batch(std::string_view sql, std::span<const std::vector<SqlValue>> rows);
  // Any number of statements without parameters.
  std::expected<void, SqlError> script(const std::string& sql);

 private:
  explicit Database(sqlite3* handle);
  sqlite3_mutex* mutex_;
  sqlite3* handle_;  // nullptr: closed
};

}  // namespace hanse::gateway
