// Each rule of the verifier, and a module that breaks it.
#include "code/verifier.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "code/beam_container.h"
#include "code/beam_reader.h"
#include "code/test_assembler.h"
#include "term/build.h"
#include "term/test_arena.h"

namespace hanse {

namespace {

using namespace assembler;
using enum Opcode;

class TestEnvironment final : public DecodeEnvironment {
 public:
  Export* export_for(Term module, Term function, uint32_t arity) override { return new Export(module, function, arity); }
  FunEntry* fun_entry(Term, uint32_t, uint32_t, const uint8_t*, uint32_t, uint32_t) override { return nullptr; }
};

const std::filesystem::path otp = "/usr/lib/erlang/lib";

// OTP's own applications: others beside them may be of older compilers.
std::vector<std::filesystem::path> applications() {
  std::ifstream list(otp / "../releases/25/installed_application_versions");
  std::vector<std::filesystem::path> found;
  for (std::string name; list >> name;)
    if (std::filesystem::exists(otp / name)) found.push_back(otp / name);
  return found;
}

std::vector<uint8_t> contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A module with f/1 at label 2, whose body `write` adds.
template <class Write>
std::string refusal_of(Write write, uint32_t arity = 1) {
  assembler::Module module;
  module.function("f", arity, 2);
  write(module);
  return module.refusal();
}

#define REFUSED(reason, ...)                                                     \
  do {                                                                           \
    std::string why = refusal_of([](assembler::Module& m) { m __VA_ARGS__; });   \
    EXPECT_NE(why.find(reason), std::string::npos) << "reason: '" << why << "'"; \
  } while (false)
#define ACCEPTED(...) EXPECT_EQ(refusal_of([](assembler::Module& m) { m __VA_ARGS__; }), "")

}  // namespace

// prim_eval lets a fun look at messages that stay in the mailbox: erl_eval has that privilege, nobody else.
TEST(Verifier, every_module_of_otp_is_accepted) {
  if (!std::filesystem::exists(otp)) GTEST_SKIP() << "no OTP under " << otp;
  TestEnvironment environment;
  size_t unproven = 0, instructions = 0;
  for (const auto& application : applications()) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(application)) {
      if (file.path().extension() != ".beam" || file.path().filename() == "prim_eval.beam") continue;
      auto read = read_beam(contents(file.path()), environment);
      ASSERT_TRUE(read.has_value()) << file.path();
      if ((*read)->has_on_load) continue;
      (*read)->trust = Trust::verified;
      auto error = check_module(**read);
      EXPECT_FALSE(error.has_value()) << file.path() << ": " << error->message();
      instructions += (*read)->instructions.size();
      for (bool one : (*read)->unproven) unproven += one ? 1 : 0;
    }
  }
  EXPECT_GT(instructions, 100000);
  EXPECT_LT(unproven * 50, instructions);  // what is looked at when it runs is the exception
}

TEST(Verifier, a_function_on_load) { REFUSED("runs when it is loaded", .op(op_return).generic().has_on_load = true); }

TEST(Verifier, instructions_of_old_compilers) {
  REFUSED("is not accepted", .op(op_fclearerror).op(op_return));
  REFUSED("is not accepted", .op(op_bs_add, {f(0), x(0), i(1), u(1), x(0)}).op(op_return));
}

TEST(Verifier, registers_that_were_not_written) {
  REFUSED("may not have been written", .op(op_move, {x(5), x(0)}).op(op_return));
  REFUSED("may not have been written", .op(op_allocate, {u(1), u(1)}).op(op_move, {y(0), x(0)}).op(op_deallocate, {u(1)}).op(op_return));
}

// --- types: what never can be right is refused, what may be wrong is looked at when it runs ---

TEST(Verifier, cells_of_what_is_none) {
  REFUSED("can never be", .op(op_move, {nil(), x(0)}).op(op_get_hd, {x(0), x(0)}).op(op_return));
  REFUSED("can never be", .op(op_move, {i(7), x(0)}).op(op_get_tl, {x(0), x(0)}).op(op_return));
  REFUSED("can never be", .op(op_move, {a("a"), x(0)}).op(op_get_list, {x(0), x(0), x(1)}).op(op_return));
  ACCEPTED(.op(op_is_nonempty_list, {f(1), x(0)}).op(op_get_hd, {x(0), x(0)}).op(op_return));
}

TEST(Verifier, elements_of_what_is_no_tuple) {
  REFUSED("can never be", .op(op_move, {nil(), x(0)}).op(op_get_tuple_element, {x(0), u(0), x(0)}).op(op_return));
  REFUSED("can never be", .op(op_is_integer, {f(1), x(0)}).op(op_get_tuple_element, {x(0), u(0), x(0)}).op(op_return));
  REFUSED("can never be", .op(op_move, {nil(), x(0)}).op(op_test_arity, {f(1), x(0), u(2)}).op(op_return));
}

TEST(Verifier, what_may_be_wrong_is_looked_at) {
  auto unproven = [](auto write) {
    assembler::Module module;
    module.function("f", 1, 2);
    write(module);
    EXPECT_EQ(module.refusal(), "");
    size_t count = 0;
    for (bool one : module.generic().unproven) count += one ? 1 : 0;
    return count;
  };
  EXPECT_EQ(unproven([](assembler::Module& m) { m.op(op_get_hd, {x(0), x(0)}).op(op_return); }), 1u);
  EXPECT_EQ(unproven([](assembler::Module& m) { m.op(op_get_tuple_element, {x(0), u(3), x(0)}).op(op_return); }), 1u);
  EXPECT_EQ(unproven([](assembler::Module& m) { m.op(op_test_arity, {f(1), x(0), u(3)}).op(op_return); }), 1u);
  EXPECT_EQ(unproven([](assembler::Module& m) { m.op(op_get_map_elements, {f(1), x(0), m.list({a("k"), x(0)})}).op(op_return); }), 1u);
  EXPECT_EQ(unproven([](assembler::Module& m) {
              m.op(op_fmove, {x(0), fr(0)}).op(op_test_heap, {u(2), u(0)}).op(op_fmove, {fr(0), x(0)}).op(op_return);
            }), 1u);
  // A tuple of two is none of three.
  EXPECT_EQ(unproven([](assembler::Module& m) {
              m.op(op_is_tuple, {f(1), x(0)}).op(op_test_arity, {f(1), x(0), u(2)}).op(op_get_tuple_element, {x(0), u(2), x(0)}).op(op_return);
            }), 1u);
  EXPECT_EQ(unproven([](assembler::Module& m) {
              m.op(op_is_tuple, {f(1), x(0)}).op(op_test_arity, {f(1), x(0), u(3)}).op(op_get_tuple_element, {x(0), u(2), x(0)}).op(op_return);
            }), 0u);
}

// What a failed get_map_elements has written must not be taken for what was there before.
TEST(Verifier, registers_that_a_failed_instruction_wrote) {
  assembler::Module module;
  module.function("f", 2, 2)
      .op(op_is_map, {f(1), x(0)})
      .op(op_is_tuple, {f(1), x(1)})
      .op(op_test_arity, {f(1), x(1), u(3)})
      .op(op_get_map_elements, {f(3), x(0), module.list({a("k"), x(1), a("l"), x(2)})})
      .op(op_return)
      .op(op_label, {u(3)})
      .op(op_get_tuple_element, {x(1), u(2), x(0)})
      .op(op_return);
  EXPECT_EQ(module.refusal(), "");
  size_t unproven = 0;
  for (bool one : module.generic().unproven) unproven += one ? 1 : 0;
  EXPECT_EQ(unproven, 1u);
}

TEST(Verifier, numbers_that_do_not_fit) {
  REFUSED("out of range", .op(op_is_tuple, {f(1), x(0)}).op(op_test_arity, {f(1), x(0), u((uint64_t{1} << 32) + 2)}).op(op_return));
  REFUSED("out of range", .op(op_is_tagged_tuple, {f(1), x(0), u(0), a("a")}).op(op_return));
  REFUSED("out of range",
          .op(op_bs_start_match3, {f(1), x(0), u(1), x(1)}).op(op_bs_test_unit, {f(1), x(1), u(0)}).op(op_return));
  REFUSED("out of range", .op(op_bs_start_match3, {f(1), x(0), u(1), x(1)})
                              .op(op_bs_get_binary2, {f(1), x(1), u(2), a("all"), u(uint64_t{1} << 32), u(0), x(0)})
                              .op(op_return));
  REFUSED("a unit of at least 1",
          .op(op_bs_create_bin, {f(0), u(0), u(1), u(1), x(0), m.list({a("binary"), u(1), u(0), nil(), x(0), a("all")})}).op(op_return));
}

// --- memory ---

TEST(Verifier, room_that_was_not_asked_for) {
  REFUSED("words are needed", .op(op_put_list, {x(0), nil(), x(0)}).op(op_return));
  REFUSED("words are needed", .op(op_test_heap, {u(2), u(1)}).op(op_put_tuple2, {x(0), m.list({x(0), x(0)})}).op(op_return));
  REFUSED("words are needed",
          .op(op_test_heap, {u(3), u(1)}).op(op_put_list, {x(0), nil(), x(0)}).op(op_put_list, {x(0), nil(), x(0)}).op(op_return));
  // What C++ builds comes from the same room.
  REFUSED("words are needed", .op(op_test_heap, {u(2), u(1)})
                                  .op(op_gc_bif1, {f(0), u(1), m.import("erlang", "byte_size", 1), x(0), x(1)})
                                  .op(op_put_list, {x(0), nil(), x(0)})
                                  .op(op_return));
  ACCEPTED(.op(op_test_heap, {u(2), u(1)}).op(op_put_list, {x(0), nil(), x(0)}).op(op_return));
}

TEST(Verifier, functions_that_are_called_as_instructions) {
  REFUSED("builds nothing expected", .op(op_bif1, {f(0), m.import("erlang", "halt", 1), x(0), x(0)}).op(op_return));
  REFUSED("builds nothing expected", .op(op_bif1, {f(0), m.import("erlang", "float", 1), x(0), x(0)}).op(op_return));
  REFUSED("builds nothing expected", .op(op_bif1, {f(0), m.import("os", "hd", 1), x(0), x(0)}).op(op_return));
}

TEST(Verifier, registers_that_a_collection_loses) {
  REFUSED("is lost", .op(op_move, {x(0), x(1)}).op(op_gc_bif1, {f(0), u(1), m.import("erlang", "-", 1), x(1), x(0)}).op(op_return));
  REFUSED("may not have been written",
          .op(op_move, {x(0), x(1)}).op(op_test_heap, {u(0), u(1)}).op(op_move, {x(1), x(0)}).op(op_return));
  // build_stacktrace collects, too.
  REFUSED("may not have been written", .op(op_allocate, {u(1), u(1)})
                                           .op(op_try, {y(0), f(3)})
                                           .op(op_call_ext, {u(1), m.import("a", "b", 1)})
                                           .op(op_try_end, {y(0)})
                                           .op(op_deallocate, {u(1)})
                                           .op(op_return)
                                           .op(op_label, {u(3)})
                                           .op(op_try_case, {y(0)})
                                           .op(op_move, {x(2), x(0)})
                                           .op(op_build_stacktrace)
                                           .op(op_move, {x(1), x(0)})
                                           .op(op_deallocate, {u(1)})
                                           .op(op_return));
  // A process that waits keeps none.
  REFUSED("may not have been written", .op(op_move, {x(0), x(1)})
                                           .op(op_label, {u(3)})
                                           .op(op_loop_rec, {f(4), x(0)})
                                           .op(op_remove_message)
                                           .op(op_move, {x(1), x(0)})
                                           .op(op_return)
                                           .op(op_label, {u(4)})
                                           .op(op_wait, {f(3)}));
}

TEST(Verifier, float_registers_that_were_not_written) {
  REFUSED("float register 0", .op(op_test_heap, {u(2), u(0)}).op(op_fmove, {fr(0), x(0)}).op(op_return));
  REFUSED("float register 1", .op(op_fconv, {x(0), fr(0)}).op(op_fadd, {f(0), fr(0), fr(1), fr(0)}).op(op_return));
  // They are the thread's, not the process's.
  REFUSED("float register 0", .op(op_allocate, {u(0), u(1)})
                                  .op(op_fconv, {x(0), fr(0)})
                                  .op(op_call_ext, {u(1), m.import("a", "b", 1)})
                                  .op(op_test_heap, {u(2), u(0)})
                                  .op(op_fmove, {fr(0), x(0)})
                                  .op(op_deallocate, {u(0)})
                                  .op(op_return));
}

// --- tuples that are overwritten ---

TEST(Verifier, tuples_that_others_know) {
  REFUSED("not a new one", .op(op_is_tuple, {f(1), x(0)}).op(op_test_arity, {f(1), x(0), u(1)}).op(op_set_tuple_element, {nil(), x(0), u(0)}).op(op_return));
  REFUSED("not a new one", .op(op_test_heap, {u(2), u(1)})
                               .op(op_put_tuple2, {x(0), m.list({x(0)})})
                               .op(op_set_tuple_element, {nil(), x(0), u(0)})
                               .op(op_return));
  // Between there is an instruction that may have put it elsewhere.
  REFUSED("not a new one", .op(op_allocate, {u(0), u(1)})
                               .op(op_move, {x(0), x(1)})
                               .op(op_move, {x(0), x(2)})
                               .op(op_move, {i(1), x(0)})
                               .op(op_call_ext, {u(3), m.import("erlang", "setelement", 3)})
                               .op(op_test_heap, {u(2), u(1)})
                               .op(op_set_tuple_element, {nil(), x(0), u(0)})
                               .op(op_deallocate, {u(0)})
                               .op(op_return));
}

TEST(Verifier, tuples_that_contain_themselves) {
  auto made = [](const Operand& alias) {
    return refusal_of([&](assembler::Module& m) {
      m.op(op_allocate_zero, {u(1), u(1)})
          .op(op_move, {x(0), x(1)})
          .op(op_move, {x(0), x(2)})
          .op(op_move, {i(1), x(0)})
          .op(op_call_ext, {u(3), m.import("erlang", "setelement", 3)})
          .op(op_move, {x(0), y(0)})
          .op(op_set_tuple_element, {alias, x(0), u(0)})
          .op(op_deallocate, {u(1)})
          .op(op_return);
    });
  };
  EXPECT_NE(made(x(0)).find("contain itself"), std::string::npos);
  EXPECT_NE(made(y(0)).find("contain itself"), std::string::npos);
  EXPECT_EQ(made(nil()), "");
}

// --- exceptions ---

TEST(Verifier, handlers_that_do_not_take_the_exception) {
  REFUSED("try_case or catch_end expected", .op(op_allocate_zero, {u(1), u(1)})
                                                .op(op_try, {y(0), f(3)})
                                                .op(op_call_ext, {u(1), m.import("a", "b", 1)})
                                                .op(op_try_end, {y(0)})
                                                .op(op_deallocate, {u(1)})
                                                .op(op_return)
                                                .op(op_label, {u(3)})
                                                .op(op_move, {x(0), x(0)})
                                                .op(op_try_case, {y(0)})
                                                .op(op_deallocate, {u(1)})
                                                .op(op_return));
}

TEST(Verifier, handlers_that_are_jumped_to) {
  REFUSED("not only exceptions", .op(op_allocate_zero, {u(1), u(1)})
                                     .op(op_try, {y(0), f(3)})
                                     .op(op_is_nil, {f(3), x(0)})
                                     .op(op_call_ext, {u(1), m.import("a", "b", 1)})
                                     .op(op_try_end, {y(0)})
                                     .op(op_deallocate, {u(1)})
                                     .op(op_return)
                                     .op(op_label, {u(3)})
                                     .op(op_try_case, {y(0)})
                                     .op(op_deallocate, {u(1)})
                                     .op(op_return));
}

// What a register holds at a handler is what it held when something was raised, not when the handler was made.
TEST(Verifier, registers_that_change_under_a_handler) {
  REFUSED("raw stack trace", .op(op_allocate_zero, {u(3), u(1)})
                                 .op(op_try, {y(1), f(3)})
                                 .op(op_call_ext, {u(1), m.import("a", "b", 1)})
                                 .op(op_try_end, {y(1)})
                                 .op(op_deallocate, {u(3)})
                                 .op(op_return)
                                 .op(op_label, {u(3)})
                                 .op(op_try_case, {y(1)})
                                 .op(op_try, {y(1), f(4)})
                                 .op(op_move, {x(2), y(0)})
                                 .op(op_call_ext, {u(1), m.import("a", "b", 1)})
                                 .op(op_try_end, {y(1)})
                                 .op(op_deallocate, {u(3)})
                                 .op(op_return)
                                 .op(op_label, {u(4)})
                                 .op(op_try_case, {y(1)})
                                 .op(op_move, {y(0), x(0)})
                                 .op(op_deallocate, {u(3)})
                                 .op(op_return));
}

TEST(Verifier, stack_traces_that_were_forged) {
  REFUSED("no raw stack trace", .op(op_raise, {x(0), x(0)}));
  REFUSED("no raw stack trace", .op(op_build_stacktrace).op(op_return));
  REFUSED("no raw stack trace", .op(op_move, {x(0), x(1)}).op(op_move, {x(0), x(2)}).op(op_raw_raise).op(op_return));
}

TEST(Verifier, frames_with_slots_that_a_search_for_handlers_would_see) {
  assembler::Module module;
  module.function("f", 1, 2).op(op_allocate, {u(3), u(1)}).op(op_badmatch, {x(0)});
  EXPECT_EQ(module.refusal(), "");
  EXPECT_TRUE(module.generic().cleared_frames[0]);
}

// --- messages ---

TEST(Verifier, messages_that_are_not_there) {
  REFUSED("no message", .op(op_remove_message).op(op_return));
  REFUSED("no message", .op(op_label, {u(3)}).op(op_loop_rec_end, {f(3)}));
}

TEST(Verifier, parts_of_messages_that_stay_in_the_mailbox) {
  // Stored in a term that is kept.
  REFUSED("part of a message", .op(op_allocate_zero, {u(1), u(0)})
                                   .op(op_label, {u(3)})
                                   .op(op_loop_rec, {f(4), x(0)})
                                   .op(op_test_heap, {u(2), u(1)})
                                   .op(op_put_list, {x(0), nil(), y(0)})
                                   .op(op_loop_rec_end, {f(3)})
                                   .op(op_label, {u(4)})
                                   .op(op_wait, {f(3)}));
  // Kept in the frame while the next message is looked at.
  REFUSED("part of a message", .op(op_allocate_zero, {u(1), u(0)})
                                   .op(op_label, {u(3)})
                                   .op(op_loop_rec, {f(4), x(0)})
                                   .op(op_is_nonempty_list, {f(5), x(0)})
                                   .op(op_get_hd, {x(0), y(0)})
                                   .op(op_label, {u(5)})
                                   .op(op_loop_rec_end, {f(3)})
                                   .op(op_label, {u(4)})
                                   .op(op_wait, {f(3)}));
  // Passed on.
  REFUSED("may not have been written", .op(op_label, {u(3)})
                                           .op(op_loop_rec, {f(4), x(0)})
                                           .op(op_call_ext_only, {u(1), m.import("a", "b", 1)})
                                           .op(op_label, {u(4)})
                                           .op(op_wait, {f(3)}));
}

TEST(Verifier, messages_come_to_x0) {
  REFUSED("messages come to x(0)", .op(op_label, {u(3)})
                                       .op(op_loop_rec, {f(4), x(3)})
                                       .op(op_remove_message)
                                       .op(op_move, {x(3), x(0)})
                                       .op(op_return)
                                       .op(op_label, {u(4)})
                                       .op(op_wait, {f(3)}));
}

// --- loops ---

TEST(Verifier, loops_without_a_call) {
  REFUSED("uses no reductions", .op(op_label, {u(3)}).op(op_jump, {f(3)}));
  REFUSED("uses no reductions", .op(op_jump, {f(2)}));
  REFUSED("uses no reductions", .op(op_label, {u(3)}).op(op_wait_timeout, {f(3), i(0)}).op(op_jump, {f(3)}));
  REFUSED("uses no reductions", .op(op_wait, {f(4)}).op(op_label, {u(4)}).op(op_jump, {f(4)}));
  // Through an exception.
  REFUSED("uses no reductions", .op(op_allocate_zero, {u(1), u(0)})
                                    .op(op_label, {u(3)})
                                    .op(op_try, {y(0), f(4)})
                                    .op(op_if_end)
                                    .op(op_label, {u(4)})
                                    .op(op_try_case, {y(0)})
                                    .op(op_jump, {f(3)}));
}

// --- match contexts ---

TEST(Verifier, contexts_that_are_none) {
  REFUSED("no match context", .op(op_bs_test_tail2, {f(1), x(0), u(0)}).op(op_return));
  REFUSED("no match context", .op(op_bs_get_utf8, {f(1), x(0), u(1), u(0), x(0)}).op(op_return));
}

TEST(Verifier, contexts_that_go_where_terms_go) {
  REFUSED("holds a match context", .op(op_bs_start_match3, {f(1), x(0), u(1), x(0)}).op(op_return));
  REFUSED("holds a match context", .op(op_bs_start_match3, {f(1), x(0), u(1), x(0)})
                                       .op(op_test_heap, {u(2), u(1)})
                                       .op(op_put_list, {x(0), nil(), x(0)})
                                       .op(op_return));
  REFUSED("holds a match context",
          .op(op_bs_start_match3, {f(1), x(0), u(1), x(0)}).op(op_call_ext_only, {u(1), m.import("a", "b", 1)}));
  REFUSED("holds a match context", .op(op_bs_start_match3, {f(1), x(0), u(1), x(0)}).op(op_badmatch, {x(0)}));
}

// A local function may be called with a context, but must not take it for a term.
TEST(Verifier, contexts_as_arguments) {
  auto called = [](auto body) {
    assembler::Module module;
    module.function("f", 1, 2).op(op_bs_start_match3, {f(1), x(0), u(1), x(0)}).op(op_call_only, {u(1), f(4)}).function("g", 1, 4);
    body(module);
    return module.refusal();
  };
  EXPECT_NE(called([](assembler::Module& m) { m.op(op_return); }).find("may hold a match context"), std::string::npos);
  EXPECT_EQ(called([](assembler::Module& m) {
              m.op(op_bs_start_match3, {f(3), x(0), u(1), x(1)}).op(op_bs_get_tail, {x(1), x(0), u(2)}).op(op_return);
            }),
            "");
}

TEST(Verifier, positions_of_other_contexts) {
  REFUSED("no position", .op(op_bs_start_match3, {f(1), x(0), u(1), x(1)}).op(op_move, {i(1000000), x(0)}).op(op_bs_set_position, {x(1), x(0)}).op(op_return));
  EXPECT_NE(refusal_of(
                [](assembler::Module& m) {
                  m.op(op_bs_start_match3, {f(1), x(0), u(2), x(0)})
                      .op(op_bs_start_match3, {f(1), x(1), u(2), x(1)})
                      .op(op_bs_get_position, {x(0), x(2), u(2)})
                      .op(op_bs_set_position, {x(1), x(2)})
                      .op(op_move, {nil(), x(0)})
                      .op(op_return);
                },
                2)
                .find("no position"),
            std::string::npos);
}

// --- constants ---

TEST(Verifier, constants_that_only_a_node_can_make) {
  const std::filesystem::path file = otp / "stdlib-4.2/ebin/queue.beam";
  if (!std::filesystem::exists(file)) GTEST_SKIP();
  TestEnvironment environment;
  // The attributes of the module become the term.
  auto with_attributes = [&](std::vector<uint8_t> term) {
    auto bytes = contents(file);
    auto container = BeamContainer::parse(bytes);
    Bytes attributes = *container->find("Attr");
    EXPECT_LE(term.size(), attributes.size());
    std::copy(term.begin(), term.end(), bytes.begin() + (attributes.data() - bytes.data()));
    auto module = read_checked_beam(bytes, environment, Trust::verified);
    return module ? std::string() : module.error().message();
  };
  const std::vector<uint8_t> node = {119, 1, 'n'}, tail = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3};
  auto term = [&](std::vector<uint8_t> head, std::vector<uint8_t> end) {
    head.insert(head.begin(), 131);
    head.insert(head.end(), node.begin(), node.end());
    head.insert(head.end(), end.begin(), end.end());
    return head;
  };
  EXPECT_EQ(with_attributes({131, 106}), "");
  EXPECT_NE(with_attributes(term({88}, tail)), "");                             // a pid
  std::vector<uint8_t> local = {131, 88, 119, 13};
  for (char c : std::string_view("nonode@nohost")) local.push_back(static_cast<uint8_t>(c));
  local.insert(local.end(), {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_NE(with_attributes(local), "");                                        // one of this node
  EXPECT_NE(with_attributes(term({89}, {0, 0, 0, 1, 0, 0, 0, 2})), "");         // a port
  EXPECT_NE(with_attributes(term({90, 0, 1}, {0, 0, 0, 1, 0, 0, 0, 2})), "");   // a reference
}

TEST(Verifier, code_that_is_made_to_take_long) {
  assembler::Module module(4000);
  module.function("f", 1, 2);
  for (uint32_t i = 0; i < 1023; i++) module.op(op_move, {nil(), x(i)});
  for (uint32_t i = 3; i < 4000; i++) module.op(op_is_nil, {f(1), x(0)}).op(op_label, {u(i)});
  module.op(op_return);
  EXPECT_NE(module.refusal().find("too tangled"), std::string::npos);
}

}  // namespace hanse
