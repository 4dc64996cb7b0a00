// A small open-addressing hash table that costs nothing while it is empty: for relations of processes, of which most have
// one or two. Not for guests' keys (no defence against chosen collisions beyond the caller's hash). One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <cstdlib>
#include <utility>

#include "base/check.h"

namespace hanse {

// Traits: static size_t hash(const Key&), bool equal(const Key&, const Key&).
template <class Key, class Value, class Traits>
class FlatTable {
 public:
  struct Entry {
    Key key;
    Value value;
  };
  FlatTable() = default;
  FlatTable(const FlatTable&) = delete;
  FlatTable& operator=(const FlatTable&) = delete;
  ~FlatTable() { clear(); }

  size_t size() const { return count_; }
  size_t bytes() const { return capacity_ * sizeof(Slot); }

  Value* find(const Key& key) {
    size_t index = locate(key);
    return index == absent ? nullptr : &slots_[index].entry().value;
  }
  // The key must be absent.
  Value& insert(Key key, Value value) {
    if ((count_ + 1) * 4 > capacity_ * 3) resize(capacity_ == 0 ? 4 : capacity_ * 2);
    count_++;
    return place(std::move(key), std::move(value));
  }
  bool erase(const Key& key) {
    size_t index = locate(key);
    if (index == absent) return false;
    erase_at(index);
    return true;
  }
  // visit(key, value); the table must not change meanwhile.
  template <class Visit>
  void for_each(Visit visit) {
    for (size_t i = 0; i < capacity_; i++)
      if (slots_[i].used) visit(slots_[i].entry().key, slots_[i].entry().value);
  }
  void clear() {
    for (size_t i = 0; i < capacity_; i++)
      if (slots_[i].used) slots_[i].entry().~Entry();
    std::free(slots_);
    slots_ = nullptr;
    capacity_ = count_ = 0;
  }

 private:
  static constexpr size_t absent = ~size_t{0};
  struct Slot {
    alignas(Entry) unsigned char storage[sizeof(Entry)];
    bool used;
    Entry& entry() { return *std::launder(reinterpret_cast<Entry*>(storage)); }
  };
  size_t home(const Key& key) const { return Traits::hash(key) & (capacity_ - 1); }
  size_t locate(const Key& key) const {
    if (capacity_ == 0) return absent;
    for (size_t i = home(key); slots_[i].used; i = (i + 1) & (capacity_ - 1))
      if (Traits::equal(slots_[i].entry().key, key)) return i;
    return absent;
  }
  Value& place(Key key, Value value) {
    size_t i = home(key);
    while (slots_[i].used) i = (i + 1) & (capacity_ - 1);
    auto* entry = new (slots_[i].storage) Entry{std::move(key), std::move(value)};
    slots_[i].used = true;
    return entry->value;
  }
  // Closes the gap by moving later entries of the same run back (Knuth 6.4, algorithm R).
  void erase_at(size_t gap) {
    slots_[gap].entry().~Entry();
    slots_[gap].used = false;
    count_--;
    for (size_t i = (gap + 1) & (capacity_ - 1); slots_[i].used; i = (i + 1) & (capacity_ - 1)) {
      size_t wanted = home(slots_[i].entry().key);
      if (((i - wanted) & (capacity_ - 1)) < ((i - gap) & (capacity_ - 1))) continue;
      new (slots_[gap].storage) Entry(std::move(slots_[i].entry()));
      slots_[gap].used = true;
      slots_[i].entry().~Entry();
      slots_[i].used = false;
      gap = i;
    }
    if (capacity_ > 8 && count_ * 8 < capacity_) resize(capacity_ / 2);
  }
  void resize(size_t capacity) {
    Slot* old = slots_;
    size_t old_capacity = capacity_;
    slots_ = static_cast<Slot*>(std::calloc(capacity, sizeof(Slot)));
    CHECK(slots_ != nullptr);
    capacity_ = capacity;
    for (size_t i = 0; i < old_capacity; i++)
      if (old[i].used) {
        place(std::move(old[i].entry().key), std::move(old[i].entry().value));
        old[i].entry().~Entry();
      }
    std::free(old);
  }
  Slot* slots_ = nullptr;
  size_t capacity_ = 0;
  size_t count_ = 0;
};

}  // namespace hanse
