#include "bif/binary_search.h"

#include <cstring>

#include "base/check.h"

namespace hanse {

static constexpr uint32_t no_state = ~uint32_t{0};

SearchPattern::SearchPattern(std::span<const Bytes> patterns) {
  for (Bytes pattern : patterns) begins_[pattern[0]] = true;
  for (Bytes pattern : patterns)
    for (uint8_t byte : pattern)
      if (classes_[byte] == 0 && class_count_ < 255) classes_[byte] = static_cast<uint8_t>(++class_count_);
  // All 256 bytes in use: no byte is of no pattern, so that class 0 can serve as the last one.
  class_count_++;

  // The trie.
  auto add_state = [&](uint32_t depth) {
    states_.push_back({depth, 0});
    transitions_.resize(transitions_.size() + class_count_, no_state);
    return static_cast<uint32_t>(states_.size() - 1);
  };
  add_state(0);
  for (Bytes pattern : patterns) {
    uint32_t state = 0;
    for (uint8_t byte : pattern) {
      size_t slot = state * class_count_ + classes_[byte];
      if (transitions_[slot] == no_state) {
        uint32_t added = add_state(states_[state].depth + 1);
        transitions_[slot] = added;
      }
      state = transitions_[slot];
    }
    states_[state].longest_output = static_cast<uint32_t>(pattern.size());
  }

  // Breadth first: the failure state of a state is known before its successors are completed.
  std::vector<uint32_t> failure(states_.size(), 0), queue;
  for (size_t c = 0; c < class_count_; c++) {
    uint32_t& next = transitions_[c];
    if (next == no_state)
      next = 0;
    else
      queue.push_back(next);
  }
  for (size_t i = 0; i < queue.size(); i++) {
    uint32_t state = queue[i];
    if (states_[state].longest_output == 0) states_[state].longest_output = states_[failure[state]].longest_output;
    for (size_t c = 0; c < class_count_; c++) {
      uint32_t& next = transitions_[state * class_count_ + c];
      uint32_t fallback = transitions_[failure[state] * class_count_ + c];
      if (next == no_state) {
        next = fallback;
      } else {
        failure[next] = fallback;
        queue.push_back(next);
      }
    }
  }
}

bool SearchPattern::find(Bytes text, size_t from, Found& found) const {
  if (!is_single()) return find_several(text, from, found);
  if (text.size() - from < single_.size()) return false;
  const uint8_t* at = find_single(text.data() + from, text.data() + text.size());
  if (at == nullptr) return false;
  found = {static_cast<size_t>(at - text.data()), single_.size()};
  return true;
}

const uint8_t* SearchPattern::find_single(const uint8_t* begin, const uint8_t* end) const {
  size_t size = single_.size();
  // False alarms cost more than memmem once there is one in every few bytes.
  for (size_t alarms = 0; alarms < 64; alarms++) {
    if (static_cast<size_t>(end - begin) < size) return nullptr;
    size_t places = static_cast<size_t>(end - begin) - size + 1;
    auto* at = static_cast<const uint8_t*>(std::memchr(begin, single_[0], places));
    if (at == nullptr || std::memcmp(at, single_.data(), size) == 0) return at;
    if (at - begin > 64) alarms = 0;
    begin = at + 1;
  }
  return static_cast<const uint8_t*>(memmem(begin, static_cast<size_t>(end - begin), single_.data(), size));
}

bool SearchPattern::find_several(Bytes text, size_t from, Found& found) const {
  bool any = false;
  uint32_t state = 0;
  for (size_t at = from; at < text.size(); at++) {
    if (state == 0) {
      while (!begins_[text[at]])
        if (++at == text.size()) return any;
      if (any && at > found.start) break;
    }
    state = transitions_[state * class_count_ + classes_[text[at]]];
    const State& now = states_[state];
    // What may still become an occurrence begins behind the one that was found: done.
    if (any && at + 1 - now.depth > found.start) break;
    if (now.longest_output == 0) continue;
    size_t start = at + 1 - now.longest_output;
    if (!any || start <= found.start) found = {start, now.longest_output};
    any = true;
  }
  return any;
}

}  // namespace hanse
