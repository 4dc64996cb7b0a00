// What becomes of memory that heaps and large binaries have freed. A node that has just booted or does little returns it to
// the system at once. Where much is freed it is kept, as it is needed again in the next moment and the system would have
// to clear each page anew; a node that is idle again returns it. Wraps the settings of glibc's allocator; elsewhere nothing
// happens.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hanse {

// Once, before any thread is started.
void return_freed_memory_at_once();

// Garbage of a collection, or a large binary, has been freed. Any thread.
void note_freed(uint64_t bytes);

// Whether the node is one of those that keep what they free. Any thread.
bool is_busy_with_memory();

// Whether return_freed_memory() may have something to do on this thread.
bool keeps_freed_memory();

// What is free at the end of this thread's part of the memory, all whole pages anywhere, and the blocks of large_blocks.h. Takes milliseconds if there
// is much.
void return_freed_memory();

// Gives back what of a block of malloc() lies behind its first `kept` bytes, without moving it. size: as allocated.
void give_back_end(void* block, size_t kept, size_t size);

}  // namespace hanse
