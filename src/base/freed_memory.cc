#include "base/freed_memory.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/mman.h>

#include <atomic>
#include <cstdlib>

#include "base/check.h"
#include "base/large_blocks.h"

namespace hanse {

// What makes a node a busy one. A boot frees some megabytes.
static constexpr uint64_t much_bytes = uint64_t{64} << 20;

static std::atomic<uint64_t> freed{0};
static std::atomic<bool> keeps{false};
// How much had been freed when this thread last returned memory.
static thread_local uint64_t returned_at = 0;

// glibc reads these settings without a lock whenever it frees; each is one aligned word.
static void set_limits([[maybe_unused]] int map_bytes, [[maybe_unused]] int trim_bytes) {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, map_bytes);
  ::mallopt(M_TRIM_THRESHOLD, trim_bytes);
#endif
}

void return_freed_memory_at_once() { set_limits(4 << 20, 1 << 20); }
static void keep_freed_memory() { set_limits(32 << 20, 64 << 20); }

void note_freed(uint64_t bytes) {
  uint64_t total = freed.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (total < much_bytes || keeps.load(std::memory_order_relaxed)) [[likely]] return;
  if (!keeps.exchange(true, std::memory_order_relaxed)) keep_freed_memory();
}

bool is_busy_with_memory() { return keeps.load(std::memory_order_relaxed); }

bool keeps_freed_memory() {
  uint64_t since = freed.load(std::memory_order_relaxed) - returned_at;
  return keeps.load(std::memory_order_relaxed) && since >= much_bytes / 8;
}

void return_freed_memory() {
  returned_at = freed.load(std::memory_order_relaxed);
  unmap_free_large_blocks();
#ifdef __GLIBC__
  // malloc_trim() leaves out what is free at the end of this thread's arena; freeing a block there looks at that.
  return_freed_memory_at_once();
  void* volatile block = std::malloc(120 << 10);
  std::free(block);
  keep_freed_memory();
  ::malloc_trim(0);
#endif
}

#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
// A block that glibc has mapped by itself has two words before it, and no other shares its pages; one from an arena has one.
static bool is_mapped_alone(void* block) { return ::malloc_usable_size(block) % 16 == 0; }

void give_back_end(void* block, size_t kept, size_t size) {
  if (!is_mapped_alone(block)) {
    CHECK(std::realloc(block, kept) == block);  // within an arena blocks are cut in place
    return;
  }
  // realloc() would ask the system, which may move it.
  static constexpr uintptr_t page_bytes = 65536;  // or a part of that
  auto begin = reinterpret_cast<uintptr_t>(block);
  uintptr_t from = (begin + kept + page_bytes - 1) / page_bytes * page_bytes, to = (begin + size) / page_bytes * page_bytes;
  if (from < to) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}
#else
void give_back_end(void*, size_t, size_t) {}
#endif

}  // namespace hanse
