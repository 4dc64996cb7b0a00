// What another node's signals do here. On the thread of whoever puts frames in.
#pragma once

#include "dist/encoded_term.h"
#include "process/signals.h"

namespace hanse::dist {

// control: a decoded term; payload: what follows it, empty if nothing. What was expected if the peer broke the protocol,
// nullptr if all is well.
const char* handle_control(Connection& connection, Term control, const EncodedView& payload);

// What tracing wants to know of a message; none(): not known.
struct MessageOrigin {
  Term token = Term::none();   // of sequential tracing
  Term sender = Term::none();  // its pid, else the name of its node
};
// The payload as a message to a local process, the signal of the argument list of a new one too.
Signal* make_message_signal(Connection& connection, const EncodedView& payload, const MessageOrigin& origin);

// spawn.cc: {29, Request, From, GroupLeader, {M, F, Arity}, Options} and {31, Request, To, Flags, Result}. token: of
// sequential tracing, or none().
const char* handle_spawn_request(Connection& connection, std::span<const Term> parts, const EncodedView& payload, Term token);
const char* handle_spawn_reply(Connection& connection, std::span<const Term> parts, Term token);

}  // namespace hanse::dist
