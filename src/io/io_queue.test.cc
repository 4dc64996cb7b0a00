#include "io/io_queue.h"

#include <gtest/gtest.h>

#include "heap/fragment.h"
#include "term/build.h"

namespace hanse {

TEST(IoQueue, flattens_iodata_and_shares_large_binaries) {
  FragmentArena arena(4096);
  std::string large(2000, 'x');
  Term binary = make_binary(arena, large);
  Term part = make_sub_binary(arena, binary, 8 * 100, 8 * 600);
  Term inner[] = {Term::small('b'), make_binary(arena, "cd")};
  Term items[] = {Term::small('a'), make_list(arena, inner), Term::nil(), part};
  Term data = make_list(arena, items, make_binary(arena, "end"));
  IoQueue queue;
  ASSERT_TRUE(queue.append_iodata(data));
  EXPECT_EQ(queue.to_string(), "abcd" + std::string(600, 'x') + "end");
  iovec vectors[8];
  ASSERT_EQ(queue.fill(vectors, 8), 3);
  EXPECT_EQ(vectors[1].iov_base, bit_view(part).bytes());
  queue.consume(604);
  EXPECT_EQ(queue.to_string(), "end");
}

TEST(IoQueue, refuses_what_is_no_iodata) {
  FragmentArena arena(4096);
  IoQueue queue;
  EXPECT_FALSE(queue.append_iodata(Term::small(1)));
  EXPECT_FALSE(queue.append_iodata(make_cons(arena, Term::small(256), Term::nil())));
  EXPECT_FALSE(queue.append_iodata(make_cons(arena, Term::small(-1), Term::nil())));
  EXPECT_FALSE(queue.append_iodata(make_cons(arena, Term::small(1), Term::small(1))));
  EXPECT_FALSE(queue.append_iodata(make_sub_binary(arena, make_binary(arena, "abc"), 0, 7)));
}

TEST(IoQueue, reads_unaligned_parts) {
  FragmentArena arena(4096);
  uint8_t bytes[] = {0x12, 0x34, 0x56};
  Term part = make_sub_binary(arena, make_binary(arena, std::span<const uint8_t>(bytes)), 4, 16);
  IoQueue queue;
  ASSERT_TRUE(queue.append_iodata(part));
  EXPECT_EQ(queue.to_string(), std::string("\x23\x45"));
}

}  // namespace hanse
