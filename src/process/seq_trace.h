// Sequential tracing (seq_trace(3)): a token travels with the messages of a process, whoever receives one sends on with it,
// and the system tracer is told of each. A token is {Flags, Label, Serial, Sender, Previous}, a term in its process's heap.
// Functions that take a process run on its own thread.
#pragma once

#include "process/process.h"
#include "process/spawn.h"
#include "process/tracer.h"

namespace hanse {

namespace seq_flag {
inline constexpr int64_t send = 1, receive = 2, print = 4, timestamp = 8, strict_monotonic_timestamp = 16,
                         monotonic_timestamp = 32;
}

Term seq_token(Process& process);  // [] if it has none
// [] takes it away.
void set_seq_token(Process& process, Term token);
// The next serial number is drawn for something that the process sends or prints: its token as it is sent.
Term next_seq_token(Process& process);

// Any thread.
Tracer seq_tracer();
// Returns who it was before.
Tracer set_seq_tracer(const Tracer& tracer);
// As users see it: false for nobody.
inline Term seq_tracer_term(Arena& arena, const Tracer& tracer) { return tracer.is_none() ? am::false_ : tracer.read(arena); }
// Takes all tokens away: of processes, and of messages on their way.
void reset_seq_trace();

// {seq_trace, Label, {What, {Previous, Serial}, From, To, Message}} to the tracer, if the token asks for `flag`.
void seq_event(Term token, int64_t flag, Term what, Term from, Term to, Term message);

// Whether a term of another node is a token.
bool is_seq_token(Term term);

// A copy of the message with the sender's next token, if it has one; told to the tracer.
// across: nullptr, or the machine that it goes to through a wall.
Message* message_with_token(Process& sender, Term to, Term message, Machine* across);
// Whether the token may go through a wall: whoever receives it sends it on with everything, so its label is a constant, or one with a
// short text, as tracking numbers are ({traceparent, Number}).
bool is_modest_token(Term token);
// Copies of both.
TaggedMessage* message_with(Term token, Term message);
inline TaggedMessage* new_tagged_message() {
  auto* message = new TaggedMessage;
  message->is_tagged = true;
  return message;
}
// The next token of a process that ends, for an exit signal to one that it is linked to; told to the tracer. none(): it has no token.
Term seq_token_of_exit(Process& process, Term to, Term reason);

// How a process is started, as events tell it: as a message with the request, and one with the reply.
struct SpawnEvent {
  Term function;  // {Module, Function, Arity}
  Term arguments;
  Term options;   // as they were given
  Term reference;  // of the request
  Term reply_tag = am::spawn_reply;
};
enum class SpawnReplyEvent : uint8_t {
  none,
  message,   // the parent gets it
  returned,  // the parent knows at once
};
// A process with a token starts a child, which gets one, too.
struct TracedSpawn {
  Term options;    // as they were given
  Term reply_tag;
  SpawnReplyEvent reply;
  Term reference = Term::none();    // set: of the request
  Term reply_token = Term::none();  // set: in the child's heap
};
// As spawn() of spawn.h, for a parent with a token.
Spawned spawn_with_token(Process& parent, Term module, Term function, Term arguments, const SpawnOptions& options, TracedSpawn& traced);
// Nobody sees the child yet. reference: of the monitor, or none().
void seq_trace_spawn(Process& parent, Process& child, Term module, Term function, Term arguments, Term reference, TracedSpawn& traced);
// Asks another node for a process. The token of the request.
Term seq_trace_remote_spawn(Process& process, Term node, const SpawnEvent& event);
// A process asked for by a process of another node with that token. child: none() if there is none, for a reason.
// The token of the reply, in the arena.
Term seq_trace_spawned(Arena& arena, Term token, Term parent, Term leader, Term child, Term reason, const SpawnEvent& event);

// A message that goes with the same token as the sender has now, or none.
void receive_token(Process& process, Message& message);

}  // namespace hanse
