// Waiting for an answer from another process: the built-in function sends a signal, returns Result::wait(), and is called
// again when the answer is there.
//
//   if (auto answer = take_reply(call)) return *answer;          // the answer, or still waiting
//   uint64_t serial = expect_reply(call);
//   ... send a signal whose action ends in send_reply(caller, serial, term) ...
//   return Result::wait();
#pragma once

#include <optional>

#include "process/call.h"
#include "process/stored_term.h"

namespace hanse {

// The answer if this call has been waiting for one: its term, or wait().
std::optional<Result> take_reply(Call& call);
uint64_t expect_reply(Call& call);
// Any thread. Dropped if nobody waits for it any more.
void send_reply(Term caller, uint64_t serial, StoredTerm reply);
inline void send_reply(Term caller, uint64_t serial, Term reply) { send_reply(caller, serial, StoredTerm(reply)); }

}  // namespace hanse
