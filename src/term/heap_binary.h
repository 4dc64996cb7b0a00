// Writing a small binary into room that its writer has reserved. Any thread.
#pragma once

#include <cstring>

#include "term/binary_view.h"

namespace hanse {

constexpr size_t heap_binary_words(size_t bytes) { return 2 + (bytes + 7) / 8; }

// place: heap_binary_words(bytes.size()) words.
inline Term write_heap_binary(Word* place, std::span<const uint8_t> bytes) {
  size_t words = heap_binary_words(bytes.size());
  auto* binary = reinterpret_cast<HeapBinary*>(place);
  binary->header = make_header(Boxed::heap_binary, words - 1);
  binary->byte_size = bytes.size();
  if (words > 2) place[words - 1] = 0;
  if (!bytes.empty()) std::memcpy(binary->data, bytes.data(), bytes.size());
  return Term::boxed(binary);
}

}  // namespace hanse
