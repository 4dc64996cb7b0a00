// Pids, ports and references from their parts, as the external term format and list_to_pid/1 and the like name them. What
// belongs to this node (its present name and creation) becomes local; everything else refers to its node's entry. Any thread.
#pragma once

#include <span>

#include "term/arena.h"
#include "term/node.h"

namespace hanse {

// A local pid's number: id in the low 32 bits, serial in the 28 above.
inline constexpr uint32_t local_serial_limit = uint32_t{1} << 28;
inline constexpr size_t reference_max_words = 5;

inline uint32_t local_pid_id(Term pid) { return static_cast<uint32_t>(pid.pid_number()); }
inline uint32_t local_pid_serial(Term pid) { return static_cast<uint32_t>(pid.pid_number() >> 32); }

bool is_this_node(Term name, uint32_t creation);

// All three: none() if no such local identifier can exist.
Term make_pid(Arena& arena, Term node, uint32_t creation, uint32_t id, uint32_t serial);
Term make_port(Arena& arena, Term node, uint32_t creation, uint64_t number);
// words: at most reference_max_words. A local reference has one to three (the missing ones are zero), or five if its process
// can be found from it.
Term make_reference_of_node(Arena& arena, Term node, uint32_t creation, std::span<const uint32_t> words);

}  // namespace hanse
