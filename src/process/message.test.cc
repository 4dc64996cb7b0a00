#include <gtest/gtest.h>

#include "heap/process_heap.h"
#include "process/signal.h"
#include "term/build.h"
#include "term/compare.h"

namespace hanse {

static Term sample(Arena& arena) {
  return make_tuple(arena, Term::small(1), make_binary(arena, std::string(100, 'x')), make_string(arena, "text"));
}

TEST(Message, copies_and_lives_as_long_as_either_part) {
  FragmentArena arena(64);
  Account account;
  ProcessHeap heap(account, {});
  Term original = sample(arena);
  Message* message = Message::create(original);
  Term received = message->term;
  EXPECT_NE(received, original);
  heap.attach(std::exchange(message->fragment, nullptr));
  message->release();  // the payload stays with the heap
  EXPECT_TRUE(exactly_equal(received, original));
  EXPECT_EQ(heap.off_heap.bytes, 100u);
}

TEST(Message, nobody_receives_it) {
  FragmentArena arena(64);
  Message* message = Message::create(sample(arena));
  OffHeapBinary* binary = as_tuple(message->term)->elements[1].as<RefcBinary>()->value;
  EXPECT_EQ(binary->reference_count(), 2u);
  message->undeliverable();
  EXPECT_EQ(binary->reference_count(), 1u);
  Message::create(Term::small(5))->undeliverable();
}

}  // namespace hanse
