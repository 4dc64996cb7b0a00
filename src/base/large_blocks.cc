#include "base/large_blocks.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/check.h"
#include "base/freed_memory.h"
#include "base/mutex.h"

namespace hanse {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

void* allocate_large_block(size_t size) { return std::malloc(size); }
void* take_free_large_block(size_t) { return nullptr; }
void* resize_large_block(void* block, size_t, size_t size) { return std::realloc(block, size); }
void free_large_block(void* block, size_t) { std::free(block); }
void unmap_free_large_blocks() {}
size_t free_large_bytes() { return 0; }

#else

namespace {

struct FreeBlock {
  void* memory;
  size_t size;  // mapped
};

struct FreeBlocks {
  Mutex<LockRank::freed_blocks> mutex;
  std::vector<FreeBlock> blocks GUARDED_BY(mutex);  // oldest first
  size_t bytes GUARDED_BY(mutex) = 0;
};

}  // namespace

// Never destroyed: threads may free while the program ends.
static FreeBlocks& free_blocks() {
  static FreeBlocks& instance = *new FreeBlocks;
  return instance;
}

// Eight sizes for each power of two, so that blocks fit binaries of similar size. What is not used is not touched.
// 0: more than there can be.
static size_t mapped_size(size_t size) {
  if (size > SIZE_MAX / 4) return 0;
  size_t step = std::bit_floor(size) / 8;
  return (size + step - 1) / step * step;
}

static void* map(size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

void* take_free_large_block(size_t size) {
  size_t wanted = mapped_size(size);
  FreeBlocks& free = free_blocks();
  Lock lock(free.mutex);
  // The latest one is the likeliest to be in a cache of the processor.
  for (size_t i = free.blocks.size(); i-- > 0;) {
    if (free.blocks[i].size != wanted) continue;
    void* memory = free.blocks[i].memory;
    free.blocks.erase(free.blocks.begin() + static_cast<ptrdiff_t>(i));
    free.bytes -= wanted;
    return memory;
  }
  return nullptr;
}

void* allocate_large_block(size_t size) {
  DCHECK(size >= smallest_large_block);
  if (void* memory = take_free_large_block(size)) return memory;
  size_t mapped = mapped_size(size);
  return mapped == 0 ? nullptr : map(mapped);
}

void* resize_large_block(void* block, size_t old_size, size_t size) {
  size_t old_mapped = mapped_size(old_size), mapped = mapped_size(size);
  if (mapped == 0) return nullptr;
  if (mapped == old_mapped) return block;
  void* memory = ::mremap(block, old_mapped, mapped, MREMAP_MAYMOVE);
  return memory == MAP_FAILED ? nullptr : memory;
}

void free_large_block(void* block, size_t size) {
  FreeBlock freed{block, mapped_size(size)};
  std::vector<FreeBlock> surplus;
  if (!is_busy_with_memory() || freed.size > max_free_large_bytes) {
    surplus.push_back(freed);
  } else {
    FreeBlocks& free = free_blocks();
    Lock lock(free.mutex);
    // The oldest ones make room: sizes that nobody asks for do not stay.
    size_t count = 0;
    for (; free.bytes + freed.size > max_free_large_bytes; count++) free.bytes -= free.blocks[count].size;
    auto end = free.blocks.begin() + static_cast<ptrdiff_t>(count);
    surplus.assign(free.blocks.begin(), end);
    free.blocks.erase(free.blocks.begin(), end);
    free.blocks.push_back(freed);
    free.bytes += freed.size;
  }
  for (FreeBlock old : surplus) CHECK(::munmap(old.memory, old.size) == 0);
}

void unmap_free_large_blocks() {
  std::vector<FreeBlock> all;
  {
    FreeBlocks& free = free_blocks();
    Lock lock(free.mutex);
    all.swap(free.blocks);
    free.bytes = 0;
  }
  for (FreeBlock block : all) CHECK(::munmap(block.memory, block.size) == 0);
}

size_t free_large_bytes() {
  FreeBlocks& free = free_blocks();
  Lock lock(free.mutex);
  return free.bytes;
}

#endif

}  // namespace hanse
