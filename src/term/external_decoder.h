// Decoding of one external term. Used by external.h's functions only.
//
// A single pass over bytes that come from a stranger. It keeps a stack of what is still owed to containers that were begun,
// and the number of terms owed in all: every term takes at least one byte, so a container that claims more elements than
// there are bytes left, after everything owed already, is refused before anything is allocated for it. Memory taken is
// therefore linear in the input, whatever the input says.
#pragma once

#include <memory>
#include <vector>

#include "base/work_stack.h"
#include "term/external.h"

namespace hanse {

class ExternalDecoder {
 public:
  ExternalDecoder(Arena& arena, Bytes data, DecodeEnvironment& environment)
      : arena_(arena), environment_(environment), begin_(data.data()), next_(data.data()), end_(data.data() + data.size()) {}
  // none() on failure; see error().
  Term run();
  size_t bytes_used() const { return static_cast<size_t>(next_ - begin_); }
  const DecodeError& error() const { return error_; }

 private:
  enum class Step : uint8_t {
    fill,         // `remaining` terms to `next`, one after the other
    list_heads,   // as fill, to the heads of an array of cells; then the tail of the last one
    flat_pairs,   // keys to `next`, values pair_count + 2 words behind their keys
    finish_flat,  // sort the pairs of the FlatMap at `next`
    finish_hash,  // make a map of large_maps_.back()
  };
  struct Frame {
    Term* next;
    uint32_t remaining;
    Step step;
    uint8_t pair_count;
  };
  // Pairs of a map that is too large to be flat, collected off the heap.
  struct LargeMap {
    Term* destination;
    size_t count;
    std::unique_ptr<Term[]> pairs;
  };

  bool run_top();
  bool decode_term(Term* destination);
  bool decode_rare(uint8_t tag, Term* destination);
  bool begin_tuple(Term* destination, size_t arity);
  bool begin_list(Term* destination);
  bool begin_map(Term* destination);
  bool begin_fun(Term* destination);
  bool finish_flat_map(FlatMap* map);
  bool finish_large_map();
  bool decode_string(Term* destination);
  bool decode_binary(Term* destination);
  bool decode_bit_binary(Term* destination);
  bool decode_big(Term* destination, size_t size);
  bool decode_float(Term* destination);
  bool decode_float_text(Term* destination);
  bool decode_atom(uint8_t tag, Term* destination);
  bool accept_local(Term identifier);
  bool accept_foreign();
  bool decode_pid(uint8_t tag, Term* destination);
  bool decode_port(uint8_t tag, Term* destination);
  bool decode_reference(uint8_t tag, Term* destination);
  bool decode_export(Term* destination);

  // A whole term of one kind, in places where the format allows nothing else.
  bool read_atom(Term* atom);
  bool read_number(int64_t* number);

  bool fail(const char* reason) {
    error_ = {bytes_used(), reason};
    return false;
  }
  bool fail_system_limit(const char* reason) {
    error_ = {bytes_used(), reason, true};
    return false;
  }
  size_t left() const { return static_cast<size_t>(end_ - next_); }
  // Whether `size` more bytes are there.
  bool need(size_t size) { return left() >= size || fail("more bytes"); }
  // Promises `count` more terms.
  bool owe(size_t count) {
    if (count > left() || owed_ + count > left()) return fail("as many bytes as elements");
    owed_ += count;
    return true;
  }
  uint8_t take8() { return *next_++; }
  uint16_t take16() {
    next_ += 2;
    return load_be16(next_ - 2);
  }
  uint32_t take32() {
    next_ += 4;
    return load_be32(next_ - 4);
  }
  uint64_t take64() {
    next_ += 8;
    return load_be64(next_ - 8);
  }

  Arena& arena_;
  DecodeEnvironment& environment_;
  const uint8_t* begin_;
  const uint8_t* next_;
  const uint8_t* end_;
  size_t owed_ = 0;
  WorkStack<Frame> stack_;
  std::vector<LargeMap> large_maps_;
  DecodeError error_{0, nullptr};
};

}  // namespace hanse
