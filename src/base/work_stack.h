// An explicit stack for walks over terms: guests nest terms ten million deep, the C++ stack must not notice.
// The first entries live inside the object, so that shallow walks allocate nothing. Objects that hold a stack are declared as variables:
// `Walk walk;`. An expression `Walk()` may clear all that room first.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <type_traits>

#include "base/check.h"

namespace hanse {

template <class T, size_t inline_capacity = 64>
class WorkStack {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  WorkStack() : items_(reinterpret_cast<T*>(inline_)) {}
  WorkStack(const WorkStack&) = delete;
  WorkStack& operator=(const WorkStack&) = delete;
  ~WorkStack() {
    if (on_heap()) std::free(items_);
  }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  void push(T item) {
    if (size_ == capacity_) [[unlikely]] grow();
    items_[size_++] = item;
  }
  T pop() { return items_[--size_]; }
  T& top() { return items_[size_ - 1]; }
  T& operator[](size_t index) { return items_[index]; }
  void clear() { size_ = 0; }

 private:
  bool on_heap() const { return items_ != reinterpret_cast<const T*>(inline_); }
  void grow() {
    size_t capacity = capacity_ * 2;
    T* items = static_cast<T*>(on_heap() ? std::realloc(items_, capacity * sizeof(T)) : std::malloc(capacity * sizeof(T)));
    CHECK(items != nullptr);
    if (!on_heap()) std::memcpy(items, items_, size_ * sizeof(T));
    items_ = items;
    capacity_ = capacity;
  }
  alignas(T) unsigned char inline_[inline_capacity * sizeof(T)];
  T* items_;
  size_t size_ = 0;
  size_t capacity_ = inline_capacity;
};

}  // namespace hanse
