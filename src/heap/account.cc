#include "heap/account.h"

#include "base/check.h"

namespace hanse {

int64_t Account::bytes(MemoryKind kind) const {
  auto i = static_cast<size_t>(kind);
  int64_t sum = bytes_[i].load(std::memory_order_relaxed);
  if (is_divided_)
    for (Part* part = parts.load(std::memory_order_acquire); part != nullptr; part = part->next)
      sum += part->bytes[i].load(std::memory_order_relaxed);
  return sum;
}

int64_t Account::total() const {
  int64_t sum = 0;
  for (size_t i = 0; i < kinds; i++) sum += bytes(static_cast<MemoryKind>(i));
  return sum;
}

void Account::divide() {
  static bool divided = false;
  CHECK(!divided);
  divided = is_divided_ = true;
}

Account::Part* Account::take_part() {
  struct Holder {
    ~Holder() {
      if (own_part != nullptr) own_part->taken.store(false, std::memory_order_release);
      own_part = nullptr;
    }
  };
  static thread_local Holder holder;
  static_cast<void>(&holder);
  for (Part* part = parts.load(std::memory_order_acquire); part != nullptr; part = part->next) {
    bool taken = false;
    if (part->taken.compare_exchange_strong(taken, true, std::memory_order_acq_rel)) return own_part = part;
  }
  auto* part = new Part;
  part->next = parts.load(std::memory_order_relaxed);
  while (!parts.compare_exchange_weak(part->next, part, std::memory_order_release, std::memory_order_relaxed)) {
  }
  return own_part = part;
}

}  // namespace hanse
