// The region of literals: address space reserved once, memory committed as areas are made. Free space is a map from
// position to length, first fit in units of four words, so that the small areas of hundreds of modules share pages.
#include "term/literal.h"

#include <sys/mman.h>

#include <algorithm>

#include "base/gaps.h"
#include "base/mutex.h"

namespace hanse {

namespace detail {
// Before the region exists: an address that no pointer comes near to.
Word* literal_region_begin = reinterpret_cast<Word*>(Word{1} << 62);
size_t literal_region_words = size_t{1} << 30;
}  // namespace detail

namespace {

constexpr size_t granule_words = 4;
constexpr size_t commit_words = size_t{1} << 17;  // 1 MB
constexpr size_t page_words = 512;
constexpr size_t smallest_region_words = size_t{1} << 24;  // 128 MB

class Region {
 public:
  // nullptr if no gap is long enough.
  Word* allocate(size_t words) {
    Lock lock(mutex_);
    if (detail::literal_region_begin != begin_) reserve();
    std::optional<size_t> position = gaps_.take(words);
    if (!position) return nullptr;
    if (!commit(*position + words)) {
      gaps_.give(*position, words);
      return nullptr;
    }
    used_words_ += words;
    return begin_ + *position;
  }

  void free(Word* block, size_t words) {
    Lock lock(mutex_);
    auto position = static_cast<size_t>(block - begin_);
    used_words_ -= words;
    auto [gap, length] = gaps_.give(position, words);
    give_pages_back(gap, std::min(gap + length, committed_words_));
  }

  size_t used_bytes() {
    Lock lock(mutex_);
    return used_words_ * sizeof(Word);
  }

 private:
  void reserve() REQUIRES_LOCK(mutex_) {
    // Where address space is limited (ulimit -v) a smaller region has to do.
    auto map = [] {
      return mmap(nullptr, detail::literal_region_words * sizeof(Word), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    };
    void* memory = map();
    while (memory == MAP_FAILED && detail::literal_region_words > smallest_region_words) {
      detail::literal_region_words /= 8;
      memory = map();
    }
    CHECK(memory != MAP_FAILED);
    detail::literal_region_begin = begin_ = static_cast<Word*>(memory);
    gaps_ = Gaps(detail::literal_region_words);
  }
  bool commit(size_t end) REQUIRES_LOCK(mutex_) {
    if (end <= committed_words_) return true;
    end = std::min((end + commit_words - 1) / commit_words * commit_words, detail::literal_region_words);
    size_t bytes = (end - committed_words_) * sizeof(Word);
    if (mprotect(begin_ + committed_words_, bytes, PROT_READ | PROT_WRITE) != 0) return false;
    committed_words_ = end;
    return true;
  }
  void give_pages_back(size_t from, size_t to) REQUIRES_LOCK(mutex_) {
    from = (from + page_words - 1) / page_words * page_words;
    to = to / page_words * page_words;
    if (from < to) madvise(begin_ + from, (to - from) * sizeof(Word), MADV_DONTNEED);
  }

  Mutex<LockRank::literal_areas> mutex_;
  Word* begin_ GUARDED_BY(mutex_) = nullptr;
  size_t committed_words_ GUARDED_BY(mutex_) = 0;
  size_t used_words_ GUARDED_BY(mutex_) = 0;
  Gaps gaps_ GUARDED_BY(mutex_);
};

Region& region() {
  static Region& instance = *new Region;
  return instance;
}

size_t rounded(size_t words) {
  return std::max(granule_words, (words + granule_words - 1) / granule_words * granule_words);
}

}  // namespace

LiteralArea* LiteralArea::create(size_t words) {
  if (words > detail::literal_region_words) return nullptr;
  Word* begin = region().allocate(rounded(words));
  return begin == nullptr ? nullptr : new LiteralArea(begin, words);
}

LiteralArea::LiteralArea(Word* begin, size_t words) : begin_(begin), words_(words) {
  top = begin;
  limit = begin + words;
}

LiteralArea::~LiteralArea() {
  off_heap.release_all();
  region().free(begin_, rounded(words_));
}

Word* LiteralArea::allocate_slow(size_t) {
  bool literal_area_is_full = true;  // its size was computed wrongly
  CHECK(!literal_area_is_full);
  return nullptr;
}

size_t literal_bytes() { return region().used_bytes(); }

}  // namespace hanse
