// Libraries of native functions (NIFs): erlang:load_nif/2. Trusted code of the host: machines cannot load any.
//
// A module whose code calls load_nif/2 was compiled with an instruction nif_start at the entry of its functions. A library names
// the functions that it replaces; each gets a row, like a built-in function, and an export of its own that leads there.
#pragma once

#include <deque>
#include <mutex>
#include <string>

#include "base/ref.h"
#include "nif/environment.h"

namespace hanse::nif {

using NativeCall = ERL_NIF_TERM (*)(ErlNifEnv* env, int argc, const ERL_NIF_TERM argv[]);

struct RowNames {
  std::string module_name, function_name;
};
struct NativeRow : RowNames, BifRow {
  NativeRow(std::string module, std::string name, uint8_t arity, NativeCall does, BifKind kind, Library& of);
  const NativeCall native;
  Library& owner;
};

// Held by the module, by types of resources that are its own, and by calls on dirty threads; with the last hold its unload function
// is called, and its file closed. The object itself stays, as do the tables of functions: exceptions and traces may name one. What
// has no functions, because it was not accepted, goes.
class Library : public RefCounted<Library> {
 public:
  Library(Term module, const ErlNifEntry& entry, void* file) : module_(module), entry_(entry), file_(file) {}
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  static void destroy(Library* library) {
    library->close();
    if (library->rows_.empty()) delete library;
  }

  Term module() const { return module_; }
  const ErlNifEntry& entry() const { return entry_; }
  void* private_data = nullptr;  // the library's own
  bool is_loaded = false;        // it has said yes: it is told when it goes

  // The export that leads to the function. flags: as in ErlNifFunc. The same for the same arguments.
  Export* function(const std::string& name, unsigned arity, NativeCall native, unsigned flags);
  // Whether the code is that of one of the exports.
  bool contains(Ip ip);

 private:
  void close();

  const Term module_;
  const ErlNifEntry& entry_;  // in the file
  void* const file_;
  std::mutex mutex_;
  std::deque<NativeRow> rows_;
  std::deque<Export> exports_;  // one for each row
};

// Whether flags of a function or of enif_schedule_nif() can be obeyed.
bool are_known_flags(unsigned flags);

}  // namespace hanse::nif
