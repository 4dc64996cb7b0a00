// A term as another node has sent it, still encoded, on its way to whoever decodes it: the process that it is meant for.
#pragma once

#include <vector>

#include "code/decode_environment.h"
#include "dist/connection.h"

namespace hanse::dist {

// Atoms of the message by number. What is new here by its name, and stays (atoms, functions), counts against the
// peer's limit; at the limit decoding fails.
class PeerEnvironment final : public RealmDecodeEnvironment {
 public:
  // storage: of what is decoded, if binaries may share it.
  PeerEnvironment(RemoteNode& peer, std::span<const Term> atoms, OffHeapBinary* storage = nullptr);
  Term atom(std::string_view utf8) override;
  Export* export_for(Term module, Term function, uint32_t arity) override;
  FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                      uint32_t free_count) override;
  Term shared_binary(Arena& arena, Bytes bytes) override;
  Term cached_atom(uint8_t index) override { return index < atoms_.size() ? atoms_[index] : Term::none(); }
  bool is_full() const { return is_full_; }
  // What was expected, if decoding fails for that reason.
  const char* reason(const char* otherwise) const { return is_full_ ? "no more new names from this node (+zpeernames)" : otherwise; }

 private:
  bool count_new_name();

  RemoteNode& peer_;
  bool is_full_ = false;
  std::span<const Term> atoms_;
  OffHeapBinary* storage_;
};

// Where an encoded term is: borrowed from the carrier's buffer (no storage), or held.
struct EncodedView {
  std::span<const Term> atoms;
  Bytes bytes;
  OffHeapBinary* storage = nullptr;  // of `bytes`, if they may be kept
  bool has_version = false;          // begins with 131
};

// none() if the bytes are no term. The connection fails, or `expected` says why it should when somebody looks at the term.
Term decode_view(Connection& connection, Arena& arena, const EncodedView& view, const char** expected = nullptr);
// A first guess at how many words the term takes.
size_t words_expected(size_t bytes);

class EncodedTerm {
 public:
  EncodedTerm(Connection& connection, const EncodedView& view);
  Term decode(Arena& arena, const char*& expected) const;
  size_t size() const { return bytes_.size(); }
  Connection& connection() const { return *connection_; }

 private:
  Ref<Connection> connection_;
  std::vector<Term> atoms_;
  Ref<OffHeapBinary> storage_;
  Bytes bytes_;
  bool has_version_;
};

}  // namespace hanse::dist
