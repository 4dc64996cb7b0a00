#include "process/signal.h"

#include "process/process.h"
#include "process/stored_term.h"

namespace hanse {

static Signal* const closed_marker = reinterpret_cast<Signal*>(1);

Message* Message::adopt(Term term, Fragment* fragment) {
  auto* message = new Message;
  message->term = term;
  message->fragment = fragment;
  return message;
}

Message* Message::create(Term term) {
  StoredTerm stored(term);
  Term copied = stored.term();
  return adopt(copied, stored.take_fragment());
}

void Message::deliver(Process& receiver) {
  receiver.mailbox.append(this);
  receiver.activated = true;
}

void Message::undeliverable() {
  if (fragment && !attached) Fragment::destroy(fragment);
  delete this;
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
