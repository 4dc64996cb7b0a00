#include "gateway/libraries.h"

#include <gtest/gtest.h>

#include "gateway/crypto.h"

namespace hanse::gateway {
namespace {

// Before all tests of the gateway.
class OpenLibraries final : public testing::Environment {
  void SetUp() override { require_libraries(); }
};
[[maybe_unused]] testing::Environment* const libraries = testing::AddGlobalTestEnvironment(new OpenLibraries);

TEST(GatewayLibraries, AreOpenedOnce) { EXPECT_EQ(&open_libraries(), &open_libraries()); }

// RFC 6234's "abc": a jump leads to its function with all arguments.
TEST(GatewayLibraries, JumpsLeadToTheirFunctions) {
  EXPECT_EQ(base64url(sha256("abc")), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

}  // namespace
}  // namespace hanse::gateway
