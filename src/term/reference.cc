#include "term/reference.h"

#include <atomic>

namespace hanse {

// n[0] holds 18 bits and n[1], n[2] 32 bits each, as stock's wire format has it. Threads draw numbers in batches.
static std::atomic<uint64_t> next_batch{1};
static constexpr uint64_t batch_size = 4096;

ReferenceNumber next_reference_number() {
  static thread_local uint64_t next = 0, end = 0;
  if (next == end) {
    next = next_batch.fetch_add(1, std::memory_order_relaxed) * batch_size;
    end = next + batch_size;
  }
  uint64_t number = next++;
  uint64_t low = number & 0x3ffff, middle = (number >> 18) & 0xffffffff, high = number >> 50;
  return {low | (middle << 32), high};
}

Term make_reference(Arena& arena, ReferenceNumber number) {
  Word* words = arena.allocate(3);
  words[0] = make_header(Boxed::reference, 2);
  words[1] = number.number01;
  words[2] = number.number2;
  return Term::boxed(words);
}

Term make_pid_reference(Arena& arena, ReferenceNumber number, Term pid) {
  Word* words = arena.allocate(4);
  words[0] = make_header(Boxed::reference, 3);
  words[1] = number.number01;
  words[2] = number.number2;
  words[3] = pid.pid_number();
  return Term::boxed(words);
}

}  // namespace hanse
