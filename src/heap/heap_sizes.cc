#include "heap/heap_sizes.h"

#include <algorithm>
#include <array>

namespace hanse {

namespace {

constexpr size_t size_count = 120;

// 12, 38, then each the sum of its two predecessors plus one, up to about 833,026 words; then 20 % more each.
constexpr std::array<size_t, size_count> make_sizes() {
  std::array<size_t, size_count> sizes{};
  sizes[0] = 12;
  sizes[1] = 38;
  size_t i = 2;
  for (; i < 23; i++) sizes[i] = sizes[i - 1] + sizes[i - 2] + 1;
  for (; i < size_count; i++) sizes[i] = sizes[i - 1] + sizes[i - 1] / 5;
  return sizes;
}
constexpr auto sizes = make_sizes();

}  // namespace

size_t next_heap_size(size_t words) {
  auto found = std::lower_bound(sizes.begin(), sizes.end(), words);
  return found == sizes.end() ? words + words / 5 : *found;
}

}  // namespace hanse
