// Everything that reaches a process from outside is a signal: messages, exits, links, monitors, requests. Senders append to
// the receiver's queue, lock-free; the receiver alone takes them out, in the order of arrival. For each pair of sender and
// receiver that is the order in which they were sent (Erlang Reference Manual, "Signals").
#pragma once

#include <atomic>

#include "heap/fragment.h"
#include "term/term.h"

namespace hanse {

class Process;

struct Signal {
  Signal* next = nullptr;
  const bool is_message;

  // Takes effect in the receiver, on the thread that runs it, between two instructions. Owns itself: deletes itself.
  virtual void deliver(Process& receiver) = 0;
  // The receiver is gone: free what is held and tell whoever waits for an answer.
  virtual void undeliverable() = 0;
  // What it holds, about; charged to a guest while it waits in one.
  virtual size_t bytes() const { return 128; }

 protected:
  explicit Signal(bool message) : is_message(message) {}
  virtual ~Signal() = default;
};

// A signal that is no message; see signals.h.
struct ControlSignal : Signal {
  ControlSignal() : Signal(false) {}
};

// A message in a queue. The term lives in `fragment` (none for immediates and literals).
// One made by create() shares its memory block with the fragment.
struct TaggedMessage;
struct Message : Signal {
  Message() : Signal(true) {}
  bool attached = false;    // the fragment belongs to the receiver's heap already; `term` is a root
  bool in_fragment = false;  // lives in the prefix of the fragment that it was created with
  bool is_tagged = false;    // it is a TaggedMessage
  bool from_process = false;  // sent by one: takes the receiver's token of sequential tracing away if it carries none
  Term term;
  Fragment* fragment = nullptr;

  static Message* create(Term term);        // copies
  static Message* adopt(Term term, Fragment* fragment);
  // Frees the message; not what `fragment` points at.
  void release();
  void deliver(Process& receiver) override;
  void undeliverable() override;
  size_t bytes() const override;
  TaggedMessage& tagged();
};

// A message that cannot be read, of which nobody knows until it is looked at: by a receive, by process_info or by tracing. It
// counts until then (Mailbox::discard_unreadable). `term` is none(), as in no other message.
struct UnreadableMessage : Message {
  // Tells of it. The receiver's thread, no locks held. The message is freed by undeliverable() afterwards.
  virtual void found() = 0;
  void deliver(Process& receiver) override;
};

// A message of which tracing wants to know more. Both terms are none() if not known; they live in `fragment`, too.
struct TaggedMessage final : Message {
  Term token = Term::none();   // of sequential tracing
  Term sender = Term::none();
};
inline TaggedMessage& Message::tagged() { return static_cast<TaggedMessage&>(*this); }

// Many producers, one consumer. Producers push onto a stack; the consumer takes all and reverses.
class SignalInbox {
 public:
  // True if the inbox was empty: the pusher wakes the receiver. After close(), push fails and `closed` is set.
  enum class Push : uint8_t { first, not_first, closed };
  Push push(Signal* signal);
  // All signals so far, oldest first; nullptr if there are none.
  Signal* take_all();
  // No more pushes; returns what was left.
  Signal* close();
  ~SignalInbox();
  bool empty() const { return head_.load(std::memory_order_acquire) == nullptr; }

 private:
  // Written by producers (release) and taken by the consumer (acquire). closed_marker once the receiver has exited.
  std::atomic<Signal*> head_{nullptr};
};

}  // namespace hanse
