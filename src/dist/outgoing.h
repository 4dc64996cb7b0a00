// A signal on its way to another node: encoded by the sender, on its thread, except for what only the order of sending
// decides, the header with the changes of the atom cache. Owned by whoever holds it.
#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "term/off_heap_binary.h"
#include "term/term.h"

namespace hanse::dist {

struct Outgoing {
  // Whom the order is kept for: the sending process.
  Word sender = 0;
  // Atoms that the terms name by the number of their place here.
  std::vector<Term> atoms;
  // Control tuple and payload, except for large binaries, which are where they were.
  struct Cut {
    size_t offset;  // in `bytes`
    Ref<OffHeapBinary> owner;
    Bytes data;
  };
  Ref<OffHeapBinary> bytes;
  size_t byte_count = 0;
  size_t control_size = 0;
  std::vector<Cut> cuts;
  size_t total_size = 0;  // with the cuts

  // How far it has been sent: bytes of `total_size`, fragments left (0: not begun), and the number of its sequence.
  size_t sent = 0;
  uint64_t fragments_left = 0;
  uint64_t sequence = 0;

  size_t payload_size() const { return total_size - control_size; }
  bool is_whole() const { return payload_size() <= 65536; }
  // The next bytes from `sent` on that lie together, at most `limit`; the holder of their memory.
  Bytes next_run(size_t limit, OffHeapBinary*& owner) const;
};

struct EncodingFlags {
  bool atom_cache = true;  // atoms by numbers, and a distribution header
};
// control: a tuple; payload: none() if there is none. nullptr if there is no memory,
// or the format has no room for such a term.
std::unique_ptr<Outgoing> encode_signal(Word sender, Term control, Term payload, EncodingFlags flags);

}  // namespace hanse::dist
