// Names of nodes. A NodeEntry is a name and a creation, interned for the life of this node; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "term/term.h"

namespace hanse {

class RemoteNode;  // dist/

struct NodeEntry {
  Term name;          // atom
  uint32_t creation;
  // Written by dist/ once, when it first looks the node up; read by anybody (acquire).
  std::atomic<RemoteNode*> remote{nullptr};
  // A peer has been charged for it (dist/encoded_term.h); set once.
  std::atomic<bool> charged{false};
};

NodeEntry* node_entry(Term name, uint32_t creation);
// Names of all nodes that anything has ever belonged to, each once.
std::vector<Term> known_nodes();

// This node. Local pids, ports and references carry no node; they mean the present one.
struct ThisNode {
  Term name;          // 'nonode@nohost' until the node is alive
  uint32_t creation;
};
ThisNode this_node();
// Called when the node becomes alive or stops being so.
void set_this_node(Term name, uint32_t creation);

}  // namespace hanse
