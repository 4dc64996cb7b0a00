// Control tuples (Distribution Protocol, 13.3).
#pragma once

#include "dist/protocol.h"
#include "term/arena.h"

namespace hanse::dist {

// A control tuple on the stack, for as long as it takes to encode it.
template <size_t size>
class ControlTuple {
 public:
  template <class... Elements>
  explicit ControlTuple(Operation operation, Elements... elements)
      : header_(make_header(Boxed::tuple, size)), elements_{Term::small(static_cast<int64_t>(operation)), elements...} {
    static_assert(sizeof...(elements) + 1 == size);
  }
  ControlTuple(const ControlTuple&) = delete;
  ControlTuple& operator=(const ControlTuple&) = delete;
  Term term() const { return Term::boxed(&header_); }

 private:
  alignas(8) Word header_;
  Term elements_[size];
};
template <class... Elements>
ControlTuple(Operation, Elements...) -> ControlTuple<sizeof...(Elements) + 1>;

// Signals are written in their newest form; a peer that does not know it gets the older one. False: it cannot be told.
bool adapt_to_flags(Arena& arena, uint64_t flags, Term& control, Term& payload);

}  // namespace hanse::dist
