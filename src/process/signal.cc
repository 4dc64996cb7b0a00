#include "process/signal.h"

#include "process/process.h"
#include "process/tracing.h"
#include "term/copy.h"
#include "term/literal.h"

namespace hanse {

static Signal* const closed_marker = reinterpret_cast<Signal*>(1);

Message* Message::adopt(Term term, Fragment* fragment) {
  auto* message = new Message;
  message->term = term;
  message->fragment = fragment;
  return message;
}

namespace {

// The words of a fragment as an arena: exactly as many as the copy takes.
class FragmentWords final : public Arena {
 public:
  explicit FragmentWords(Fragment* fragment) {
    top = fragment->words;
    limit = top + fragment->size_words;
  }

 private:
  Word* allocate_slow(size_t) override {
    CHECK(false);
    return nullptr;
  }
};

}  // namespace

Message* Message::create(Term term) {
  if (!term.is_pointer() || is_literal(term)) return adopt(term, nullptr);
  static constexpr size_t one_block_words = 512;
  size_t words = flat_size_up_to(term, one_block_words);
  if (words > one_block_words) {
    FragmentArena arena(0);
    Term copied = copy_in_pieces(arena, term);
    return adopt(copied, arena.take());
  }
  Fragment* fragment = Fragment::create_with_prefix(words, sizeof(Message));
  FragmentWords arena(fragment);
  auto* message = new (fragment->prefix()) Message;
  message->term = copy(arena, term, words);
  message->fragment = fragment;
  message->in_fragment = true;
  fragment->used_words = static_cast<size_t>(arena.top - fragment->words);
  fragment->off_heap = arena.off_heap;
  return message;
}

void Message::release() {
  if (!in_fragment) {
    delete this;
    return;
  }
  // The fragment follows the message in their block.
  Fragment::free(reinterpret_cast<Fragment*>(this + 1));
}

void Message::deliver(Process& receiver) {
  if (is_traced(receiver, trace_flag::receive)) [[unlikely]] trace_receive(receiver, *this);
  receiver.append_message(*this);
}

size_t Message::bytes() const {
  return sizeof(Message) + (attached ? 0 : Fragment::words_of_chain(fragment) * sizeof(Word));
}

void UnreadableMessage::deliver(Process& receiver) {
  if (!is_traced(receiver, trace_flag::receive)) [[likely]] return Message::deliver(receiver);
  found();
  undeliverable();
}

void Message::undeliverable() {
  if (fragment && !attached) Fragment::destroy(fragment);
  release();
}

SignalInbox::Push SignalInbox::push(Signal* signal) {
  Signal* head = head_.load(std::memory_order_relaxed);
  do {
    if (head == closed_marker) return Push::closed;
    signal->next = head;
  } while (!head_.compare_exchange_weak(head, signal, std::memory_order_release, std::memory_order_relaxed));
  return head == nullptr ? Push::first : Push::not_first;
}

static Signal* reversed(Signal* newest) {
  Signal* oldest = nullptr;
  while (newest) {
    Signal* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  return oldest;
}

Signal* SignalInbox::take_all() {
  if (head_.load(std::memory_order_relaxed) == nullptr) return nullptr;
  DCHECK(head_.load(std::memory_order_relaxed) != closed_marker);
  return reversed(head_.exchange(nullptr, std::memory_order_acquire));
}

Signal* SignalInbox::close() {
  Signal* head = head_.exchange(closed_marker, std::memory_order_acq_rel);
  return head == closed_marker ? nullptr : reversed(head);
}

SignalInbox::~SignalInbox() {
  for (Signal *signal = close(), *next; signal; signal = next) {
    next = signal->next;
    signal->undeliverable();
  }
}

}  // namespace hanse
