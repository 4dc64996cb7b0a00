// How handlers enter functions and leave them.
#pragma once

#include "interp/entries.h"
#include "interp/handler.h"

namespace hanse {

inline void push_return(Term*& e, Ip address) { *--e = Term::from_word(reinterpret_cast<Word>(address)); }

// Arity of the function whose entry `entry` is: func_info stands right before it.
inline uint32_t arity_before(Ip entry) { return entry[-static_cast<ptrdiff_t>(func_info_words) + 1]; }

// Function entries reached by calls in the module; func_info gives the arity.
#define ENTER_LOCAL(target)                             \
  do {                                                  \
    ip = (target);                                      \
    if (--reds < 0) [[unlikely]] {                      \
      p->live = arity_before(ip);                       \
      TAIL_CALL(end_slice_yielded);                     \
    }                                                   \
    HANSE_MUSTTAIL return handler_at(ip)(ENGINE_STATE); \
  } while (false)

#define ENTER_EXPORT(target)                             \
  do {                                                   \
    Export* callee_ = (target);                          \
    ip = callee_->entry.load(std::memory_order_acquire); \
    if (--reds < 0) [[unlikely]] {                       \
      p->live = callee_->arity;                          \
      TAIL_CALL(end_slice_yielded);                      \
    }                                                    \
    HANSE_MUSTTAIL return handler_at(ip)(ENGINE_STATE);  \
  } while (false)

// To the return address on top of the stack.
#define RETURN()                                        \
  do {                                                  \
    ip = reinterpret_cast<Ip>((*e++).word());           \
    HANSE_MUSTTAIL return handler_at(ip)(ENGINE_STATE); \
  } while (false)

}  // namespace hanse
