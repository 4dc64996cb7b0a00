#include "gateway/sqlite.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

namespace hanse::gateway {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string shown(const SqlValue& value) {
  if (auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (auto* blob = std::get_if<Blob>(&value)) return "blob " + std::string(blob->bytes);
  return std::holds_alternative<double>(value) ? "float" : "null";
}

class SqliteTest : public testing::Test {
 protected:
  std::unique_ptr<Database> database{Database::open(":memory:").value_or(nullptr)};
  Rows query(std::string_view sql, std::vector<SqlValue> parameters = {}) {
    Rows rows;
    auto outcome = database->query(sql, parameters, [&](std::span<const SqlValue> row) {
      auto& taken = rows.emplace_back();
      for (const SqlValue& value : row) taken.push_back(shown(value));
    });
    if (!outcome) return {{"error", outcome.error().text}};
    return rows;
  }
};

TEST_F(SqliteTest, ValuesComeBackAsTheyWent) {
  EXPECT_EQ(query("SELECT ?, ?, ?, ?, ?", {int64_t{-5}, 1.5, std::string_view("a\0b", 3), Blob{"xy"}, std::monostate()}),
            (Rows{{"-5", "float", std::string("a\0b", 3), "blob xy", "null"}}));
  EXPECT_EQ(query("SELECT ?, ?", {std::string_view(), Blob{}}), (Rows{{"", "blob "}}));
}

TEST_F(SqliteTest, OneStatementWithTheRightNumberOfParameters) {
  EXPECT_EQ(query("SELECT ?"), (Rows{{"error", "expected 1 parameters, got 0"}}));
  EXPECT_EQ(query("SELECT 1; SELECT 2"), (Rows{{"error", "expected a single statement"}}));
  EXPECT_EQ(query("SELECT 1 ; \n"), (Rows{{"1"}}));
  EXPECT_EQ(query("  "), (Rows{{"error", "there is no statement"}}));
}

TEST_F(SqliteTest, ABatchHappensWhollyOrNotAtAll) {
  ASSERT_TRUE(database->script("CREATE TABLE t (n INTEGER PRIMARY KEY)"));
  std::vector<std::vector<SqlValue>> good = {{int64_t{1}}, {int64_t{2}}}, bad = {{int64_t{3}}, {int64_t{1}}};
  EXPECT_EQ(database->batch("INSERT INTO t VALUES (?)", good).value_or(-1), 2);
  EXPECT_FALSE(database->batch("INSERT INTO t VALUES (?)", bad));
  EXPECT_EQ(query("SELECT count(*) FROM t"), (Rows{{"2"}}));
}

TEST_F(SqliteTest, AScriptThatFailsLeavesNoTransaction) {
  EXPECT_FALSE(database->script("CREATE TABLE t (n); BEGIN; INSERT INTO t VALUES (1); nonsense"));
  EXPECT_EQ(query("SELECT count(*) FROM t"), (Rows{{"0"}}));
  EXPECT_TRUE(database->script("BEGIN; COMMIT"));
}

TEST_F(SqliteTest, ClosedIsAnError) {
  database->close();
  database->close();
  EXPECT_EQ(query("SELECT 1"), (Rows{{"error", "the database is closed"}}));
}

TEST(SqliteFile, BelongsToTheUserAlone) {
  std::string path = "/tmp/hanse_sqlite_" + std::to_string(getpid());
  std::unique_ptr<Database> database{Database::open(path).value_or(nullptr)};
  ASSERT_TRUE(database);
  struct stat status;
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  unlink(path.c_str());
  EXPECT_FALSE(Database::open("/no such folder/file"));
}

}  // namespace
}  // namespace hanse::gateway
