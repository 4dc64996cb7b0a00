// Bytes and resources that live outside all heaps, shared by reference count.
//
// An OffHeapBinary is either plain bytes (kind bytes) or a magic one: a C++ object with a destructor that guests see as a
// reference (match specifications, prepared code, NIF resources, atomics, ...). Any thread may hold one; the bytes are
// immutable once a second holder can see them, except for a writable binary under construction (see append in bif/binary).
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include "base/ref.h"
#include "term/budget.h"

namespace hanse {

struct OffHeapBinary : RefCounted<OffHeapBinary> {
  size_t size;       // bytes in use
  size_t capacity;   // bytes allocated
  uint8_t* data;     // follows the struct, except for magic ones that point elsewhere
  // For magic ones: ends what is stored; nullptr for plain bytes. Identifies the type as well.
  void (*destructor)(OffHeapBinary*) = nullptr;
  // The bytes [from, to) found to be UTF-8 by the latest check, as from << 32 | to; 0: none. Bytes in use do not change, so
  // whoever reads it may rely on it; any holder writes it, the last one wins.
  std::atomic<uint64_t> known_utf8{0};
  // Of the guest that made it, to which `capacity` is charged; nullptr: the host.
  Budget* owner = nullptr;
  size_t elsewhere = 0;  // bytes that a magic one holds besides

  bool is_magic() const { return destructor != nullptr; }
  // nullptr if there is no memory.
  static OffHeapBinary* create(size_t size);
  // The same if a block of that size has been freed and kept, else nullptr: takes nothing from the system.
  static OffHeapBinary* create_of_freed_memory(size_t size);
  static OffHeapBinary* create_magic(size_t size, void (*destructor)(OffHeapBinary*));
  static void destroy(OffHeapBinary* binary);
  // A magic one holds so many bytes elsewhere.
  void count_elsewhere(size_t bytes);
  // Only for the sole holder. May move: use the returned pointer. nullptr if there is no memory (the old one stays).
  static OffHeapBinary* reallocate(OffHeapBinary* binary, size_t capacity);
};

// A C++ object inside a magic binary. T's destructor runs when the last reference is gone, on any thread.
template <class T>
struct Magic {
  template <class... Args>
  static OffHeapBinary* create(Args&&... args) {
    OffHeapBinary* binary = OffHeapBinary::create_magic(sizeof(T), &Magic::destruct);
    new (binary->data) T(std::forward<Args>(args)...);
    return binary;
  }
  static T* get(OffHeapBinary* binary) {
    return binary->destructor == &Magic::destruct ? reinterpret_cast<T*>(binary->data) : nullptr;
  }
  static void destruct(OffHeapBinary* binary) { reinterpret_cast<T*>(binary->data)->~T(); }
};

}  // namespace hanse
