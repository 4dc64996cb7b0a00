// Memory of large binaries. Each block is mapped on its own, so that growing moves pages instead of bytes. A node that frees
// much (freed_memory.h) keeps some of the blocks: those that come next have the same sizes, and to clear the pages of new
// ones takes longer than to fill them. Any thread. The size of a block is given back as it was asked for.
//
// With a sanitizer it is malloc()'s memory.
#pragma once

#include <cstddef>

namespace hanse {

// Bytes. Smaller ones are for malloc().
constexpr size_t smallest_large_block = size_t{1} << 20;
// Free blocks that are kept, bytes.
constexpr size_t max_free_large_bytes = size_t{128} << 20;

// Aligned to a page, with any content. nullptr: there is no memory.
void* allocate_large_block(size_t size);
// A block that is free and kept; nullptr: there is none of that size.
void* take_free_large_block(size_t size);
// May move. nullptr: there is no memory, and the block stays as it is.
void* resize_large_block(void* block, size_t old_size, size_t size);
void free_large_block(void* block, size_t size);
// Gives all that are free to the system.
void unmap_free_large_blocks();
size_t free_large_bytes();

}  // namespace hanse
