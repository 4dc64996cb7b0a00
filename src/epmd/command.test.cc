#include "epmd/command.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace hanse::epmd {

TEST(EpmdCommand, Options) {
  ::unsetenv("ERL_EPMD_PORT");
  auto parsed =
      parse_command({"-port", "5000", "-d", "-debug", "-address", "127.0.0.2, ::1", "-daemon", "-relaxed_command_check",
                     "-packet_timeout", "5", "-delay_accept", "1", "-delay_write", "2"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->server.port, 5000);
  EXPECT_EQ(parsed->server.debug, 2u);
  EXPECT_EQ(parsed->server.addresses, (std::vector<std::string>{"127.0.0.2", "::1"}));
  EXPECT_TRUE(parsed->server.daemon && parsed->server.relaxed_commands);
  EXPECT_EQ(parsed->server.packet_timeout_s, 5u);
  EXPECT_EQ(parsed->server.delay_accept_s, 1u);
  EXPECT_EQ(parsed->server.delay_write_s, 2u);
  EXPECT_EQ(parse_command({})->server.port, default_port);
}

TEST(EpmdCommand, Web) {
  EXPECT_FALSE(parse_command({})->web.wanted);
  auto parsed = parse_command({"-http", "0.0.0.0:4370", "-http_folder", "/x", "-http_tls"});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->web.wanted && parsed->web.tls);
  EXPECT_EQ(parsed->web.address, "0.0.0.0");
  EXPECT_EQ(parsed->web.port, 4370);
  EXPECT_EQ(parsed->web.folder, "/x");
  EXPECT_EQ(parse_command({"-http", "0"})->web.address, "127.0.0.1");
  EXPECT_EQ(parse_command({"-http", "[::1]:80"})->web.address, "::1");
  EXPECT_TRUE(parse_command({"-http", "0", "-http_certificate", "a", "-http_key", "b"})->web.tls);
}

TEST(EpmdCommand, Queries) {
  EXPECT_EQ(parse_command({"-names"})->query, Query::names);
  EXPECT_EQ(parse_command({"-kill"})->query, Query::kill);
  EXPECT_EQ(parse_command({"-stop", "foo"})->stop_name, "foo");
}

TEST(EpmdCommand, Mistakes) {
  for (const auto& wrong : std::vector<std::vector<std::string>>{{"-port"},
                                                                 {"-port", "0"},
                                                                 {"-port", "65536"},
                                                                 {"-port", "x"},
                                                                 {"-packet_timeout", "x"},
                                                                 {"-stop"},
                                                                 {"-http"},
                                                                 {"-http", "x"},
                                                                 {"-http", ":80"},
                                                                 {"-http", "65536"},
                                                                 {"-http_tls"},
                                                                 {"-http", "0", "-http_key", "b"},
                                                                 {"-address"},
                                                                 {"-zzz"}})
    EXPECT_FALSE(parse_command(wrong)) << wrong[0];
}

TEST(EpmdCommand, Environment) {
  ::setenv("ERL_EPMD_PORT", "5001", 1);
  ::setenv("ERL_EPMD_ADDRESS", "127.0.0.3", 1);
  ::setenv("ERL_EPMD_RELAXED_COMMAND_CHECK", "true", 1);
  auto parsed = parse_command({});
  EXPECT_EQ(parsed->server.port, 5001);
  EXPECT_EQ(parsed->server.addresses, std::vector<std::string>{"127.0.0.3"});
  EXPECT_TRUE(parsed->server.relaxed_commands);
  EXPECT_EQ(parse_command({"-port", "5002"})->server.port, 5002);
  ::setenv("ERL_EPMD_PORT", "many", 1);
  EXPECT_FALSE(parse_command({}));
  ::unsetenv("ERL_EPMD_PORT");
  ::unsetenv("ERL_EPMD_ADDRESS");
  ::unsetenv("ERL_EPMD_RELAXED_COMMAND_CHECK");
}

}  // namespace hanse::epmd
