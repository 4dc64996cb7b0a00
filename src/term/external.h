// The external term format (ERTS User's Guide, "External Term Format"). Bytes to be decoded come from strangers: every
// length is checked before it is believed, nothing recurses, and memory taken is linear in the size of the input.
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "term/fun.h"
#include "term/node.h"

namespace hanse {

class ByteBuffer;

// What decoding needs from above: exports and funs are owned by the code layer. The decoder never creates modules.
class DecodeEnvironment {
 public:
  // nullptr refuses (safe mode, a function that does not exist yet).
  virtual Export* export_for(Term module, Term function, uint32_t arity) = 0;
  // Interns the fun expression; arity and free_count are of the decoded fun. nullptr refuses; so does an entry whose arity or
  // free_count are others.
  virtual FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                              uint32_t free_count) = 0;
  // An identifier of another node, or of this one's earlier life, was decoded. False refuses.
  virtual bool accepts_foreign() { return true; }
  // An identifier of this node was decoded: a local pid or port, or a reference. False refuses.
  virtual bool accepts_local(Term /*identifier*/) { return true; }
  // Whether a reference that was written becomes one to its object again (magic_references.h).
  virtual bool revives_objects() { return false; }
  // Atoms: none() refuses (safe mode, or the atom limit); the default interns.
  virtual Term atom(std::string_view utf8);
  // ATOM_CACHE_REF of a message from another node; none() where there is no cache.
  virtual Term cached_atom(uint8_t index);
  // A binary that shares the memory that is decoded, `bytes` of it; none() (the default): they are copied.
  virtual Term shared_binary(Arena& arena, Bytes bytes);

 protected:
  ~DecodeEnvironment() = default;
};

struct DecodeError {
  size_t offset;        // byte at which decoding failed
  const char* reason;   // what was expected
  bool system_limit = false;
};

struct Decoded {
  Term term;            // none() if `error` is set
  size_t bytes_used = 0;
  DecodeError error{0, nullptr};
};

// data begins with 131 (version). compressed terms are inflated. Terms go to `arena`, large binaries off the heap.
Decoded decode_external(Arena& arena, Bytes data, DecodeEnvironment& environment);
// The most that such data inflates to; 0 if it is not compressed.
size_t compressed_term_size(Bytes data);
// One term without the version byte.
Decoded decode_external_body(Arena& arena, Bytes data, DecodeEnvironment& environment);

struct EncodeOptions {
  int minor_version = 1;    // 0: floats as text, 1 and 2: IEEE floats; below 2 latin-1 atoms as such
  int compression = 0;      // 0 to 9, 0 for none
  bool deterministic = false;  // large maps in the order of their keys
};
// With the version byte, compressed if asked for and if it pays. out.failed() if memory ran out.
void encode_external(ByteBuffer& out, Term term, const EncodeOptions& options = {});
std::vector<uint8_t> encode_external(Term term, const EncodeOptions& options = {});
// Without the version byte, appended to out.
void encode_external_body(std::vector<uint8_t>& out, Term term, const EncodeOptions& options = {});
// Upper bound as erlang:external_size/1,2 reports it.
size_t external_size(Term term, const EncodeOptions& options = {});

}  // namespace hanse
