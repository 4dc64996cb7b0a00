// What the two drivers for trace messages have in common: how they are told what to do, and how a message begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hanse {

// A byte that tells what it is (0: a message, 1: how many were dropped) and its size in four bytes.
constexpr size_t trace_header_size = 5;

// The words behind the driver's name. One character separates them, so the last one may contain any.
class TraceDriverCommand {
 public:
  explicit TraceDriverCommand(std::string_view command) : rest_(command) { (void)next(); }
  std::string_view next() {
    size_t end = rest_.find(' ');
    std::string_view word = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return word;
  }
  // False: the next word is no number that is zero or greater.
  bool next_number(uint64_t& number) {
    std::string_view word = next();
    if (word.empty() || word.size() > 18) return false;
    number = 0;
    for (char digit : word) {
      if (digit < '0' || digit > '9') return false;
      number = number * 10 + static_cast<uint64_t>(digit - '0');
    }
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace hanse
