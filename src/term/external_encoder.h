// Encoding of external terms: one walk with an explicit stack over a ByteBuffer. term_to_binary/2 uses it as it is; what
// writes atoms or large binaries in its own way (a distribution channel with an atom cache, term_to_iovec/2) derives from it.
#pragma once

#include <memory>
#include <vector>

#include "base/work_stack.h"
#include "term/byte_buffer.h"
#include "term/external.h"

namespace hanse {

class ExternalEncoder {
 public:
  ExternalEncoder(ByteBuffer& out, const EncodeOptions& options) : out_(out), options_(options) {}
  virtual ~ExternalEncoder() = default;
  // Without the version byte. May be called several times.
  void encode(Term term);
  // How much larger stock's estimate of the size is than the size.
  size_t overestimate() const { return overestimate_; }

 protected:
  virtual void put_atom(Term atom);
  // The bytes of a binary above heap_binary_limit, whose tag and length have been written.
  virtual void put_large_bytes(Term binary, Bytes bytes);

  ByteBuffer& out_;
  EncodeOptions options_;

 private:
  enum class Step : uint32_t {
    terms,       // `remaining` terms from `from`
    list,        // a list cell, or the tail of a list: `from` is the term itself
    flat_pairs,  // keys and values of a FlatMap, `remaining` of both
    trie,        // `remaining` children of a hash map's node
    fun_size,    // the latest of open_funs_ is complete
  };
  struct Frame {
    Word from;
    uint32_t remaining;
    Step step;
  };
  void push(const Term* from, size_t count, Step step = Step::terms) {
    if (count > 0) stack_.push({reinterpret_cast<Word>(from), static_cast<uint32_t>(count), step});
  }
  void run_top();
  void put_term(Term term);
  void put_boxed(Term term);
  void put_small(int64_t value);
  void put_integer(Term term);
  void put_float(double value);
  void put_list(Term list);
  void put_tuple(Term tuple);
  void put_bits(Term bits);
  void put_map(Term map);
  void put_sorted_map(Term map);
  void put_fun(Term fun);
  void put_export(Term fun);
  void put_pid(Term node, uint32_t creation, uint32_t id, uint32_t serial);
  void put_port(Term node, uint32_t creation, uint64_t number);
  void put_local_reference(Term reference);
  void put_reference(Term node, uint32_t creation, const uint32_t* words, size_t count);

  struct FunPlace {
    size_t offset;    // of the size field in the buffer
    size_t position;  // of the size field among all bytes
  };
  WorkStack<Frame> stack_;
  std::vector<FunPlace> open_funs_;
  std::vector<std::unique_ptr<Term[]>> sorted_pairs_;
  size_t overestimate_ = 0;
};

}  // namespace hanse
