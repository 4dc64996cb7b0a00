// Typed views of heap objects: named fields over the words of a heap. A view never owns; it is valid while the term is.
#pragma once

#include <cstring>
#include <span>

#include "term/term.h"

namespace hanse {

struct OffHeapBinary;
struct FunEntry;
struct Export;
struct NodeEntry;

struct Tuple {
  Word header;
  Term elements[];
  size_t arity() const { return header_size(header); }
  std::span<Term> span() { return {elements, arity()}; }
};
inline Tuple* as_tuple(Term term) { return term.as<Tuple>(); }
inline bool is_tuple_of_arity(Term term, size_t arity) {
  return term.is_boxed() && *term.as_boxed() == make_header(Boxed::tuple, arity);
}

struct Big {
  Word header;
  Word limbs[];  // least significant first, the last one is never zero
  size_t size() const { return header_size(header); }
  bool is_negative() const { return header_kind(header) == Boxed::negative_big; }
};

struct BoxedFloat {
  Word header;
  double value;
};
inline double float_value(Term term) {
  return term.is_immediate_float() ? immediate_float_value(term) : term.as<BoxedFloat>()->value;
}

// A closure. Its module's code may be gone; the entry stays for the life of the node.
struct Fun {
  Word header;
  FunEntry* entry;
  Term creator;        // pid
  Term environment[];  // free variables
  size_t free_count() const { return header_size(header) - 2; }
};
struct ExportFun {
  Word header;
  Export* target;
};

// Objects that keep something off the heap alive; `next` links all of one heap (see OffHeapList).
struct OffHeapObject {
  Word header;
  OffHeapObject* next;
  OffHeapBinary* value;
};

// Numbers of a reference made on this node: three 32-bit words; an alias or other reference that finds its process
// carries that process's number in pid_number and has size 3.
struct Reference {
  Word header;
  Word number01;  // n[0] in the low half, n[1] in the high half
  Word number2;   // n[2]
  Word pid_number;  // only if header_size(header) == 3
  bool has_pid() const { return header_size(header) == 3; }
};
struct MagicReference {
  OffHeapObject off_heap;
  Word number01;
  Word number2;
};

// Things of other nodes, and of earlier incarnations of this one. The value off the heap holds the node's entry.
struct ExternalIdentifier {
  OffHeapObject off_heap;
  NodeEntry* node() const;  // term/node.h
};
struct ExternalPid : ExternalIdentifier {
  Word number;  // id in the low half, serial in the high half
};
struct ExternalPort : ExternalIdentifier {
  Word number;
};
struct ExternalReference : ExternalIdentifier {
  Word count;       // of 32-bit words, at most 5
  uint32_t ids[6];  // ids[count..] are zero
};

// Maps of up to 32 keys: a shared, sorted tuple of keys and the values in its order.
struct FlatMap {
  Word header;
  Term keys;  // tuple
  Term values[];
  size_t size() const { return header_size(header) - 1; }
};
inline constexpr size_t flat_map_limit = 32;

}  // namespace hanse
