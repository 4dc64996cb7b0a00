// Memory for the words of a module. It lies below 2 GB as long as there is room, so that machine code can name its places
// in 32 bits (jit/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hanse {

class CodeBlock {
 public:
  explicit CodeBlock(std::span<const uint32_t> words);
  ~CodeBlock();
  CodeBlock(const CodeBlock&) = delete;
  CodeBlock& operator=(const CodeBlock&) = delete;

  uint32_t* data() { return words_; }
  const uint32_t* data() const { return words_; }
  size_t size() const { return size_; }
  uint32_t& operator[](size_t i) { return words_[i]; }
  // All addresses fit 31 bits.
  bool is_low() const { return is_low_; }

 private:
  uint32_t* words_;
  size_t size_;
  bool is_low_;
};

}  // namespace hanse
