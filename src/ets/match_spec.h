// Match specifications (ERTS User's Guide, "Match Specifications in Erlang"): compiled once into a small linear program,
// run on every object or call. A program holds copies of all its constants; it is immutable and any thread may run it.
//
// Head: a program over a stack of terms that still have to match; the term to be matched is on top. Guards and bodies:
// expressions in postfix order over a stack of values. A failing expression ends the clause in a guard, and has the value 'EXIT'
// in a body.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/work_stack.h"
#include "ets/object.h"
#include "term/off_heap_binary.h"

namespace hanse {

enum class MatchDialect : uint8_t { table, trace };

// What only trace specifications can do. Executed by the tracer through MatchActions, except for message, return_trace and
// exception_trace, which the run itself notes.
enum class MatchAction : uint8_t {
  message, return_trace, exception_trace, caller, caller_line, process_dump, get_seq_token, set_seq_token, is_seq_trace,
  display, get_tcw, set_tcw, silent, enable_trace, disable_trace, trace,
};

class MatchActions {
 public:
  virtual ~MatchActions() = default;
  // The value of the action's expression (true for those that only do something); none(): it fails.
  virtual Term perform(MatchAction action, std::span<const Term> arguments, Arena& arena) = 0;
};

// What guard functions may know. Values they make live in the arena.
struct GuardContext {
  Arena& arena;
  Term self;
};
// none(): the call fails.
using GuardFunction = Term (*)(GuardContext& context, const Term* arguments);
// nullptr if there is no such function.
GuardFunction find_guard_function(Term name, size_t arity);

class MatchProgram {
 public:
  MatchProgram() = default;
  ~MatchProgram();
  MatchProgram(const MatchProgram&) = delete;
  MatchProgram& operator=(const MatchProgram&) = delete;

  // The heads of all clauses, in order (for finding keys), and the specification as it was given.
  std::span<const Term> heads() const { return heads_; }
  Term specification() const { return specification_; }
  MatchDialect dialect() const { return dialect_; }
  // Whether the action occurs anywhere.
  bool performs(MatchAction action) const;

 private:
  friend class MatchCompiler;
  friend class MatchRun;

  enum class Op : uint8_t {
    // head
    any, bind, same, word, equal, float_bits, tuple, cons, map, map_value, drop, arguments, whole,
    // guard and body
    constant, variable, object, variables, make_tuple, make_cons, make_map, call, all_true, any_true, and_also, or_else,
    action, discard, guard_end, finish,
  };
  struct Instruction {
    Op op;
    uint8_t action;
    uint32_t count;
    Word data;  // term or function
  };
  struct Clause {
    uint32_t start;
    uint32_t body;  // first instruction behind the guards
    std::vector<uint32_t> variables;  // slots in the order of their numbers
  };

  // Every constant is a part of this copy of the specification.
  Term specification_ = Term::none();
  Word* block_ = nullptr;
  OffHeapObject* off_heap_ = nullptr;
  MatchDialect dialect_ = MatchDialect::table;
  uint32_t slot_count_ = 0;
  std::vector<Term> heads_;
  std::vector<Clause> clauses_;
  std::vector<Instruction> code_;
};

// Compiles; false with at least one message if the specification is wrong.
bool compile_match(Term specification, MatchDialect dialect, MatchProgram& program, std::vector<std::string>& errors);
// As a magic binary of type Magic<MatchProgram>, with one reference; nullptr if the specification is wrong.
OffHeapBinary* compile_match(Term specification);

// Whether an atom is '$N', and its number.
bool is_match_variable(Term atom, uint32_t& number);
bool contains_match_variable(Term pattern);

// Runs one program on many objects. On the stack of an operation, one thread.
class MatchRun {
 public:
  MatchRun(const MatchProgram& program, Term self, MatchActions* actions = nullptr);

  // The value of the first clause that matches, or none(). It may refer to the object, to the program and to what this
  // run has allocated: copy it.
  Term run(Term object);
  // Trace dialect: the arguments of a call.
  Term run_arguments(std::span<const Term> arguments);
  // Frees intermediate values. Call after every object.
  void reset() {
    if (scratch_.top != scratch_start_) scratch_.reset();
  }
  bool return_trace = false, exception_trace = false;

 private:
  using Op = MatchProgram::Op;
  using Instruction = MatchProgram::Instruction;
  Term run_clauses();
  bool match_head(const Instruction*& at);
  bool match_structure(const Instruction& instruction);
  Term evaluate(const MatchProgram::Clause& clause, const Instruction* at);
  Term construct(const MatchProgram::Clause& clause, const Instruction& instruction);
  Term perform(const Instruction& instruction);
  Term argument_list();
  Term all_true(size_t count, Term neutral);
  void pop(size_t count) { for (; count > 0; count--) stack_.pop(); }

  const MatchProgram& program_;
  ScratchArena scratch_;
  Word* const scratch_start_;
  GuardContext context_;
  MatchActions* actions_;
  std::vector<Term> variables_;
  WorkStack<Term, 32> stack_;
  Term object_;
  std::span<const Term> arguments_;
  Term message_;
};

}  // namespace hanse
