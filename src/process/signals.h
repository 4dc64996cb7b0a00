// All signals but plain messages: what each carries and what it does in the receiver. Made by send.cc; other layers add
// their own by deriving from ControlSignal.
#pragma once

#include <functional>

#include "process/outside_watcher.h"
#include "process/send.h"
#include "process/signal.h"
#include "process/stored_term.h"

namespace hanse {

// As send_exit_signal of send.h. token: of sequential tracing, as in append_own_message.
void send_exit_signal(Term from, Term to, Term reason, ExitKind kind, Term token);

struct ExitSignal final : ControlSignal {
  StoredTerm from;
  StoredTerm reason;
  StoredTerm token;  // of sequential tracing, as in append_own_message
  ExitKind kind;
  void deliver(Process& receiver) override;
  void undeliverable() override;
  size_t bytes() const override { return sizeof(ExitSignal) + reason.bytes(); }
};

struct LinkSignal final : ControlSignal {
  StoredTerm from;
  Term to;
  void deliver(Process& receiver) override;
  void undeliverable() override;  // the sender gets an exit signal with reason noproc
};
struct UnlinkSignal final : ControlSignal {
  StoredTerm from;
  Term to;
  uint64_t id;
  void deliver(Process& receiver) override;
  void undeliverable() override;
  void acknowledge();
};
struct UnlinkAckSignal final : ControlSignal {
  StoredTerm from;
  uint64_t id;
  void deliver(Process& receiver) override;
  void undeliverable() override;
};

struct MonitorSignal final : ControlSignal {
  Term watcher;  // local pid
  Term name = Term::none();  // the one that it is watched by
  ReferenceNumber reference;
  void deliver(Process& receiver) override;
  void undeliverable() override;  // the watcher gets noproc
};
struct DemonitorSignal final : ControlSignal {
  ReferenceNumber reference;
  void deliver(Process& receiver) override;
  void undeliverable() override;
};
// From what is no process; see outside_watcher.h.
struct OutsideMonitorSignal final : ControlSignal {
  Ref<OutsideWatcher> watcher;
  Term to;
  ReferenceNumber reference;
  void deliver(Process& receiver) override;
  void undeliverable() override;
};
struct DownSignal final : ControlSignal {
  ReferenceNumber reference;
  StoredTerm reason;
  void deliver(Process& receiver) override;
  void undeliverable() override;
  size_t bytes() const override { return sizeof(DownSignal) + reason.bytes(); }
};

// A message sent to an alias: counts only if the alias is active when it arrives.
struct AliasMessageSignal final : ControlSignal {
  ReferenceNumber alias;
  Message* message;
  void deliver(Process& receiver) override;
  void undeliverable() override;
  size_t bytes() const override { return sizeof(AliasMessageSignal) + message->bytes(); }
};

// Anything that an upper layer wants done on the receiver's thread, in the order of signals: `action` may read the
// process and build terms in its heap, but must not collect. `gone` if the process does not exist any more.
struct ActionSignal final : ControlSignal {
  std::function<void(Process&)> action;
  std::function<void()> gone;
  void deliver(Process& receiver) override;
  void undeliverable() override;
};

// Puts {Tag, ...} into the receiver's own mailbox; `term` lives in its heap or is immediate. On the receiver's thread.
// token: what the receiver's token of sequential tracing becomes when it takes the message out, copied; none(): it is taken
// away, []: it stays.
void append_own_message(Process& receiver, Term term, Term token = Term::nil());

}  // namespace hanse
