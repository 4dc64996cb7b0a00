// What funs and calls refer to: one Export per {module, function, arity} of a realm, one FunEntry per fun expression of a
// compiled module. Both live for the life of the node and never move; only the code they point at changes.
#pragma once

#include <atomic>
#include <cstdint>

#include "term/arena.h"

namespace hanse {

struct Call;
class Result;
using BifFunction = Result (*)(Call&);

// A place in loaded code; units are defined in code/code.h.
using Ip = const uint32_t*;

struct BifRow;
struct ExportBreakpoint;

struct Export {
  Term module;
  Term function;
  uint32_t arity;
  // Where a call continues: the function's entry, or `stub` below. Written under LockRank::code_load, read by everybody.
  std::atomic<Ip> entry;
  // The built-in function of that name, or nullptr. Set once, before the export is visible.
  const BifRow* bif = nullptr;
  // What an instruction that calls `bif` directly runs: its function, or (while it is traced) one that goes through `entry`.
  // Written under LockRank::code_load, read by everybody.
  std::atomic<BifFunction> bif_call{nullptr};
  // Of the tracer, or nullptr; code/breakpoint.h. Written under LockRank::code_load, read by everybody.
  std::atomic<ExportBreakpoint*> breakpoint{nullptr};
  // Instruction words executed when nothing is loaded (calls the error handler) or when `bif` is called indirectly.
  alignas(8) uint32_t stub[4];

  Export(Term m, Term f, uint32_t a) : module(m), function(f), arity(a), entry(nullptr), stub{} {}
  bool is_loaded() const { return entry.load(std::memory_order_acquire) != stub; }
};

struct FunEntry {
  Term module;
  uint32_t index;      // of the fun in its module
  uint32_t old_unique; // of the fun table
  uint8_t md5[16];     // of the module
  uint32_t arity;      // as the guest sees it, without free variables
  uint32_t free_count;
  bool is_guest = false;  // its code belongs to a guest's realm
  Term function;       // name of the function that holds the body: '-f/1-fun-0-'
  // The body, called with arguments followed by the environment; nullptr while its module is not loaded.
  std::atomic<Ip> entry{nullptr};
};

inline Fun* as_fun(Term term) { return term.as<Fun>(); }
// Arity as the guest sees it. term.is_fun().
inline uint32_t fun_arity(Term term) {
  return term.is_local_fun() ? term.as<Fun>()->entry->arity : term.as<ExportFun>()->target->arity;
}

inline Term make_export_fun(Arena& arena, Export* target) {
  Word* words = arena.allocate(2);
  words[0] = make_header(Boxed::export_fun, 1);
  words[1] = reinterpret_cast<Word>(target);
  return Term::boxed(words);
}

}  // namespace hanse
