#include "term/off_heap_binary.h"

#include "base/check.h"
#include "base/freed_memory.h"
#include "base/large_blocks.h"
#include "term/kept_bytes.h"
#include "term/magic_references.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace hanse {

// The struct is a multiple of 16 bytes, so that the data that follows is aligned for any object.
static_assert(sizeof(OffHeapBinary) % 8 == 0);
// Small ones come from where many others are, and what they leave is used again anyway.
static constexpr size_t large_bytes = 65536;
static constexpr size_t data_offset = (sizeof(OffHeapBinary) + 15) & ~size_t{15};

static bool has_large_block(size_t capacity) { return data_offset + capacity >= smallest_large_block; }

static OffHeapBinary* begin(void* memory, size_t size) {
  if (memory == nullptr) return nullptr;
  auto* binary = new (memory) OffHeapBinary;
  binary->size = binary->capacity = size;
  binary->data = static_cast<uint8_t*>(memory) + data_offset;
  if (thread_budget != nullptr) [[unlikely]] {
    binary->owner = thread_budget;
    thread_budget->off_heap_taken(size);
  }
  return binary;
}

void OffHeapBinary::count_elsewhere(size_t bytes) {
  elsewhere += bytes;
  if (owner != nullptr) owner->off_heap_resized(static_cast<ptrdiff_t>(bytes));
}

static OffHeapBinary* allocate(size_t size) {
  if (size > SIZE_MAX - data_offset) return nullptr;
  return begin(has_large_block(size) ? allocate_large_block(data_offset + size) : std::malloc(data_offset + size), size);
}

OffHeapBinary* OffHeapBinary::create(size_t size) { return budget_admits_bytes(size) ? allocate(size) : nullptr; }

OffHeapBinary* OffHeapBinary::create_of_freed_memory(size_t size) {
  if (size > SIZE_MAX - data_offset || !has_large_block(size) || !budget_admits_bytes(size)) return nullptr;
  return begin(take_free_large_block(data_offset + size), size);
}

OffHeapBinary* OffHeapBinary::create_magic(size_t size, void (*destructor)(OffHeapBinary*)) {
  OffHeapBinary* binary = allocate(size);
  CHECK(binary != nullptr);
  binary->destructor = destructor;
  return binary;
}

static uint8_t* own_bytes(OffHeapBinary* binary) { return reinterpret_cast<uint8_t*>(binary) + data_offset; }

static void release_keeper(OffHeapBinary* view) { keeper_of(view)->release(); }

OffHeapBinary* keeper_of(OffHeapBinary* binary) {
  if (binary->destructor != release_keeper) return nullptr;
  OffHeapBinary* keeper;
  std::memcpy(&keeper, own_bytes(binary), sizeof keeper);
  return keeper;
}

OffHeapBinary* make_kept_bytes(const uint8_t* data, size_t size, OffHeapBinary* keeper) {
  OffHeapBinary* view = OffHeapBinary::create_magic(sizeof keeper, release_keeper);
  std::memcpy(view->data, &keeper, sizeof keeper);
  view->data = const_cast<uint8_t*>(data);
  view->size = size;
  return view;
}

void OffHeapBinary::destroy(OffHeapBinary* binary) {
  // No reference to what has bytes is ever listed; a list without it is asked for nothing then.
  if (binary->is_magic() && binary->known_utf8.load(std::memory_order_relaxed) != 0) [[unlikely]] forget_magic_references(binary);
  if (binary->destructor != nullptr) binary->destructor(binary);
  size_t bytes = binary->capacity;
  // Of plain bytes that were lent to a driver, `elsewhere` is where drivers find the size.
  size_t elsewhere = binary->is_magic() ? binary->elsewhere : 0;
  if (binary->owner != nullptr) [[unlikely]] binary->owner->off_heap_freed(bytes + elsewhere);
  binary->~OffHeapBinary();
  if (has_large_block(bytes)) free_large_block(binary, data_offset + bytes);
  else std::free(binary);
  if (bytes >= large_bytes) note_freed(bytes);
}

OffHeapBinary* OffHeapBinary::reallocate(OffHeapBinary* binary, size_t capacity) {
  DCHECK(binary->reference_count() == 1 && !binary->is_magic());
  if (capacity > SIZE_MAX - data_offset || !budget_admits_bytes(capacity)) return nullptr;
  size_t old = data_offset + binary->capacity, wanted = data_offset + capacity;
  bool was_large = has_large_block(binary->capacity), is_large = has_large_block(capacity);
  void* memory;
  if (was_large && is_large) {
    memory = resize_large_block(binary, old, wanted);
  } else if (!was_large && !is_large) {
    memory = std::realloc(static_cast<void*>(binary), wanted);
  } else {
    memory = is_large ? allocate_large_block(wanted) : std::malloc(wanted);
    if (memory == nullptr) return nullptr;
    std::memcpy(memory, static_cast<void*>(binary), std::min(old, wanted));
    if (was_large) free_large_block(binary, old);
    else std::free(binary);
  }
  if (memory == nullptr) return nullptr;
  binary = static_cast<OffHeapBinary*>(memory);
  if (binary->owner != nullptr) [[unlikely]]
    binary->owner->off_heap_resized(static_cast<ptrdiff_t>(capacity) - static_cast<ptrdiff_t>(binary->capacity));
  binary->capacity = capacity;
  binary->data = static_cast<uint8_t*>(memory) + data_offset;
  return binary;
}

}  // namespace hanse
