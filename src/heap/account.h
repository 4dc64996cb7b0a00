// Memory accounting. One Account hangs on every machine; every byte a guest holds is charged to one. Any thread.
//
// All threads charge the host's account all the time. It is divided: each thread charges a part of its own, which nobody else writes, and
// whoever wants to know adds them up.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hanse {

enum class MemoryKind : uint8_t { heap, fragment, binary, ets, mailbox, code, literal, port, atom, system, count };

class Account {
 public:
  void charge(MemoryKind kind, int64_t bytes) {
    auto i = static_cast<size_t>(kind);
    if (!is_divided_) {
      bytes_[i].fetch_add(bytes, std::memory_order_relaxed);
      return;
    }
    std::atomic<int64_t>& own = (own_part != nullptr ? own_part : take_part())->bytes[i];
    own.store(own.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }
  int64_t bytes(MemoryKind kind) const;
  int64_t total() const;
  // The node's largest account, before anybody else knows it. There is one that is divided.
  void divide();

 private:
  static constexpr size_t kinds = static_cast<size_t>(MemoryKind::count);
  // Of a thread; when that ends another one goes on with it.
  struct alignas(64) Part {
    std::atomic<int64_t> bytes[kinds] = {};  // written by the thread, read by any
    std::atomic<bool> taken{true};           // taken by compare and swap, given back with release
    Part* next = nullptr;
  };
  static Part* take_part();
  static inline constinit thread_local Part* own_part = nullptr;
  static inline constinit std::atomic<Part*> parts{nullptr};  // never shorter; pushed with release, read with acquire

  bool is_divided_ = false;
  std::atomic<int64_t> bytes_[kinds] = {};
};

}  // namespace hanse
