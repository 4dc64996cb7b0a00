// Two ends of a connection in one program: frames that one makes are put into the other.
#include "dist/connection.h"

#include <gtest/gtest.h>

#include "dist/control.h"
#include "process/fake_engine.h"
#include "process/test_process.h"
#include "term/identifiers.h"
#include "term/test_arena.h"

namespace hanse::dist {

namespace {

class Ends {
 public:
  explicit Ends(uint64_t flags = flag::supported) {
    testing_processes::fake_engine();
    static int serial = 0;
    std::string number = std::to_string(serial++);
    peer_name = make_atom("peer" + number + "@test");
    bool is_new;
    sender = RemoteNode::of(make_atom("receiver" + number + "@test")).connection_or_pending(is_new);
    receiver = RemoteNode::of(peer_name).connection_or_pending(is_new);
    // Carried by processes: frames without lengths.
    EXPECT_TRUE(sender->go_up(flags, 7, carrier.pid()));
    EXPECT_TRUE(receiver->go_up(flags, 7, carrier.pid()));
  }
  ~Ends() {
    sender->end(am::normal);
    receiver->end(am::normal);
  }
  static std::vector<uint8_t> joined(const std::vector<Connection::Piece>& pieces) {
    std::vector<uint8_t> bytes;
    for (auto& piece : pieces) bytes.insert(bytes.end(), piece.data.begin(), piece.data.end());
    return bytes;
  }
  // How many frames there were; false in `fine` if the receiver refused one.
  size_t pump(bool& fine) {
    size_t count = 0;
    std::vector<Connection::Piece> frame;
    for (fine = true; fine && sender->take_frame(frame); count++) fine = receiver->input(joined(frame));
    return count;
  }
  size_t pump() {
    bool fine;
    size_t count = pump(fine);
    EXPECT_TRUE(fine);
    return count;
  }
  // A pid of the peer, as the receiver sees it.
  Term peer_pid(uint32_t id) { return make_pid(arena, peer_name, 7, id, 0); }
  void send(Term to, Term message, Word from = 1) {
    sender->transmit(from, ControlTuple(Operation::send_sender, peer_pid(1), to).term(), message);
  }
  Term binary(size_t size) {
    NewBinary made = allocate_binary(arena, size);
    std::memset(made.bytes, 'x', size);
    return made.term;
  }

  TestArena arena;
  TestProcess carrier;
  Term peer_name;
  Ref<Connection> sender, receiver;
};

}  // namespace

TEST(Connection, messages_of_all_sizes_arrive) {
  for (uint64_t flags : {flag::supported, flag::supported & ~flag::fragments, flag::supported & ~flag::header_atom_cache}) {
    Ends ends(flags);
    TestProcess process;
    for (size_t size : {0u, 10u, 1000u, 65000u, 66000u, 1000000u}) {
      ends.send(process.pid(), make_tuple(ends.arena, am::ok, ends.binary(size)));
      ends.pump();
      Term received = process.next_term();
      ASSERT_TRUE(is_tuple_of_arity(received, 2));
      EXPECT_EQ(as_tuple(received)->elements[0], am::ok);
      EXPECT_EQ(bit_view(as_tuple(received)->elements[1]).byte_size(), size);
    }
  }
}

TEST(Connection, small_signals_overtake_large_ones_of_others_only) {
  Ends ends;
  TestProcess large, small;
  ends.send(large.pid(), ends.binary(10 * fragment_bytes), 1);
  ends.send(large.pid(), am::second, 1);
  ends.send(small.pid(), am::ok, 2);
  std::vector<Connection::Piece> frame;
  for (int i = 0; i < 2; i++) {
    ASSERT_TRUE(ends.sender->take_frame(frame));
    EXPECT_TRUE(ends.receiver->input(Ends::joined(frame)));
  }
  EXPECT_EQ(small.next(), "ok");
  EXPECT_EQ(ends.pump(), 11u);  // what is left of the large one, and what waited behind it
  EXPECT_TRUE(large.next_term().is_binary());
  EXPECT_EQ(large.next(), "second");
}

TEST(Connection, a_small_signal_waits_for_no_round_of_large_ones) {
  Ends ends;
  TestProcess large, small;
  for (Word sender = 10; sender < 40; sender++) ends.send(large.pid(), ends.binary(20 * fragment_bytes), sender);
  std::vector<Connection::Piece> frame;
  for (int i = 0; i < 100; i++) {
    ASSERT_TRUE(ends.sender->take_frame(frame));
    EXPECT_TRUE(ends.receiver->input(Ends::joined(frame)));
    ends.send(small.pid(), am::ok, 2);
    ASSERT_TRUE(ends.sender->take_frame(frame));
    EXPECT_TRUE(ends.receiver->input(Ends::joined(frame)));
    EXPECT_EQ(small.next(), "ok");
  }
  ends.pump();
  for (int i = 0; i < 30; i++) EXPECT_TRUE(large.next_term().is_binary());
}

TEST(Connection, small_signals_do_not_starve_large_ones) {
  Ends ends;
  TestProcess large, small;
  ends.send(large.pid(), ends.binary(10 * fragment_bytes), 1);
  for (int i = 0; i < 1000; i++) ends.send(small.pid(), ends.binary(4096), 2);
  std::vector<Connection::Piece> frame;
  for (int i = 0; i < 10 * 20; i++) {
    ASSERT_TRUE(ends.sender->take_frame(frame));
    EXPECT_TRUE(ends.receiver->input(Ends::joined(frame)));
  }
  EXPECT_TRUE(large.next_term().is_binary());
  ends.pump();
}

// As a port writes them, whatever time it takes: how many bytes go out before a signal that comes while large ones are written.
TEST(Connection, few_bytes_of_large_signals_are_ready_to_be_written) {
  Ends ends;
  TestProcess process;
  for (Word sender = 10; sender < 40; sender++) ends.send(process.pid(), ends.binary(20 * fragment_bytes), sender);
  auto write = [&](std::string& written) {
    iovec pieces[64];
    int count = ends.sender->output(pieces, 64);
    size_t size = std::min<size_t>(pieces[0].iov_len, 10000);  // the socket takes little at a time
    if (count == 0) return false;
    written.append(static_cast<const char*>(pieces[0].iov_base), size);
    ends.sender->consume_output(size);
    return true;
  };
  std::string before, after;
  while (before.size() < 40 * fragment_bytes) ASSERT_TRUE(write(before));
  ends.send(process.pid(), make_binary(ends.arena, "the small one"), 2);
  while (after.find("the small one") == std::string::npos) ASSERT_TRUE(write(after));
  EXPECT_LT(after.size(), 4 * fragment_bytes);
}

TEST(Connection, order_of_one_sender_is_kept) {
  Ends ends;
  TestProcess process;
  for (int i = 0; i < 60; i++) ends.send(process.pid(), i % 3 == 0 ? make_tuple(ends.arena, Term::small(i), ends.binary(200000)) : Term::small(i));
  ends.pump();
  for (int i = 0; i < 60; i++) {
    Term term = process.next_term();
    EXPECT_EQ(term.is_tuple() ? as_tuple(term)->elements[0] : term, Term::small(i));
  }
}

TEST(Connection, signals_wait_while_it_is_pending) {
  Ends ends;
  TestProcess process;
  bool is_new;
  Ref<Connection> pending = RemoteNode::of(make_atom("pending@test")).connection_or_pending(is_new);
  EXPECT_TRUE(is_new);
  pending->transmit(1, ControlTuple(Operation::send_sender, ends.peer_pid(1), process.pid()).term(), am::ok);
  EXPECT_TRUE(pending->go_up(flag::supported, 7, ends.carrier.pid()));
  EXPECT_FALSE(pending->go_up(flag::supported, 7, ends.carrier.pid()));
  std::vector<Connection::Piece> frame;
  ASSERT_TRUE(pending->take_frame(frame));
  EXPECT_TRUE(ends.receiver->input(Ends::joined(frame)));
  EXPECT_EQ(process.next(), "ok");
  pending->end(am::normal);
  EXPECT_EQ(pending->transmit(1, ControlTuple(Operation::node_link).term()), 0u);
}

TEST(Connection, the_end_of_it_breaks_links_and_monitors) {
  Ends ends;
  TestProcess process;
  process.process().trap_exit = true;
  Term peer = ends.peer_pid(5);
  ends.sender->transmit(1, ControlTuple(Operation::link, peer, process.pid()).term());
  ends.pump();
  process.process().handle_signals();
  EXPECT_TRUE(process.process().relations.is_linked(peer));
  ends.receiver->end(am::normal);
  EXPECT_NE(process.next().find("noconnection"), std::string::npos);
  EXPECT_FALSE(process.process().relations.is_linked(peer));
}

TEST(Connection, a_link_to_nobody_is_answered) {
  Ends ends;
  Term nobody;
  {
    TestProcess gone;
    nobody = gone.pid();
  }
  ends.sender->transmit(1, ControlTuple(Operation::link, ends.peer_pid(5), nobody).term());
  ends.pump();
  EXPECT_EQ(ends.receiver->frames_pending(), 1u);
}

TEST(Connection, senders_wait_while_it_is_busy) {
  Ends ends;
  auto is_busy = [&](Term sender) { return ends.sender->is_busy(sender); };
  EXPECT_FALSE(is_busy(Term::small(1)));
  for (int i = 0; i < 1000; i++) ends.send(ends.carrier.pid(), ends.binary(2000));
  EXPECT_TRUE(is_busy(Term::small(1)));
  EXPECT_TRUE(is_busy(Term::small(2)));
  ends.pump();
  EXPECT_FALSE(is_busy(Term::small(1)));
}

TEST(Connection, a_large_signal_holds_up_its_own_sender_only) {
  Ends ends;
  Term large = Term::small(1), other = Term::small(2);
  auto is_busy = [&](Term sender) { return ends.sender->is_busy(sender); };
  ends.send(ends.carrier.pid(), ends.binary(4 << 20), large.word());
  EXPECT_TRUE(is_busy(large));
  EXPECT_FALSE(is_busy(other));
  ends.pump();
  EXPECT_FALSE(is_busy(large));
}

TEST(Connection, what_breaks_the_protocol_ends_it) {
  using namespace std::string_literals;
  const std::string header = "\x83\x44\x00"s, pid = "\x58w\x03""a@b" + std::string(12, '\1');
  std::string frames[] = {
      "garbage",
      "\x83\x44",
      header,
      header + "a\x05",                                    // no tuple
      header + "h\x01""a\x63",                             // unknown operation
      header + "h\x01""a\x01",                             // wrong arity
      header + "h\x03""a\x01jj",                           // no pids
      header + "h\x03""a\x16jj" + "j",                     // message to no pid
      header + "h\x03""a\x16R\x01R\x02",                   // atoms without numbers
      header + "h\x03""a\x01" + pid + pid,                 // link from another node
      "\x83\x46"s + std::string(15, '\0') + "\1",          // later fragment of nothing
      "p\x83h\x01""a\x01",                                 // no header
  };
  for (const std::string& frame : frames) {
    Ends ends;
    Bytes bytes(reinterpret_cast<const uint8_t*>(frame.data()), frame.size());
    EXPECT_FALSE(ends.receiver->input(bytes)) << frame.size();
  }
}

TEST(Connection, older_forms_for_older_peers) {
  constexpr uint64_t old = flag::mandatory | flag::header_atom_cache;
  Ends ends(old);
  TestProcess process;
  process.process().trap_exit = true;
  Term peer = ends.peer_pid(9);
  ends.sender->transmit(1, ControlTuple(Operation::link, peer, process.pid()).term());
  ends.sender->transmit(1, ControlTuple(Operation::send_sender, peer, process.pid()).term(), am::ok);
  ends.sender->transmit(1, ControlTuple(Operation::payload_exit, peer, process.pid()).term(), am::badarg);
  EXPECT_EQ(ends.sender->transmit(1, ControlTuple(Operation::alias_send, peer, process.pid()).term(), am::ok), 0u);
  ends.pump();
  EXPECT_EQ(process.next(), "ok");
  EXPECT_NE(process.next().find("badarg"), std::string::npos);
}

}  // namespace hanse::dist
