// The native functions of prim_file, zlib, prim_buffer and prim_socket as a process calls them.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/epoch.h"
#include "bif/tables.h"
#include "io/port_test_support.h"
#include "process/call.h"
#include "process/process_table.h"
#include "term/map.h"
#include "term/print.h"

namespace hanse {

namespace {

constexpr const BifTable* tables[] = {&prim_file_bifs,       &prim_file_path_bifs,        &prim_file_info_bifs,
                                      &prim_file_name_bifs,  &zlib_bifs,                  &prim_buffer_bifs,
                                      &prim_socket_io_bifs,  &prim_socket_control_bifs,   &prim_socket_option_bifs,
                                      &os_bifs};

// A process that nobody runs: the test calls functions in its name and reads its messages.
class Natives : public testing::Test {
 protected:
  Natives() {
    set_host_machine(test_machine());
    process->state = process_state::running;  // the test runs it: no scheduler may
    publish_process(process);
    char pattern[] = "/tmp/hanse-natives-XXXXXX";
    directory = mkdtemp(pattern);
  }
  ~Natives() override {
    remove_process(process);
    std::filesystem::remove_all(directory);
  }
  // The result, or none() with the reason in the process.
  Term call(std::string_view module, std::string_view name, std::vector<Term> arguments, Process* caller = nullptr) {
    for (const BifTable* table : tables)
      for (const BifRow& row : *table)
        if (module == row.module && name == row.name && arguments.size() == row.arity) {
          Call call{caller ? *caller : *process, arguments.data(), &row};
          Result result = row.function(call);
          return result.is_term() ? result.term() : Term::none();
        }
    ADD_FAILURE() << module << ":" << name << "/" << arguments.size();
    return Term::none();
  }
  std::string text(std::string_view module, std::string_view name, std::vector<Term> arguments, Process* caller = nullptr) {
    Term result = call(module, name, std::move(arguments), caller);
    if (!result.is_none()) return term_to_text(result);
    return "error " + term_to_text((caller ? caller : process)->exception.reason);
  }
  Arena& arena() { return process->heap; }
  Term binary(std::string_view bytes) { return make_binary(arena(), bytes); }
  Term path(const std::string& name) { return binary(directory + "/" + name + std::string(1, '\0')); }
  Term list(std::initializer_list<Term> elements) { return make_list(arena(), {elements.begin(), elements.size()}); }
  static Term second(Term tuple) { return as_tuple(tuple)->elements[1]; }
  Term next_message() {
    for (int i = 0; i < 20000; i++) {
      process->handle_signals();
      if (process->mailbox.length() > 0) {
        process->mailbox.rewind();
        return process->mailbox.remove()->term;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return Term::none();
  }

  Process* process = new Process(test_machine(), reserve_pid(), SpawnOptions{});  // may outlive the test on the poller's thread
  epoch::Guard guard;
  std::string directory;
};

}  // namespace

TEST_F(Natives, read_and_write_files) {
  Term file = second(call("prim_file", "open_nif", {path("f"), list({am::read, am::write})}));
  EXPECT_EQ(text("prim_file", "write_nif", {file, list({binary("hello "), binary("world")})}), "ok");
  EXPECT_EQ(text("prim_file", "seek_nif", {file, am::bof, Term::small(6)}), "{ok,6}");
  EXPECT_EQ(text("prim_file", "read_nif", {file, Term::small(100)}), "{ok,<<\"world\">>}");
  EXPECT_EQ(text("prim_file", "read_nif", {file, Term::small(100)}), "eof");
  EXPECT_EQ(text("prim_file", "pread_nif", {file, Term::small(1), Term::small(3)}), "{ok,<<\"ell\">>}");
  EXPECT_EQ(text("prim_file", "read_nif", {file, Term::small(-1)}), "error badarg");
  // Only its owner may use it.
  Process other(test_machine(), reserve_pid(), SpawnOptions{});
  EXPECT_EQ(text("prim_file", "read_nif", {file, Term::small(1)}, &other), "{error,einval}");
  EXPECT_EQ(text("prim_file", "close_nif", {file}), "ok");
  EXPECT_EQ(text("prim_file", "close_nif", {file}), "{error,einval}");
}

TEST_F(Natives, read_whole_files_of_any_size) {
  for (size_t size : {0u, 1u, 64u, 65u, 4096u, 100000u}) {
    std::string contents(size, 'x');
    Term file = second(call("prim_file", "open_nif", {path("whole"), list({am::write})}));
    call("prim_file", "write_nif", {file, list({binary(contents)})});
    call("prim_file", "close_nif", {file});
    Term read = call("prim_file", "read_file_nif", {path("whole")});
    ASSERT_TRUE(read.is_tuple());
    EXPECT_EQ(bit_view(second(read)).byte_size(), size);
  }
}

TEST_F(Natives, refuse_names_with_a_nul_inside) {
  EXPECT_EQ(text("prim_file", "internal_name2native", {list({Term::small('a'), list({Term::small(0xe5)})})}),
            "<<97,195,165,0>>");
  EXPECT_EQ(text("prim_file", "internal_name2native", {list({Term::small('a'), Term::small(0)})}), "error badarg");
  EXPECT_EQ(text("prim_file", "open_nif", {binary("no end"), list({am::read})}), "error badarg");
  EXPECT_EQ(text("prim_file", "open_nif", {path("none"), list({am::read})}), "{error,enoent}");
}

TEST_F(Natives, inflate_what_they_deflate) {
  Term deflating = call("zlib", "open_nif", {}), chunk = Term::small(8192);
  EXPECT_EQ(text("zlib", "enqueue_nif", {deflating, list({binary("early")})}), "error not_initialized");
  Term settings[] = {Term::small(-1), Term::small(8), Term::small(15), Term::small(8), Term::small(0)};
  call("zlib", "deflateInit_nif", {deflating, settings[0], settings[1], settings[2], settings[3], settings[4]});
  call("zlib", "enqueue_nif", {deflating, list({binary("hej")})});
  Term compressed = call("zlib", "deflate_nif", {deflating, chunk, chunk, Term::small(4)});
  EXPECT_EQ(term_to_text(compressed), "{finished,[<<120,156,203,72,205,2,0,2,111,1,56>>]}");
  Term bytes = second(compressed).as_cons()->head;

  Term inflating = call("zlib", "open_nif", {});
  call("zlib", "inflateInit_nif", {inflating, Term::small(15), Term::small(1)});
  call("zlib", "enqueue_nif", {inflating, list({bytes, bytes})});
  EXPECT_EQ(text("zlib", "inflate_nif", {inflating, chunk, chunk, Term::small(0)}), "{continue,[<<\"hej\">>]}");
  EXPECT_EQ(text("zlib", "inflate_nif", {inflating, chunk, chunk, Term::small(0)}), "{finished,[<<\"hej\">>]}");
  EXPECT_EQ(text("zlib", "inflateEnd_nif", {inflating}), "ok");
}

TEST_F(Natives, buffer_bytes) {
  Term buffer = call("prim_buffer", "new", {});
  call("prim_buffer", "write", {buffer, list({binary("ab"), binary("cd")})});
  EXPECT_EQ(text("prim_buffer", "find_byte_index", {buffer, Term::small('d')}), "{ok,3}");
  EXPECT_EQ(text("prim_buffer", "copying_read", {buffer, Term::small(3)}), "<<\"abc\">>");
  EXPECT_EQ(text("prim_buffer", "skip", {buffer, Term::small(2)}), "error badarg");
  EXPECT_EQ(text("prim_buffer", "size", {buffer}), "1");
  EXPECT_EQ(text("prim_buffer", "try_lock", {buffer}), "acquired");
  EXPECT_EQ(text("prim_buffer", "try_lock", {buffer}), "busy");
}

TEST_F(Natives, tell_when_a_socket_is_ready) {
  auto open = [&] {
    return second(call("prim_socket", "nif_open", {am::inet, am::stream, Term::small(6), map_empty(arena())}));
  };
  Term listening = open(), client = open(), zero = am::zero;
  Term keys[] = {am::family, am::addr, am::port}, values[] = {am::inet, am::loopback, Term::small(0)};
  EXPECT_EQ(text("prim_socket", "nif_bind", {listening, map_from_pairs(arena(), keys, values)}), "ok");
  EXPECT_EQ(text("prim_socket", "nif_listen", {listening, Term::small(5)}), "ok");
  Term handle = make_reference(arena());
  EXPECT_EQ(text("prim_socket", "nif_accept", {listening, handle}), "select");
  Term address = second(call("prim_socket", "nif_sockname", {listening}));
  Term connected = call("prim_socket", "nif_connect", {client, make_reference(arena()), address});
  EXPECT_TRUE(connected == am::ok || connected == am::select);
  Term message = next_message();
  ASSERT_TRUE(is_tuple_of_arity(message, 4));
  if (as_tuple(message)->elements[3].is_reference() && connected == am::select) message = next_message();
  Term accepted = second(call("prim_socket", "nif_accept", {listening, handle}));
  EXPECT_EQ(text("prim_socket", "nif_recv", {accepted, Term::small(0), Term::small(0), handle}), "select");
  EXPECT_EQ(text("prim_socket", "nif_send", {client, binary("ping"), Term::small(0), zero}), "ok");
  message = next_message();
  ASSERT_TRUE(is_tuple_of_arity(message, 4));
  EXPECT_EQ(as_tuple(message)->elements[2], am::select);
  EXPECT_EQ(text("prim_socket", "nif_recv", {accepted, Term::small(0), Term::small(0), handle}), "{ok,<<\"ping\">>}");
  EXPECT_EQ(text("prim_socket", "nif_recv", {accepted, Term::small(0), Term::small(0), zero}), "ok");
  // Closing wakes who waits, with the reason.
  Process* other = new Process(test_machine(), reserve_pid(), SpawnOptions{});
  call("prim_socket", "nif_recv", {accepted, Term::small(0), Term::small(0), handle});
  EXPECT_EQ(text("prim_socket", "nif_close", {accepted}, other), "ok");
  message = next_message();
  ASSERT_TRUE(is_tuple_of_arity(message, 4));
  EXPECT_EQ(as_tuple(message)->elements[2], am::abort);
  EXPECT_EQ(text("prim_socket", "nif_recv", {client, Term::small(0), Term::small(0), zero}), "{error,closed}");
}

TEST_F(Natives, keep_the_environment) {
  EXPECT_EQ(text("os", "putenv", {make_string(arena(), "HANSE_TEST"), make_string(arena(), "a=b")}), "true");
  EXPECT_EQ(text("os", "getenv", {make_string(arena(), "HANSE_TEST")}), "\"a=b\"");
  EXPECT_EQ(text("os", "getenv", {make_string(arena(), "HANSE=TEST")}), "error badarg");
  EXPECT_EQ(text("os", "unsetenv", {make_string(arena(), "HANSE_TEST")}), "true");
  EXPECT_EQ(text("os", "getenv", {make_string(arena(), "HANSE_TEST")}), "false");
}

}  // namespace hanse
