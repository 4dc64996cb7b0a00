// Options that several process functions share.
#pragma once

#include "process/call.h"

namespace hanse {

// Of process_flag/2 and spawn_opt. False: not a valid value; settings may be changed partly then.
bool parse_max_heap_size(Term value, HeapSettings& settings);
Term max_heap_size_map(Arena& arena, const HeapSettings& settings);
bool parse_priority(Term value, Priority& priority);
Term priority_atom(Priority priority);
// A size in words, rounded up to a size of heaps, at least the node's default.
bool parse_heap_number(Term value, uint32_t least, uint32_t& out);

// {alias, Mode} and {tag, Term}: of monitor/3 and {monitor, Options}. False: bad option.
bool parse_monitor_options(Term list, AliasMode& alias, Term& tag);

struct SpawnReply {
  Term tag;  // spawn_reply
  bool on_success = true;
  bool on_error = true;
};
enum class OptionError : uint8_t { none, not_a_list, bad_option };
// reply: nullptr where {reply, _} and {reply_tag, _} are not allowed (spawn_opt).
OptionError parse_spawn_options(Term list, SpawnOptions& options, SpawnReply* reply);

}  // namespace hanse
