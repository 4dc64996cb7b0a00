#include "term/off_heap_binary.h"

#include "base/check.h"
#include "base/freed_memory.h"

#include <cstdlib>
#include <new>

namespace hanse {

// The struct is a multiple of 16 bytes, so that the data that follows is aligned for any object.
static_assert(sizeof(OffHeapBinary) % 8 == 0);
// Small ones come from where many others are, and what they leave is used again anyway.
static constexpr size_t large_bytes = 65536;
static constexpr size_t data_offset = (sizeof(OffHeapBinary) + 15) & ~size_t{15};

OffHeapBinary* OffHeapBinary::create(size_t size) {
  if (size > SIZE_MAX - data_offset) return nullptr;
  void* memory = std::malloc(data_offset + size);
  if (memory == nullptr) return nullptr;
  auto* binary = new (memory) OffHeapBinary;
  binary->size = binary->capacity = size;
  binary->data = static_cast<uint8_t*>(memory) + data_offset;
  return binary;
}

OffHeapBinary* OffHeapBinary::create_magic(size_t size, void (*destructor)(OffHeapBinary*)) {
  OffHeapBinary* binary = create(size);
  CHECK(binary != nullptr);
  binary->destructor = destructor;
  return binary;
}

void OffHeapBinary::destroy(OffHeapBinary* binary) {
  if (binary->destructor != nullptr) binary->destructor(binary);
  size_t bytes = binary->capacity;
  binary->~OffHeapBinary();
  std::free(binary);
  if (bytes >= large_bytes) note_freed(bytes);
}

OffHeapBinary* OffHeapBinary::reallocate(OffHeapBinary* binary, size_t capacity) {
  DCHECK(binary->reference_count() == 1 && !binary->is_magic());
  if (capacity > SIZE_MAX - data_offset) return nullptr;
  void* memory = std::realloc(static_cast<void*>(binary), data_offset + capacity);
  if (memory == nullptr) return nullptr;
  binary = static_cast<OffHeapBinary*>(memory);
  binary->capacity = capacity;
  binary->data = static_cast<uint8_t*>(memory) + data_offset;
  return binary;
}

}  // namespace hanse
