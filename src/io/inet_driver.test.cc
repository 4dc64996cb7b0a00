#include <gtest/gtest.h>

#include "io/port_test_support.h"

namespace hanse {

using std::string_literals::operator""s;

static const std::string infinite = "\xff\xff\xff\xff"s;
static const std::string loopback_any_port = "\1\0\0\x7f\0\0\1"s;

// Bytes of "1 P1 P0 ..." from position 1 as a port number's two bytes.
static std::string port_bytes(const std::string& reply) {
  int status = 0, high = 0, low = 0;
  sscanf(reply.c_str(), "%d %d %d", &status, &high, &low);
  return {static_cast<char>(high), static_cast<char>(low)};
}
static std::string loopback(const std::string& port) { return "\1"s + port + "\x7f\0\0\1"s; }

namespace {
struct Connection {
  TestProcess server, client;
  TestPort listener{server, "tcp_inet"};
  TestPort connecting{client, "tcp_inet"};
  std::unique_ptr<TestPort> accepted;

  Connection() {
    EXPECT_EQ(listener.control(server.pid(), 1, "\1\1"s), "1");
    std::string bound = listener.control(server.pid(), 6, loopback_any_port);
    EXPECT_EQ(listener.control(server.pid(), 27, "\0\5"s), "1");
    EXPECT_EQ(listener.control(server.pid(), 26, infinite), "1 0 0");
    EXPECT_EQ(connecting.control(client.pid(), 1, "\1\1"s), "1");
    EXPECT_EQ(connecting.control(client.pid(), 3, infinite + loopback(port_bytes(bound))), "1 0 0");
    EXPECT_EQ(client.next(), "{inet_async,P,0,ok}");
    Term message = server.next_term();  // {inet_async, Listener, 0, {ok, Port}}
    Term result = as_tuple(message)->elements[3];
    accepted = std::make_unique<TestPort>(as_tuple(result)->elements[1]);
  }
};
}  // namespace

TEST(InetDriver, answers_in_every_state) {
  TestProcess process;
  TestPort port(process, "tcp_inet");
  Term pid = process.pid();
  EXPECT_EQ(port.control(pid, 7, ""), "1");
  EXPECT_EQ(port.control(pid, 99, ""), "0 101 120 98 97 100 112 111 114 116");  // exbadport
  EXPECT_EQ(port.control(pid, 1, "\1\1"s), "1");
  EXPECT_EQ(port.control(pid, 1, "\1\1"s), "0 101 120 98 97 100 115 101 113");  // exbadseq
  EXPECT_EQ(port.control(pid, 16, ""), "1 0 0 0 1");
  EXPECT_EQ(port.control(pid, 15, ""), "1 0 0 0 1 0 0 0 1");
  EXPECT_EQ(port.control(pid, 8, "\x16\x17\x18\x14"s), "1 22 0 0 0 0 23 0 0 0 0 24 0 0 0 0 20 0 0 5 180");
  EXPECT_EQ(port.control(pid, 8, "\xff"s), "0 101 105 110 118 97 108");
  EXPECT_EQ(port.control(pid, 7, "\x16\0\0\0\3\0\5"s), "1");
  EXPECT_EQ(port.control(pid, 8, "\x16"s), "1 22 0 0 0 3 0 5");
  EXPECT_EQ(port.control(pid, 7, "\x16\0\0\0\3\xff\xf0"s), "1");
  EXPECT_EQ(process.next(), "{tcp_passive,P}");
}

TEST(InetDriver, receives_passively_and_notices_the_end) {
  Connection c;
  EXPECT_EQ(c.connecting.control(c.client.pid(), 42, infinite + "\0\0\0\0"s), "1 0 1");
  c.accepted->command(c.server.pid(), "hello");
  EXPECT_EQ(c.server.next(), "{inet_reply,P,ok}");
  EXPECT_EQ(c.client.next(), "{inet_async,P,1,{ok,\"hello\"}}");
  EXPECT_EQ(c.connecting.control(c.client.pid(), 42, "\0\0\0\x14\0\0\0\2"s), "1 0 2");
  EXPECT_EQ(c.client.next(), "{inet_async,P,2,{error,timeout}}");
  c.accepted->close();
  EXPECT_EQ(c.connecting.control(c.client.pid(), 42, infinite + "\0\0\0\0"s), "1 0 3");
  EXPECT_EQ(c.client.next(), "{inet_async,P,3,{error,closed}}");
  EXPECT_EQ(c.connecting.control(c.client.pid(), 42, infinite + "\0\0\0\0"s), "0 101 110 111 116 99 111 110 110");
  EXPECT_TRUE(c.connecting.is_open());
}

TEST(InetDriver, delivers_packets_actively_and_counts_them) {
  Connection c;
  // packet 2, binary, {active, 2}
  EXPECT_EQ(c.connecting.control(c.client.pid(), 7, "\x17\0\0\0\2\x18\0\0\0\1\x16\0\0\0\3\0\2"s), "1");
  c.accepted->command(c.server.pid(), "\0\3abc\0"s);
  EXPECT_EQ(c.client.next(), "{tcp,P,<<\"abc\">>}");
  c.accepted->command(c.server.pid(), "\1x\0\1y"s);
  EXPECT_EQ(c.client.next(), "{tcp,P,<<\"x\">>}");
  EXPECT_EQ(c.client.next(), "{tcp_passive,P}");
  EXPECT_EQ(c.connecting.control(c.client.pid(), 7, "\x16\0\0\0\1"s), "1");
  EXPECT_EQ(c.client.next(), "{tcp,P,<<\"y\">>}");
  c.accepted->close();
  EXPECT_EQ(c.client.next(), "{tcp_closed,P}");
  EXPECT_FALSE(c.connecting.is_open());
}

TEST(InetDriver, makes_senders_wait_and_times_out) {
  Connection c;
  // high watermark 1000, low 500, send_timeout 50
  EXPECT_EQ(c.connecting.control(c.client.pid(), 7, "\x1b\0\0\3\xe8\x1c\0\0\1\xf4\x1e\0\0\0\x32"s), "1");
  c.connecting.command(c.client.pid(), std::string(20'000'000, 'x'));
  EXPECT_EQ(c.client.next(), "{inet_reply,P,ok}");
  c.connecting.command(c.client.pid(), "y");
  EXPECT_EQ(c.connecting.control(c.client.pid(), 16, ""), "1 0 0 0 133");
  EXPECT_EQ(c.client.next(), "{inet_reply,P,{error,timeout}}");
  EXPECT_EQ(c.connecting.control(c.client.pid(), 16, ""), "1 0 0 0 5");
  EXPECT_EQ(c.connecting.control(c.client.pid(), 7, "\3\0\0\0\1\0\0\0\0"s), "1");  // linger {true, 0}: no flush
}

TEST(InetDriver, exchanges_datagrams) {
  TestProcess a, b;
  TestPort from(a, "udp_inet"), to(b, "udp_inet");
  EXPECT_EQ(from.control(a.pid(), 1, "\1\2"s), "1");
  EXPECT_EQ(to.control(b.pid(), 1, "\1\2"s), "1");
  std::string target = loopback(port_bytes(to.control(b.pid(), 6, loopback_any_port)));
  EXPECT_EQ(to.control(b.pid(), 60, infinite + "\0\0\0\0"s), "1 0 0");
  from.command(a.pid(), target + "\0\0\0\0ping"s);
  EXPECT_EQ(a.next(), "{inet_reply,P,ok}");
  std::string message = b.next();
  EXPECT_EQ(message.substr(0, 23), "{inet_async,P,0,{ok,[1,") << message;
  EXPECT_NE(message.find("127,0,0,1,112,105,110,103]}}"), std::string::npos) << message;
  EXPECT_EQ(to.control(b.pid(), 7, "\x16\0\0\0\2\x18\0\0\0\1"s), "1");
  from.command(a.pid(), target + "\0\0\0\0pong"s);
  EXPECT_NE(b.next().find("<<\"pong\">>}"), std::string::npos);
}

}  // namespace hanse
