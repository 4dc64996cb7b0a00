// Memory accounting. One Account hangs on every machine; every byte a guest holds is charged to one. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hanse {

enum class MemoryKind : uint8_t { heap, fragment, binary, ets, mailbox, code, literal, port, atom, system, count };

class Account {
 public:
  void charge(MemoryKind kind, int64_t bytes) {
    bytes_[static_cast<size_t>(kind)].fetch_add(bytes, std::memory_order_relaxed);
  }
  int64_t bytes(MemoryKind kind) const { return bytes_[static_cast<size_t>(kind)].load(std::memory_order_relaxed); }
  int64_t total() const {
    int64_t sum = 0;
    for (auto& kind : bytes_) sum += kind.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  std::atomic<int64_t> bytes_[static_cast<size_t>(MemoryKind::count)] = {};
};

}  // namespace hanse
