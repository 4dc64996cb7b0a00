// An arena for unit tests: blocks that live as long as it does.
#pragma once

#include <memory>
#include <vector>

#include "term/arena.h"

namespace hanse {

class TestArena final : public Arena {
 public:
  TestArena() = default;
  ~TestArena() { off_heap.release_all(); }

 private:
  Word* allocate_slow(size_t words) override {
    size_t size = words < 4096 ? 4096 : words;
    blocks_.push_back(std::make_unique_for_overwrite<Word[]>(size));
    Word* block = blocks_.back().get();
    top = block + words;
    limit = block + size;
    return block;
  }
  std::vector<std::unique_ptr<Word[]>> blocks_;
};

}  // namespace hanse
