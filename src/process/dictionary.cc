#include "process/dictionary.h"

#include <cstdlib>

#include "term/compare.h"
#include "term/hash.h"

namespace hanse {

static constexpr size_t no_slot = ~size_t{0};
static constexpr size_t minimum_capacity = 8;

Dictionary::~Dictionary() { clear(); }

void Dictionary::clear() {
  std::free(pairs_);
  pairs_ = nullptr;
  capacity_ = count_ = 0;
}

// Immediates hash by their word: most keys are atoms.
static uint64_t hash_of(Term key) {
  if (key.is_pointer()) return internal_hash(key);
  uint64_t hash = key.word() * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

// The slot of the key, or the free one where it would go; no_slot if there are no slots.
size_t Dictionary::find(Term key) const {
  if (capacity_ == 0) return no_slot;
  size_t mask = capacity_ - 1;
  size_t slot = hash_of(key) & mask;
  while (!pairs_[slot].key.is_none() && !exactly_equal(pairs_[slot].key, key)) slot = (slot + 1) & mask;
  return slot;
}

Term Dictionary::get(Term key) const {
  size_t slot = find(key);
  if (slot == no_slot || pairs_[slot].key.is_none()) return Term::none();
  return pairs_[slot].value;
}

Term Dictionary::put(Term key, Term value) {
  if (count_ * 4 >= capacity_ * 3) resize(capacity_ == 0 ? minimum_capacity : capacity_ * 2);
  Pair& pair = pairs_[find(key)];
  if (!pair.key.is_none()) {
    Term old = pair.value;
    pair.value = value;
    return old;
  }
  pair = {key, value};
  count_++;
  return Term::none();
}

Term Dictionary::erase(Term key) {
  size_t slot = find(key);
  if (slot == no_slot || pairs_[slot].key.is_none()) return Term::none();
  Term old = pairs_[slot].value;
  // Those behind it move up unless that would put them before their own place.
  size_t mask = capacity_ - 1;
  for (size_t next = (slot + 1) & mask; !pairs_[next].key.is_none(); next = (next + 1) & mask) {
    size_t wanted = hash_of(pairs_[next].key) & mask;
    if (((next - wanted) & mask) < ((next - slot) & mask)) continue;
    pairs_[slot] = pairs_[next];
    slot = next;
  }
  pairs_[slot] = {Term::none(), Term::none()};
  count_--;
  if (count_ == 0)
    clear();
  else if (capacity_ > minimum_capacity && count_ * 8 < capacity_)
    resize(capacity_ / 2);
  return old;
}

void Dictionary::resize(size_t capacity) {
  Pair* old = pairs_;
  size_t old_capacity = capacity_;
  pairs_ = static_cast<Pair*>(std::calloc(capacity, sizeof(Pair)));  // none() is all zero bits
  CHECK(pairs_ != nullptr);
  capacity_ = capacity;
  for (size_t i = 0; i < old_capacity; i++)
    if (!old[i].key.is_none()) pairs_[find(old[i].key)] = old[i];
  std::free(old);
}

void Dictionary::visit_roots(RootVisitor& visitor) {
  static_assert(sizeof(Pair) == 2 * sizeof(Term));
  // Free slots are none(), which the collector passes over.
  if (capacity_ > 0) visitor.visit({&pairs_[0].key, capacity_ * 2});
}

}  // namespace hanse
