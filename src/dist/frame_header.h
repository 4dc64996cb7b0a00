// The header of a message between nodes, with the atoms that it names (External Term Format, 12.3). Each direction of a
// connection has a cache of its own; both ends keep it in step because frames arrive in the order in which headers were
// written.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "dist/protocol.h"
#include "term/external.h"

namespace hanse::dist {

// Where an atom is in the cache of a connection; several share a place.
inline size_t cache_place(Term atom) { return atom.atom_index() % atom_cache_size; }

// The sender's side. One user at a time, in the order of sending.
class SendCache {
 public:
  // Appends N, the flags and the references for these atoms, and remembers what the receiver knows afterwards.
  void append_references(std::string& out, const std::vector<Term>& atoms);

 private:
  Term known_[atom_cache_size] = {};
};

// The receiver's side.
class ReceiveCache {
 public:
  // Reads what append_references() writes; returns the bytes read, 0 with `error` set if they are wrong. Atoms come into
  // being through the environment.
  size_t read_references(Bytes bytes, std::vector<Term>& atoms, DecodeEnvironment& environment, const char*& error);

 private:
  Term known_[atom_cache_size] = {};
};

// What precedes the references.
struct FrameStart {
  enum class Kind : uint8_t { whole, first_fragment, later_fragment, bad };
  Kind kind = Kind::bad;
  uint64_t sequence = 0;
  uint64_t fragment = 0;  // counts down to 1
  size_t size = 0;        // bytes read
};
FrameStart read_frame_start(Bytes frame);

}  // namespace hanse::dist
