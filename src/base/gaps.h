// Free ranges of something that is counted from 0: first fit, neighbours grow together. Not synchronised.
#pragma once

#include <cstddef>
#include <map>
#include <optional>

namespace hanse {

class Gaps {
 public:
  explicit Gaps(size_t length = 0) {
    if (length > 0) gaps_.emplace(0, length);
  }

  // The start of `length` that were free; nothing if no gap is that long.
  std::optional<size_t> take(size_t length) {
    auto gap = gaps_.begin();
    while (gap != gaps_.end() && gap->second < length) ++gap;
    if (gap == gaps_.end()) return std::nullopt;
    auto [position, available] = *gap;
    gaps_.erase(gap);
    if (available > length) gaps_.emplace(position + length, available - length);
    return position;
  }

  struct Range {
    size_t position, length;
  };
  // Gives back what was taken; the gap that it lies in now.
  Range give(size_t position, size_t length) {
    auto after = gaps_.lower_bound(position);
    if (after != gaps_.end() && after->first == position + length) {
      length += after->second;
      after = gaps_.erase(after);
    }
    if (after != gaps_.begin()) {
      auto before = std::prev(after);
      if (before->first + before->second == position) {
        position = before->first;
        length += before->second;
        gaps_.erase(before);
      }
    }
    gaps_.emplace(position, length);
    return {position, length};
  }

 private:
  std::map<size_t, size_t> gaps_;  // position -> length
};

}  // namespace hanse
