#include "term/magic_references.h"

#include <mutex>
#include <unordered_map>

#include "term/off_heap_binary.h"
#include "term/views.h"

namespace hanse {

namespace {

struct NumberHash {
  size_t operator()(ReferenceNumber number) const { return (number.number01 ^ (number.number2 << 17)) * 0x9e3779b97f4a7c15; }
};

// An object may have references with several numbers.
struct Listed {
  std::mutex mutex;
  std::unordered_map<ReferenceNumber, OffHeapBinary*, NumberHash> objects;
  std::unordered_multimap<OffHeapBinary*, ReferenceNumber> numbers;
};
Listed& listed() {
  static auto* only = new Listed;
  return *only;
}

}  // namespace

void list_magic_reference(Term reference) {
  OffHeapBinary* object = reference.as<MagicReference>()->off_heap.value;
  ReferenceNumber number = reference_number(reference);
  Listed& all = listed();
  std::lock_guard lock(all.mutex);
  if (!all.objects.emplace(number, object).second) return;
  all.numbers.emplace(object, number);
  object->known_utf8.store(1, std::memory_order_relaxed);
}

OffHeapBinary* find_magic_reference(ReferenceNumber number) {
  Listed& all = listed();
  std::lock_guard lock(all.mutex);
  auto found = all.objects.find(number);
  return found != all.objects.end() && found->second->retain_if_alive() ? found->second : nullptr;
}

void forget_magic_references(OffHeapBinary* object) {
  Listed& all = listed();
  std::lock_guard lock(all.mutex);
  auto [first, last] = all.numbers.equal_range(object);
  for (auto number = first; number != last; ++number) all.objects.erase(number->second);
  all.numbers.erase(first, last);
}

}  // namespace hanse
