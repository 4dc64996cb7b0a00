#include "process/mailbox.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "heap/process_heap.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/print.h"

namespace hanse {

static Message* number(int64_t value) { return Message::adopt(Term::small(value), nullptr); }

static std::vector<int64_t> contents(const Mailbox& mailbox) {
  std::vector<int64_t> result;
  for (Message* m = mailbox.first(); m; m = static_cast<Message*>(m->next)) result.push_back(m->term.as_small());
  return result;
}

static int64_t take(Mailbox& mailbox) {
  Message* message = mailbox.remove();
  int64_t value = message->term.as_small();
  message->undeliverable();
  return value;
}

TEST(Mailbox, selective_receive) {
  Mailbox mailbox;
  for (int i = 1; i <= 4; i++) mailbox.append(number(i));
  mailbox.skip();
  mailbox.skip();
  EXPECT_EQ(take(mailbox), 3);
  EXPECT_EQ(contents(mailbox), (std::vector<int64_t>{1, 2, 4}));
  EXPECT_EQ(mailbox.peek()->term, Term::small(1));  // back at the start
  for (int i = 0; i < 3; i++) mailbox.skip();
  EXPECT_EQ(mailbox.peek(), nullptr);
  mailbox.append(number(5));  // arrives while the receive waits at the end
  EXPECT_EQ(take(mailbox), 5);
  mailbox.append(number(6));  // the tail is right after the last was taken
  EXPECT_EQ(contents(mailbox), (std::vector<int64_t>{1, 2, 4, 6}));
  EXPECT_EQ(mailbox.length(), 4u);
}

TEST(Mailbox, marker_skips_older_messages) {
  FragmentArena arena(64);
  Mailbox mailbox;
  for (int i = 0; i < 3; i++) mailbox.append(number(i));
  Term id = mailbox.reserve_marker();
  Term reference = make_reference(arena);
  mailbox.bind_marker(id, reference);
  mailbox.append(number(10));
  mailbox.use_marker(make_reference(arena));
  EXPECT_EQ(mailbox.peek()->term, Term::small(0));  // another reference: from the front
  mailbox.use_marker(reference);
  EXPECT_EQ(mailbox.peek()->term, Term::small(10));
  EXPECT_EQ(take(mailbox), 10);
}

TEST(Mailbox, marker_survives_removal_of_the_message_before_it) {
  FragmentArena arena(64);
  Mailbox mailbox;
  mailbox.append(number(1));
  mailbox.append(number(2));
  Term id = mailbox.reserve_marker();
  Term reference = make_reference(arena);
  mailbox.bind_marker(id, reference);
  mailbox.skip();
  EXPECT_EQ(take(mailbox), 2);  // the marker stood behind this one
  mailbox.append(number(3));
  mailbox.use_marker(reference);
  EXPECT_EQ(take(mailbox), 3);
  mailbox.clear_marker(id);
  mailbox.append(number(4));
  mailbox.use_marker(reference);
  EXPECT_EQ(take(mailbox), 1);
}

TEST(SignalInbox, many_senders_keep_their_order) {
  constexpr int senders = 4, each = 20000;
  SignalInbox inbox;
  std::atomic<int> firsts{0};
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; sender++)
    threads.emplace_back([&, sender] {
      for (int i = 0; i < each; i++)
        if (inbox.push(number(int64_t{sender} * each + i)) == SignalInbox::Push::first) firsts++;
    });
  int batches = 0, received = 0;
  std::vector<int64_t> last(senders, -1);
  while (received < senders * each) {
    Signal* signal = inbox.take_all();
    if (signal) batches++;
    for (Signal* next; signal; signal = next, received++) {
      next = signal->next;
      int64_t value = static_cast<Message*>(signal)->term.as_small();
      int64_t& before = last[static_cast<size_t>(value / each)];
      ASSERT_LT(before, value % each);
      before = value % each;
      signal->undeliverable();
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(firsts.load(), batches);  // each batch has woken the receiver once
}

TEST(SignalInbox, closed) {
  SignalInbox inbox;
  inbox.push(number(1));
  Signal* rest = inbox.close();
  ASSERT_NE(rest, nullptr);
  rest->undeliverable();
  Message* late = number(2);
  EXPECT_EQ(inbox.push(late), SignalInbox::Push::closed);
  late->undeliverable();
}

TEST(Mailbox, a_small_message_that_is_looked_at_first_moves_to_the_heap) {
  Account account;
  ProcessHeap sender(account, {}), heap(account, {});
  Mailbox mailbox;
  Term pair = make_tuple(sender, make_cons(sender, Term::small(1), make_cons(sender, am::ok, Term::nil())),
                         make_binary(sender, std::string_view("small")));
  for (int i = 0; i < 2; i++) mailbox.append(Message::create(pair));
  mailbox.settle(heap);
  Message* first = mailbox.peek();
  EXPECT_TRUE(first->attached);
  EXPECT_EQ(first->fragment, nullptr);
  EXPECT_EQ(term_to_text(first->term), "{[1,ok],<<\"small\">>}");
  EXPECT_EQ(heap.fragment_words(), 0u);
  EXPECT_GT(heap.young_used_words(), 0u);
  mailbox.skip();
  EXPECT_NE(mailbox.peek()->fragment, nullptr);
}

TEST(Mailbox, large_messages_and_references_to_binaries_stay_fragments) {
  Account account;
  ProcessHeap sender(account, {}), heap(account, {});
  for (Term term : {make_binary(sender, std::string(100, 'x')), make_list(sender, std::vector<Term>(100, am::ok))}) {
    Mailbox mailbox;
    mailbox.append(Message::create(make_tuple(sender, term)));
    mailbox.settle(heap);
    EXPECT_FALSE(mailbox.peek()->attached);
  }
  EXPECT_EQ(heap.young_used_words(), 0u);
}

namespace {
struct Unreadable final : UnreadableMessage {
  explicit Unreadable(int& told) : count(told) {}
  int& count;
  void found() override { count++; }
};
}  // namespace

TEST(Mailbox, messages_that_cannot_be_read_count_until_they_are_looked_at) {
  int told = 0;
  Mailbox mailbox;
  mailbox.append(new Unreadable(told));
  mailbox.append(number(1));
  mailbox.append(new Unreadable(told));
  mailbox.append(new Unreadable(told));
  mailbox.append(number(2));
  mailbox.append(new Unreadable(told));
  EXPECT_EQ(mailbox.length(), 6u);
  mailbox.skip();
  mailbox.skip();
  mailbox.skip();  // at the second of two in a row
  mailbox.discard_unreadable();
  EXPECT_EQ(told, 4);
  EXPECT_EQ(contents(mailbox), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(mailbox.peek()->term, Term::small(2));
  mailbox.append(number(3));
  mailbox.append(new Unreadable(told));
  EXPECT_EQ(take(mailbox), 2);
  EXPECT_EQ(mailbox.remove_if([](Term term) { return term == Term::small(4); }), nullptr);
  mailbox.rewind();
  mailbox.discard_unreadable();
  EXPECT_EQ(contents(mailbox), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(told, 5);
  mailbox.append(new Unreadable(told));  // freed with the mailbox, and nobody is told
}

}  // namespace hanse
