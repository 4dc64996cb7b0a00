#include "gateway/directory_names.h"

#include "gateway/sqlite.h"

namespace hanse::gateway {

namespace {

constexpr const char* schema = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS names (name TEXT PRIMARY KEY, key TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
)";

class StoredNames final : public NameOwners {
 public:
  explicit StoredNames(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  bool load(const std::function<void(std::string, std::string, int64_t)>& each) override {
    auto done = database_->query("SELECT name, key, since FROM names", {}, [&](std::span<const SqlValue> row) {
      each(std::string(std::get<std::string_view>(row[0])), std::string(std::get<std::string_view>(row[1])), std::get<int64_t>(row[2]));
    });
    return done.has_value();
  }

  bool add(const std::string& name, const std::string& thumbprint, int64_t since_s) override {
    SqlValue values[] = {std::string_view(name), std::string_view(thumbprint), since_s};
    return database_->query("INSERT INTO names (name, key, since) VALUES (?, ?, ?)", values, [](std::span<const SqlValue>) {}).has_value();
  }

 private:
  std::unique_ptr<Database> database_;
};

}  // namespace

std::expected<std::unique_ptr<NameOwners>, std::string> open_names(const std::string& path) {
  auto opened = Database::open(path);
  if (!opened) return std::unexpected(path + ": " + opened.error().text);
  std::unique_ptr<Database> database(*opened);
  if (auto made = database->script(schema); !made) return std::unexpected(path + ": " + made.error().text);
  return std::make_unique<StoredNames>(std::move(database));
}

}  // namespace hanse::gateway
