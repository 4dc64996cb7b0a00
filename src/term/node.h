// Names of nodes. A NodeEntry is a name and a creation; what belongs to another node holds a reference to the entry, like a
// binary's (ExternalIdentifier). The table of entries holds one more, and drops those that nobody else has: when it has doubled,
// and, if nobody has had them for a while, when somebody asks which nodes are known. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "term/off_heap_binary.h"
#include "term/views.h"

namespace hanse {

class RemoteNode;  // dist/

struct NodeEntry {
  Term name;          // atom
  uint32_t creation;
  // Written by dist/ once, when it first looks the node up; read by anybody (acquire).
  std::atomic<RemoteNode*> remote{nullptr};
};
inline NodeEntry* ExternalIdentifier::node() const { return reinterpret_cast<NodeEntry*>(off_heap.value->data); }

// A magic binary with the entry in it; the caller gets a reference. Nobody may rely on there being one only.
OffHeapBinary* retain_node_entry(Term name, uint32_t creation);
// Names of all nodes that have entries, each once.
std::vector<Term> known_nodes();
size_t node_entry_count();

// How long (ms) an entry stays known that nobody refers to; `for_ever` keeps all.
inline constexpr int64_t default_node_delay_ms = 60000, keep_nodes_for_ever = -1;
int64_t node_delay_ms();
void set_node_delay_ms(int64_t delay_ms);

// This node. Local pids, ports and references carry no node; they mean the present one.
struct ThisNode {
  Term name;          // 'nonode@nohost' until the node is alive
  uint32_t creation;
};
ThisNode this_node();
// Called when the node becomes alive or stops being so.
void set_this_node(Term name, uint32_t creation);
// A port: one of another node, to which there are no signals. An external port may also be of an earlier life of this node.
bool is_port_of_other_node(Term port);

}  // namespace hanse
