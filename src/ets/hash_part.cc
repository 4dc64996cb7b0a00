#include "ets/hash_part.h"

#include <sys/mman.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace hanse {

HashPart::~HashPart() {
  size_t budget = ~size_t{0};
  destroy_some(budget);
}

void HashPart::swap(HashPart& other) {
  std::swap(segments_, other.segments_);
  std::swap(segment_count_, other.segment_count_);
  std::swap(bucket_words_, other.bucket_words_);
  std::swap(bucket_count_, other.bucket_count_);
  std::swap(mask_, other.mask_);
  std::swap(count_, other.count_);
  std::swap(destroy_position_, other.destroy_position_);
  std::swap(pseudo_deleted_, other.pseudo_deleted_);
}

Object** HashPart::slot(size_t index) const {
  if (index < first_segment) return &segments_[0][index];
  auto segment = static_cast<size_t>(std::bit_width(index / first_segment));
  size_t begin = first_segment << (segment - 1);
  return &segments_[segment][index - begin];
}

size_t HashPart::bucket_index(uint64_t hash) const {
  size_t index = hash & mask_;
  return index < bucket_count_ ? index : hash & (mask_ >> 1);
}

Object** HashPart::find(Term key, uint64_t hash, size_t key_position) const {
  if (bucket_count_ == 0) return nullptr;
  for (Object** at = slot(bucket_index(hash)); *at != nullptr; at = &(*at)->next)
    if (same_key(*at, key, hash, key_position)) return at;
  return nullptr;
}

// Buckets are visited at random: large segments ask for large pages, which miss the address cache less.
static Object** new_segment(size_t buckets) {
  constexpr size_t large_page = size_t{2} << 20;
  size_t bytes = buckets * sizeof(Object*);
  if (bytes < large_page) return static_cast<Object**>(std::calloc(buckets, sizeof(Object*)));
  void* segment = std::aligned_alloc(large_page, bytes);
  if (segment == nullptr) return nullptr;
  madvise(segment, bytes, MADV_HUGEPAGE);
  std::memset(segment, 0, bytes);
  return static_cast<Object**>(segment);
}

void HashPart::add_segment() {
  size_t buckets = segment_count_ == 0 ? first_segment : first_segment << (segment_count_ - 1);
  segments_[segment_count_] = new_segment(buckets);
  CHECK(segments_[segment_count_] != nullptr);
  segment_count_++;
  bucket_words_ += buckets;
}

void HashPart::link(Object* object, Object** at) {
  if (bucket_count_ == 0) {
    add_segment();
    bucket_count_ = first_segment;
    mask_ = first_segment - 1;
  }
  if (at == nullptr) at = slot(bucket_index(object->hash));
  object->next = *at;
  *at = object;
  count_++;
}

// The new last bucket takes its objects from the one that they were in before; their order stays.
void HashPart::grow() {
  size_t fresh = bucket_count_;
  if (fresh > mask_) mask_ = mask_ * 2 + 1;
  if (bucket_words_ <= fresh) add_segment();
  size_t source = fresh & (mask_ >> 1);
  bucket_count_++;
  Object** keep = slot(source);
  Object** move = slot(fresh);
  Object* object = *keep;
  while (object != nullptr) {
    Object*** list = (object->hash & mask_) == fresh ? &move : &keep;
    **list = object;
    *list = &object->next;
    object = object->next;
  }
  *keep = nullptr;
  *move = nullptr;
}

void HashPart::shrink() {
  size_t last = bucket_count_ - 1;
  Object** from = slot(last);
  Object** to = slot(last & (mask_ >> 1));
  while (*to != nullptr) to = &(*to)->next;
  *to = *from;
  *from = nullptr;
  bucket_count_--;
  if (bucket_count_ == (mask_ >> 1) + 1) {
    mask_ >>= 1;
    segment_count_--;
    bucket_words_ -= bucket_count_;
    std::free(segments_[segment_count_]);
    segments_[segment_count_] = nullptr;
  }
}

bool HashPart::destroy_some(size_t& budget) {
  for (; destroy_position_ < bucket_count_; destroy_position_++) {
    Object** at = slot(destroy_position_);
    while (*at != nullptr) {
      if (budget == 0) return false;
      budget--;
      Object::destroy(unlink(at));
    }
  }
  for (size_t i = 0; i < segment_count_; i++) {
    std::free(segments_[i]);
    segments_[i] = nullptr;
  }
  segment_count_ = bucket_words_ = bucket_count_ = mask_ = destroy_position_ = 0;
  pseudo_deleted_.clear();
  return true;
}

}  // namespace hanse
