// Searching for one or several patterns in bytes: what binary:match, matches and split share. Immutable once made; any
// thread.
//
// One pattern: the C library's memchr for its first byte while that is rare, memmem (two-way search, linear time) else. Several: the automaton of Aho and Corasick
// (1975) as a complete transition table over the classes of bytes that the patterns tell apart.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace hanse {

struct Found {
  size_t start;
  size_t length;
};

class SearchPattern {
 public:
  // One pattern, or several. None is empty.
  explicit SearchPattern(Bytes pattern) : single_(pattern.begin(), pattern.end()) {}
  explicit SearchPattern(std::span<const Bytes> patterns);

  bool is_single() const { return !single_.empty(); }
  // The first occurrence at or after `from`; of several that begin at the same place the longest. False if there is none.
  bool find(Bytes text, size_t from, Found& found) const;

 private:
  const uint8_t* find_single(const uint8_t* begin, const uint8_t* end) const;
  bool find_several(Bytes text, size_t from, Found& found) const;

  std::vector<uint8_t> single_;
  // The automaton. State 0 is the start.
  struct State {
    uint32_t depth;           // bytes of patterns seen in this state
    uint32_t longest_output;  // length of the longest pattern that ends here, 0: none
  };
  uint8_t classes_[256] = {};  // 0: a byte of no pattern
  bool begins_[256] = {};      // whether a pattern begins with the byte
  size_t class_count_ = 0;
  std::vector<State> states_;
  std::vector<uint32_t> transitions_;  // state * class_count_ + class
};

}  // namespace hanse
