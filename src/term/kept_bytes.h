// A binary whose bytes are somewhere else, and stay there as long as a C++ object behind a reference is held.
#pragma once

#include "term/off_heap_binary.h"

namespace hanse {

// Takes over the caller's hold of the keeper.
OffHeapBinary* make_kept_bytes(const uint8_t* data, size_t size, OffHeapBinary* keeper);
// nullptr: the binary is none of these.
OffHeapBinary* keeper_of(OffHeapBinary* binary);

}  // namespace hanse
