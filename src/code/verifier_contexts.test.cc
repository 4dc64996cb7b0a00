// Match contexts and their positions where paths of the code meet.
#include <gtest/gtest.h>

#include "code/test_assembler.h"

namespace hanse {

using namespace assembler;
using enum Opcode;

// X0 and X1 are arguments. On two paths X2 is a context of either, and X3 is its position, or what `other` writes there.
static std::string refusal_of_two_paths(void (*other)(Module&)) {
  Module m;
  m.function("f", 2, 2);
  m.op(op_is_nil, {f(3), x(0)});
  m.op(op_bs_start_match3, {f(1), x(1), u(2), x(2)}).op(op_bs_get_position, {x(2), x(3), u(3)}).op(op_jump, {f(4)});
  m.op(op_label, {u(3)}).op(op_bs_start_match3, {f(1), x(0), u(2), x(2)});
  other(m);
  m.op(op_label, {u(4)}).op(op_bs_set_position, {x(2), x(3)}).op(op_move, {nil(), x(0)}).op(op_return);
  return m.refusal();
}

TEST(VerifierContexts, each_path_has_its_own) {
  EXPECT_EQ(refusal_of_two_paths([](Module& m) { m.op(op_bs_get_position, {x(2), x(3), u(3)}); }), "");
}

TEST(VerifierContexts, a_position_of_another_one_on_one_path) {
  auto why = refusal_of_two_paths([](Module& m) {
    m.op(op_bs_start_match3, {f(1), x(1), u(3), x(4)}).op(op_move, {nil(), x(3)}).op(op_bs_get_position, {x(4), x(3), u(5)});
  });
  EXPECT_NE(why.find("no position"), std::string::npos) << why;
}

// A loop over messages, with Y0 and Y1 contexts of Y4, Y2 and Y3 positions. `around` is what happens before it starts again, and
// `waiting` when there is no message.
static std::string refusal_of_loop(void (*around)(Module&), void (*waiting)(Module&) = [](Module&) {}) {
  Module m;
  m.function("f", 1, 2);
  m.op(op_allocate, {u(5), u(1)}).op(op_init_yregs, {m.list({y(0), y(1), y(2), y(3)})}).op(op_move, {x(0), y(4)});
  for (uint32_t i : {0u, 1u}) {
    m.op(op_bs_start_match3, {f(4), y(4), u(1), x(1)}).op(op_bs_get_position, {x(1), x(2), u(2)});
    m.op(op_move, {x(1), y(i)}).op(op_move, {x(2), y(2 + i)});
  }
  m.op(op_label, {u(3)}).op(op_bs_set_position, {y(0), y(2)}).op(op_bs_set_position, {y(1), y(3)});
  m.op(op_move, {nil(), x(0)});
  around(m);
  m.op(op_loop_rec, {f(5), x(0)}).op(op_loop_rec_end, {f(3)});
  m.op(op_label, {u(5)}).op(op_move, {nil(), x(0)});
  waiting(m);
  m.op(op_wait, {f(3)});
  m.op(op_label, {u(4)}).op(op_move, {nil(), x(0)}).op(op_deallocate, {u(5)}).op(op_return);
  return m.refusal();
}

TEST(VerifierContexts, a_position_from_the_last_time) {
  auto context_alone = [](Module& m) {
    m.op(op_bs_start_match3, {f(4), y(4), u(1), x(1)}).op(op_bs_get_position, {x(1), x(2), u(2)}).op(op_move, {x(1), y(0)});
  };
  auto both = [](Module& m) {
    m.op(op_bs_start_match3, {f(4), y(4), u(1), x(1)}).op(op_bs_get_position, {x(1), x(2), u(2)});
    m.op(op_move, {x(1), y(0)}).op(op_move, {x(2), y(2)});
  };
  EXPECT_EQ(refusal_of_loop([](Module&) {}), "");
  EXPECT_EQ(refusal_of_loop(both, both), "");
  for (std::string why : {refusal_of_loop(context_alone), refusal_of_loop(context_alone, both), refusal_of_loop(both, context_alone)})
    EXPECT_NE(why.find("no position"), std::string::npos) << why;
}

TEST(VerifierContexts, they_change_places) {
  auto why = refusal_of_loop([](Module& m) { m.op(op_swap, {y(0), y(1)}); });
  EXPECT_NE(why.find("no position"), std::string::npos) << why;
  EXPECT_EQ(refusal_of_loop([](Module& m) { m.op(op_swap, {y(0), y(1)}).op(op_swap, {y(2), y(3)}); }), "");
}

}  // namespace hanse
