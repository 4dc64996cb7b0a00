// How handlers enter functions and leave them.
#pragma once

#include "interp/entries.h"
#include "interp/handler.h"

namespace hanse {

inline void push_return(Term*& e, Ip address) { *--e = Term::from_word(reinterpret_cast<Word>(address)); }

// Arity of the function whose entry `entry` is: func_info stands right before it.
inline uint32_t arity_before(Ip entry) { return entry[-static_cast<ptrdiff_t>(func_info_words) + 1]; }

// Function entries reached by calls in the module; func_info gives the arity.
#define ENTER_LOCAL(target)                     \
  do {                                          \
    Ip callee_ = (target);                      \
    if (--reds < 0) [[unlikely]] {              \
      p->live = arity_before(callee_);          \
      TAIL_CALL_AT(end_slice_yielded, callee_); \
    }                                           \
    TAIL_CALL_AT(handler_at(callee_), callee_); \
  } while (false)

#define ENTER_EXPORT(target)                                \
  do {                                                      \
    Export* callee_ = (target);                             \
    Ip entry_ = callee_->entry.load(std::memory_order_acquire); \
    if (--reds < 0) [[unlikely]] {                          \
      p->live = callee_->arity;                             \
      TAIL_CALL_AT(end_slice_yielded, entry_);              \
    }                                                       \
    TAIL_CALL_AT(handler_at(entry_), entry_);               \
  } while (false)

// To the return address on top of the stack.
#define RETURN()                                    \
  do {                                              \
    Ip caller_ = reinterpret_cast<Ip>((*e++).word()); \
    TAIL_CALL_AT(handler_at(caller_), caller_);     \
  } while (false)

}  // namespace hanse
