#include "io/stream_driver.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "io/port_test_support.h"

namespace hanse {

namespace {
struct Pipes {
  int to_port[2], from_port[2];
  Pipes() {
    EXPECT_EQ(pipe(to_port), 0);
    EXPECT_EQ(pipe(from_port), 0);
  }
  PortName name() const { return {PortName::Kind::descriptors, "", to_port[0], from_port[1]}; }
  void send(std::string_view text) { ASSERT_EQ(write(to_port[1], text.data(), text.size()), static_cast<ssize_t>(text.size())); }
};
}  // namespace

TEST(StreamDriver, reads_lines_and_reports_the_end) {
  Pipes pipes;
  TestProcess process;
  PortOptions options;
  options.line = 5;
  options.eof = true;
  TestPort port(process, pipes.name(), options);
  pipes.send("ab\r\nabcdefg\nabcde");
  EXPECT_EQ(process.next(), "{P,{data,{eol,\"ab\"}}}");
  EXPECT_EQ(process.next(), "{P,{data,{noeol,\"abcde\"}}}");
  EXPECT_EQ(process.next(), "{P,{data,{eol,\"fg\"}}}");
  pipes.send("\nxy");
  EXPECT_EQ(process.next(), "{P,{data,{eol,\"abcde\"}}}");
  close(pipes.to_port[1]);
  EXPECT_EQ(process.next(), "{P,{data,{noeol,\"xy\"}}}");
  EXPECT_EQ(process.next(), "{P,eof}");
  EXPECT_TRUE(port.is_open());
}

TEST(StreamDriver, frames_packets_both_ways) {
  Pipes pipes;
  TestProcess process;
  PortOptions options;
  options.packet = 2;
  options.binary = true;
  TestPort port(process, pipes.name(), options);
  pipes.send(std::string_view("\0\3abc\0", 6));
  EXPECT_EQ(process.next(), "{P,{data,<<\"abc\">>}}");
  port.command(process.pid(), "xyz");
  char buffer[16];
  ASSERT_EQ(read(pipes.from_port[0], buffer, sizeof buffer), 5);
  EXPECT_EQ(std::string_view(buffer, 5), std::string_view("\0\3xyz", 5));
}

// The descriptors belong to other programs as well.
TEST(StreamDriver, leaves_the_flags_of_descriptors_alone) {
  Pipes pipes;
  TestProcess process;
  {
    TestPort port(process, pipes.name());
    port.command(process.pid(), std::string(200'000, 'x'));
    EXPECT_EQ(fcntl(pipes.to_port[0], F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(fcntl(pipes.from_port[1], F_GETFL) & O_NONBLOCK, 0);
  }
  // What was queued when the port closed is still written.
  size_t total = 0;
  char buffer[4096];
  while (total < 200'000) {
    ssize_t count = read(pipes.from_port[0], buffer, sizeof buffer);
    ASSERT_GT(count, 0);
    total += static_cast<size_t>(count);
  }
  EXPECT_EQ(fcntl(pipes.from_port[1], F_GETFL) & O_NONBLOCK, 0);
}

}  // namespace hanse
