// A linear hash table of objects (Litwin 1980): it grows and shrinks by one bucket at a time, so no insertion ever waits
// for a rehash, and memory is in segments that never move. At least two buckets for each object: walking past another object
// costs more than the room. Objects with the same key are neighbours in their bucket,
// newest first. Not synchronised: the table that owns it locks.
//
// Bucket b of `count` buckets: hash & mask, or hash & (mask >> 1) if that bucket does not exist yet.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "ets/object.h"
#include "term/compare.h"

namespace hanse {

class HashPart {
 public:
  HashPart() = default;
  HashPart(HashPart&& other) noexcept { swap(other); }
  HashPart& operator=(HashPart&& other) noexcept {
    swap(other);
    return *this;
  }
  ~HashPart();

  size_t bucket_count() const { return bucket_count_; }
  // As guests see it: the first buckets come into being with the first object.
  size_t slot_count() const { return bucket_count_ == 0 ? first_segment : bucket_count_; }
  Object* bucket(size_t index) const { return bucket_count_ == 0 ? nullptr : *slot(index); }
  Object** bucket_link(size_t index) { return slot(index); }
  size_t bucket_index(uint64_t hash) const;

  // The link that points at the first object with the key, deleted ones included; nullptr if there is none.
  Object** find(Term key, uint64_t hash, size_t key_position) const;
  bool same_key(const Object* object, Term key, uint64_t hash, size_t key_position) const {
    return object->hash == hash && exactly_equal(object->element(key_position), key);
  }
  // Puts an object in front of what the link points at, or at the head of its bucket.
  void link(Object* object, Object** at);
  // Takes the object out that the link points at.
  Object* unlink(Object** at) {
    Object* object = *at;
    *at = object->next;
    count_--;
    return object;
  }
  void note_pseudo_deletion(const Object* object) { pseudo_deleted_.push_back(object->hash); }
  // Objects marked as deleted are unlinked and handed to `dispose`.
  template <class Dispose>
  void purge_deleted(Dispose dispose) {
    for (uint64_t hash : pseudo_deleted_) {
      for (Object** at = slot(bucket_index(hash)); *at != nullptr;) {
        if ((*at)->deleted) dispose(unlink(at));
        else at = &(*at)->next;
      }
    }
    pseudo_deleted_.clear();
  }
  bool has_pseudo_deleted() const { return !pseudo_deleted_.empty(); }

  // One step each: call after an insertion or removal, unless the table is fixed.
  void grow_if_full() {
    for (int steps = 0; count_ * 2 > bucket_count_ && steps < 3; steps++) grow();  // two, or more to catch up after a fixation
  }
  void shrink_if_sparse() {
    if (count_ * 8 < bucket_count_ && bucket_count_ > first_segment) shrink();
  }
  // Until the size fits; after many removals at once.
  void fit() {
    while (count_ * 4 < bucket_count_ && bucket_count_ > first_segment) shrink();
  }
  size_t bucket_words() const { return bucket_words_; }
  // Linked objects, deleted ones included.
  size_t linked() const { return count_; }

  // Frees up to `budget` objects; true when nothing is left. Afterwards the part is as new.
  bool destroy_some(size_t& budget);

  static constexpr size_t first_segment = 32;

 private:
  static constexpr size_t segment_limit = 44;
  Object** slot(size_t index) const;
  void add_segment();
  void grow();
  void shrink();
  void swap(HashPart& other);

  Object** segments_[segment_limit] = {};  // 0 holds the first buckets, each other one as many as all before it
  size_t segment_count_ = 0;
  size_t bucket_words_ = 0;
  size_t bucket_count_ = 0;
  size_t mask_ = 0;  // of the next power of two
  size_t count_ = 0;
  size_t destroy_position_ = 0;
  std::vector<uint64_t> pseudo_deleted_;
};

}  // namespace hanse
