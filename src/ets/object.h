// One object of a table: a tuple in a memory block of its own, outside all heaps, with the links of the container that
// holds it. Replaced as a whole, except that an immediate element may be overwritten by another under the exclusive lock.
#pragma once

#include "term/arena.h"

namespace hanse {

struct Object {
  union {
    struct {
      Object* next;   // in its bucket
      uint64_t hash;  // of its key
    };
    struct {
      Object* left;
      Object* right;
    };
  };
  uint64_t word_count : 48;
  uint64_t height : 8;   // of its subtree
  uint64_t deleted : 1;  // still linked because the table is fixed, but invisible
  uint64_t flat : 1;     // all elements are immediates
  OffHeapObject* off_heap;
  Word words[];

  // The tuple, in words. Unlike elsewhere literals are copied as well: the module or the persistent term they belong to may go
  // away while the table stays. nullptr if there is no memory.
  static Object* create(Term tuple);
  static void destroy(Object* object);

  Term tuple() const { return Term::boxed(words); }
  Term element(size_t position) const { return as_tuple(tuple())->elements[position - 1]; }
  size_t arity() const { return header_size(words[0]); }
  // Copies the tuple into the arena.
  Term copy_to(Arena& arena) const;
  // Copies one element.
  Term copy_element_to(Arena& arena, size_t position) const;
  // As ets:info(_, memory) counts it.
  size_t memory_words() const { return word_count + sizeof(Object) / sizeof(Word); }
};

// A block of fixed size as an arena. Off-heap references are handed over or released with it.
class BlockArena final : public Arena {
 public:
  BlockArena(Word* block, size_t words) {
    top = block;
    limit = block + words;
  }

 private:
  Word* allocate_slow(size_t) override { check_failed("room in the block", __FILE__, __LINE__); }
};

// For intermediate results of match specifications: chunks that are reused after reset().
class ScratchArena final : public Arena {
 public:
  ScratchArena();
  ~ScratchArena();
  void reset();

 private:
  struct Chunk {
    Chunk* older;
    Word words[];
  };
  Word* allocate_slow(size_t words) override;
  Chunk* chunks_ = nullptr;
  Word inline_[128];
};

}  // namespace hanse
