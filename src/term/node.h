// Names of nodes. A NodeEntry is a name and a creation, interned for the life of this node; any thread.
#pragma once

#include <cstdint>

#include "term/term.h"

namespace hanse {

struct NodeEntry {
  Term name;          // atom
  uint32_t creation;
};

NodeEntry* node_entry(Term name, uint32_t creation);

// This node. Local pids, ports and references carry no node; they mean the present one.
struct ThisNode {
  Term name;          // 'nonode@nohost' until the node is alive
  uint32_t creation;
};
ThisNode this_node();
// Called when the node becomes alive or stops being so.
void set_this_node(Term name, uint32_t creation);

}  // namespace hanse
