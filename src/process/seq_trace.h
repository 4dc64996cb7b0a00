// Sequential tracing (seq_trace(3)): a token travels with the messages of a process, whoever receives one sends on with it,
// and the system tracer is told of each. A token is {Flags, Label, Serial, Sender, Previous}, a term in its process's heap.
// Functions that take a process run on its own thread.
#pragma once

#include "process/process.h"

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

// local pid or port, or am::false_: none. Any thread.
Term seq_tracer();
Term set_seq_tracer(Term tracer);
// Takes all tokens away: of processes, and of messages on their way.
void reset_seq_trace();

// {seq_trace, Label, {What, {Previous, Serial}, From, To, Message}} to the tracer, if the token asks for `flag`.
void seq_event(Term token, int64_t flag, Term what, Term from, Term to, Term message);

// A copy of the message with the sender's next token, if it has one; told to the tracer. For any signal that carries terms.
// across: nullptr, or the machine that it goes to through a wall.
Message* message_with_token(Process& sender, Term to, Term message, Machine* across);
// Whether the token may go through a wall: whoever receives it sends it on with everything, so its label is a constant, or one with a
// short text, as tracking numbers are ({traceparent, Number}).
bool is_modest_token(Term token);
// A message that goes with the same token as the sender has now, or none.
void receive_token(Process& process, Message& message);

}  // namespace hanse
