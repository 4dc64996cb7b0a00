// Built-in functions as data. A BIF is one C++ function and one row in the table at the end of its file; bif/all.cc lists
// the tables. The native functions of OTP's preloaded modules (prim_file, zlib, ...) are rows as well.
#pragma once

#include <cstdint>
#include <span>

#include "term/fun.h"
#include "term/result.h"

namespace hanse {

enum class BifKind : uint8_t {
  plain,
  guard,     // allowed in guards: fails without side effects, allocates little
  dirty_io,  // may block: runs on the dirty I/O pool when called from Erlang code
  dirty_cpu,
  engine,    // done by the engine itself, through its export (apply, hibernate): `function` is nullptr
};

constexpr bool is_dirty(BifKind kind) { return kind == BifKind::dirty_io || kind == BifKind::dirty_cpu; }

// What a caller must be allowed to do: decided here and nowhere else. Guests (process/guest.h) have the first three; others they
// need a permission for, which they never get for `host`.
enum class Authority : uint8_t {
  pure,         // depends on its arguments only
  own_process,  // reads or changes the calling process
  own_machine,  // reads or changes things of the caller's machine: registry, tables, processes
  clock,        // reads the time
  environment,  // reads variables of the environment
  statistics,   // reads figures and settings of the node
  host,         // reaches the node, the operating system or the network
};
constexpr bool is_gated(Authority authority) { return authority > Authority::own_machine; }

struct BifRow {
  const char* module;
  const char* name;
  uint8_t arity;
  BifFunction function;
  BifKind kind;
  Authority authority;

  // All six must be given: a row without its authority does not compile.
  constexpr BifRow(const char* m, const char* n, uint8_t a, BifFunction f, BifKind k, Authority auth)
      : module(m), name(n), arity(a), function(f), kind(k), authority(auth) {}
};

using BifTable = std::span<const BifRow>;

// Stands before the functions of all rows with a gated authority: calls the function, or raises. Set once at start, before
// the first export is made.
extern BifFunction bif_gate;
inline BifFunction entry_of(const BifRow& row) {
  return is_gated(row.authority) && bif_gate != nullptr ? bif_gate : row.function;
}

}  // namespace hanse
