// One match of a compiled pattern, and what of it the guest asked for.
#pragma once

#include "bif/re_options.h"
#include "term/arena.h"

namespace hanse {

struct Subject {
  Term term;    // a binary if parts of it may be shared, else none()
  Bytes bytes;
};

// Whether the bytes are UTF-8, as a pattern with `is_utf` needs them. Large binaries remember the answer.
bool is_utf8_subject(const Subject& subject);

enum class MatchOutcome : uint8_t { match, nomatch, match_limit, recursion_limit, failed };

// Runs the pattern on the subject, which is_utf8_subject() has checked if the pattern needs that; the groups found stay with the thread until the next call. The match begins at
// `last_start` or before.
MatchOutcome run_regex(const CompiledPattern& pattern, Bytes subject, const RegexOptions& options, size_t last_start);

// match, or {match, Captured}, of the latest match of this thread.
Term captured_term(Arena& arena, const CompiledPattern& pattern, const Subject& subject, const RegexOptions& options);

}  // namespace hanse
