#include "code/code_block.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/check.h"
#include "base/gaps.h"
#include "base/mutex.h"

namespace hanse {

namespace {

[[maybe_unused]] constexpr size_t region_bytes = size_t{256} << 20;  // of address space
constexpr size_t granule_bytes = 64;
constexpr size_t page_bytes = 4096;

size_t rounded(size_t words) { return (words * sizeof(uint32_t) + granule_bytes - 1) / granule_bytes * granule_bytes; }

// Address space below 2 GB, reserved when the first module is loaded; pages come with their first use.
class LowMemory {
 public:
  void* allocate(size_t bytes) {
    Lock lock(mutex_);
    if (!reserved_) reserve();
    std::optional<size_t> position = gaps_.take(bytes);
    return position ? begin_ + *position : nullptr;
  }
  void free(void* block, size_t bytes) {
    Lock lock(mutex_);
    auto position = static_cast<size_t>(static_cast<char*>(block) - begin_);
    Gaps::Range gap = gaps_.give(position, bytes);
    // Whole pages go back to the system.
    size_t from = std::max(gap.position, position / page_bytes * page_bytes);
    from = (from + page_bytes - 1) / page_bytes * page_bytes;
    size_t to = std::min(gap.position + gap.length, (position + bytes + page_bytes - 1) / page_bytes * page_bytes);
    to = to / page_bytes * page_bytes;
    if (from < to) madvise(begin_ + from, to - from, MADV_DONTNEED);
  }

 private:
  void reserve() REQUIRES_LOCK(mutex_) {
    reserved_ = true;
#ifdef MAP_32BIT
    void* memory = mmap(nullptr, region_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_32BIT, -1, 0);
    if (memory == MAP_FAILED) return;
    begin_ = static_cast<char*>(memory);
    gaps_ = Gaps(region_bytes);
#endif
  }

  Mutex<LockRank::code_memory> mutex_;
  bool reserved_ GUARDED_BY(mutex_) = false;
  char* begin_ GUARDED_BY(mutex_) = nullptr;
  Gaps gaps_ GUARDED_BY(mutex_);
};

LowMemory& low_memory() {
  static LowMemory& instance = *new LowMemory;
  return instance;
}

}  // namespace

CodeBlock::CodeBlock(std::span<const uint32_t> words) : size_(words.size()) {
  void* memory = low_memory().allocate(rounded(size_));
  is_low_ = memory != nullptr;
  if (!is_low_) memory = std::aligned_alloc(granule_bytes, rounded(size_));
  CHECK(memory != nullptr || size_ == 0);
  words_ = static_cast<uint32_t*>(memory);
  std::copy(words.begin(), words.end(), words_);
}

CodeBlock::~CodeBlock() {
  if (is_low_) low_memory().free(words_, rounded(size_));
  else std::free(words_);
}

}  // namespace hanse
