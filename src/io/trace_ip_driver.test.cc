#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/port_test_support.h"

namespace hanse {

using std::string_literals::operator""s;

namespace {

class Client {
 public:
  explicit Client(uint16_t number) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(number);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Client() { ::close(socket_); }
  // What comes until there are that many bytes, the end, or the time is over (0: none).
  std::string receive(size_t size, int timeout_ms = 0) {
    timeval limit{0, timeout_ms * 1000};
    CHECK(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
    std::string bytes(size, '\0');
    ssize_t count = ::recv(socket_, bytes.data(), size, MSG_WAITALL);
    ended_ = count == 0;
    bytes.resize(count < 0 ? 0 : static_cast<size_t>(count));
    return bytes;
  }
  bool has_ended() const { return ended_; }
  void send(std::string_view bytes) { CHECK(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0); }

 private:
  int socket_;
  bool ended_ = false;
};

struct TracePort {
  TestProcess owner;
  TestPort port;
  explicit TracePort(const char* command) : port(owner, command) {}
  uint16_t number() {
    std::string reply;
    EXPECT_TRUE(port.plain_control(owner.pid(), 'p', {}, reply));
    EXPECT_EQ(reply.size(), 3u);
    return static_cast<uint16_t>(static_cast<uint8_t>(reply[1]) << 8 | static_cast<uint8_t>(reply[2]));
  }
  void command(std::string_view data) { port.command(owner.pid(), data); }
};

}  // namespace

TEST(TraceIpDriver, what_waits_comes_first_and_what_found_no_room_is_counted) {
  TracePort trace("trace_ip_drv 0 3 2");
  for (const char* text : {"a", "b", "c", "d", "e", ""}) trace.command(text);
  Client client(trace.number());
  EXPECT_EQ(client.receive(23), "\0\0\0\0\1a\0\0\0\0\1b\0\0\0\0\1c\1\0\0\0\2"s);
  trace.command("more");
  EXPECT_EQ(client.receive(9), "\0\0\0\0\4more"s);
}

TEST(TraceIpDriver, serves_one_client_at_a_time_and_keeps_what_comes_between_two) {
  TracePort trace("trace_ip_drv 0 3 2");
  trace.command("first");
  {
    Client first(trace.number());
    EXPECT_EQ(first.receive(10), "\0\0\0\0\5first"s);
    Client second(trace.number());
    EXPECT_EQ(second.receive(1), "");
    first.send("nobody reads this");
    trace.command("again");
    EXPECT_EQ(first.receive(10), "\0\0\0\0\5again"s);
  }
  // The port finds out in its own time that the first one has gone: until then it takes nobody, and what it sends is lost.
  std::string received;
  while (received != "\0\0\0\0\1x"s) {
    Client next(trace.number());
    do {
      trace.command("x");
      received = next.receive(6, 10);
    } while (received.empty() && !next.has_ended());
  }
}

TEST(TraceIpDriver, without_the_flag_nothing_waits_for_the_first_client) {
  TracePort trace("trace_ip_drv 0 3 0");
  trace.command("lost");
  Client client(trace.number());
  // A second client is refused as soon as the port has taken the first.
  EXPECT_EQ(Client(trace.number()).receive(1), "");
  trace.command("heard");
  EXPECT_EQ(client.receive(10), "\0\0\0\0\5heard"s);
}

TEST(TraceIpDriver, its_end_ends_the_connection) {
  TracePort trace("trace_ip_drv 0 3 2");
  trace.command("a");
  Client client(trace.number());
  EXPECT_EQ(client.receive(6), "\0\0\0\0\1a"s);
  trace.port.close();
  EXPECT_EQ(client.receive(1), "");
}

}  // namespace hanse
