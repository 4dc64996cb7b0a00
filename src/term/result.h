// What a built-in function returns: one word. Either a term, or one of the outcomes below, whose details are in the process.
#pragma once

#include "term/term.h"

namespace hanse {

class [[nodiscard]] Result {
 public:
  Result(Term term) : word_(term.word()) { DCHECK(!term.is_none()); }  // implicit: `return am::ok;`
  // An exception was raised; class, reason and so on are in the process.
  static Result raised() { return Result(Word{0}); }
  // Not finished: the process has been charged, and the same call is made again with the same arguments when it is
  // scheduled next; a typed state may be left in Process::resume.
  static Result yield() { return Result(Word{8}); }
  // As yield, but the process first waits until a signal arrives.
  static Result wait() { return Result(Word{16}); }
  // Continue with a call of Process::trap_target instead, whose arguments are in the X registers (Call::args).
  static Result trap() { return Result(Word{24}); }

  bool is_term() const { return (word_ & 7) != 0; }
  bool is_raised() const { return word_ == 0; }
  bool is_yield() const { return word_ == 8; }
  bool is_wait() const { return word_ == 16; }
  bool is_trap() const { return word_ == 24; }
  Term term() const { return Term::from_word(word_); }

 private:
  explicit Result(Word word) : word_(word) {}
  Word word_;
};

}  // namespace hanse

// The term of a Result, or return from the enclosing function with the Result.
#define TRY(expression)                                \
  ({                                                   \
    ::hanse::Result try_result_ = (expression);        \
    if (!try_result_.is_term()) [[unlikely]] return try_result_; \
    try_result_.term();                                \
  })
