// A set of pointers that never leave it: lookups take no lock, insertions happen one at a time under the owner's lock.
// Readers hold an epoch guard (base/epoch.h) while they look.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "base/epoch.h"

namespace hanse {

// Traits: static size_t hash(const Key&); static size_t hash(const Item&); static bool equal(const Item&, const Key&).
template <class Item, class Key, class Traits>
class ConcurrentIndex {
 public:
  ConcurrentIndex() : slots_(Slots::create(64)) {}
  ConcurrentIndex(const ConcurrentIndex&) = delete;
  ConcurrentIndex& operator=(const ConcurrentIndex&) = delete;
  ~ConcurrentIndex() { Slots::destroy(slots_.load(std::memory_order_relaxed)); }

  Item* find(const Key& key) const {
    const Slots* slots = slots_.load(std::memory_order_acquire);
    for (size_t i = Traits::hash(key) & slots->mask;; i = (i + 1) & slots->mask) {
      Item* item = slots->items[i].load(std::memory_order_acquire);
      if (item == nullptr || Traits::equal(*item, key)) return item;
    }
  }
  // Under the owner's lock; no item with this key is in it. The item is visible at once.
  void insert(Item* item) {
    Slots* slots = slots_.load(std::memory_order_relaxed);
    if ((count_ + 1) * 2 > slots->mask) {
      Slots* larger = Slots::create((slots->mask + 1) * 2);
      for (size_t i = 0; i <= slots->mask; i++)
        if (Item* moved = slots->items[i].load(std::memory_order_relaxed)) place(*larger, moved);
      slots_.store(larger, std::memory_order_release);
      epoch::retire(slots, Slots::destroy);
      slots = larger;
    }
    place(*slots, item);
    count_++;
  }
  // Under the owner's lock.
  template <class Visit>
  void for_each(Visit visit) const {
    const Slots* slots = slots_.load(std::memory_order_relaxed);
    for (size_t i = 0; i <= slots->mask; i++)
      if (Item* item = slots->items[i].load(std::memory_order_relaxed)) visit(item);
  }
  size_t size() const { return count_; }

 private:
  struct Slots {
    size_t mask;
    std::unique_ptr<std::atomic<Item*>[]> items;  // written by inserters (release), read by everybody (acquire)
    static Slots* create(size_t capacity) { return new Slots{capacity - 1, std::make_unique<std::atomic<Item*>[]>(capacity)}; }
    static void destroy(void* slots) { delete static_cast<Slots*>(slots); }
  };
  static void place(Slots& slots, Item* item) {
    size_t i = Traits::hash(*item) & slots.mask;
    while (slots.items[i].load(std::memory_order_relaxed) != nullptr) i = (i + 1) & slots.mask;
    slots.items[i].store(item, std::memory_order_release);
  }
  std::atomic<Slots*> slots_;  // written under the owner's lock (release), read by everybody (acquire)
  size_t count_ = 0;
};

}  // namespace hanse
