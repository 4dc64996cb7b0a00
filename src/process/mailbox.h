// The message queue of a process, private to it: signals arrive through the inbox and are moved here in order. A receive
// walks the queue with a cursor; a marker lets a receive that waits for a fresh reference start behind all older messages.
#pragma once

#include <memory>

#include "heap/collector.h"
#include "process/signal.h"
#include "term/reference.h"

namespace hanse {

class ProcessHeap;

class Mailbox {
 public:
  Mailbox() = default;
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void append(Message* message) {
    message->next = nullptr;
    *tail_ = message;
    tail_ = reinterpret_cast<Message**>(&message->next);
    length_++;
    if (message->attached) attached_++;
  }
  // The message under the cursor, nullptr at the end.
  Message* peek() const { return *cursor_; }
  // The cursor moves to the next message (loop_rec_end).
  void skip() { cursor_ = reinterpret_cast<Message**>(&(*cursor_)->next); }
  // Takes the message under the cursor out; the cursor goes back to the start (remove_message).
  Message* remove();
  // Takes all messages out that cannot be read, and tells of them. The cursor stays.
  void discard_unreadable();
  // The cursor goes back to the start (timeout).
  void rewind() { cursor_ = &first_; }
  size_t length() const { return length_; }
  Message* first() const { return first_; }
  // Takes the first message out for which matches(term) holds; nullptr if there is none. The cursor goes to the start.
  template <class Matches>
  Message* remove_if(Matches matches) {
    rewind();
    for (; *cursor_; skip())
      if (!(*cursor_)->term.is_none() && matches((*cursor_)->term)) return remove();
    rewind();
    return nullptr;
  }

  // recv_marker_reserve/bind/use/clear: `id` is the marker term the guest keeps in a Y register. There are a few markers; a
  // newer reservation replaces the oldest, and using a replaced one just starts at the front.
  Term reserve_marker();
  void bind_marker(Term id, Term reference);
  void use_marker(Term reference);
  void clear_marker(Term id_or_reference);

  // The first message, under the cursor, is about to be looked at. If it is a small one, its words move to the receiver's
  // heap at once, while they are in the processor's cache, and their memory serves the next message. Larger ones, and those
  // behind others that nobody wanted, join the heap as a fragment when they are taken out.
  void settle(ProcessHeap& heap);
  // A message of this mailbox has become `attached`.
  void count_attached() { attached_++; }
  // Messages whose fragments are attached to the heap already.
  void visit_roots(RootVisitor& visitor);

 private:
  // Takes the message out that `place` points at.
  Message* unlink(Message** place);

  Message* first_ = nullptr;
  Message** tail_ = &first_;
  Message** cursor_ = &first_;
  size_t length_ = 0;
  size_t attached_ = 0;
  struct Marker {
    Message** position = nullptr;  // after the last message when it was reserved; nullptr: not in use
    int64_t serial = 0;
    bool bound = false;
    ReferenceNumber reference{};
  };
  static constexpr size_t marker_count = 8;
  struct Markers {
    Marker all[marker_count];
    int64_t last_serial = 0;
  };
  std::unique_ptr<Markers> markers_;  // made by the first reservation
};

}  // namespace hanse
