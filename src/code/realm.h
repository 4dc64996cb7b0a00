// A code realm maps names of modules to code, and {module, function, arity} to exports. The host realm holds OTP. Imports
// bind through the realm of the module that is loaded, dynamic apply through the realm of the calling process.
#pragma once

#include "base/check.h"
#include "code/bif.h"
#include "term/fun.h"

namespace hanse {

class Module;
class ModuleTable;

class Realm {
 public:
  virtual ~Realm() = default;
  // The export, made if it does not exist. Never freed, never moves. Any thread.
  virtual Export* export_for(Term module, Term function, uint32_t arity) = 0;
  // nullptr if nobody has referred to it yet. Takes no lock.
  virtual Export* find_export(Term module, Term function, uint32_t arity) = 0;
  // The entry of a fun expression, made if it does not exist. Never freed. Any thread.
  virtual FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                              uint32_t free_count) = 0;
  // The modules of the realm itself. Realms of tests have none.
  virtual ModuleTable& modules() { check_failed("a realm with modules", __FILE__, __LINE__); }
  // The current code of that name, here or where it is taken from, if all may be known of it; or nullptr. Under an epoch guard.
  virtual Module* visible_module(Term name);
  // The built-in function of that name or nullptr. Code of a module never overrides one.
  const BifRow* find_bif(Term module, Term function, uint32_t arity) {
    Export* target = find_export(module, function, arity);
    return target ? target->bif : nullptr;
  }
};

}  // namespace hanse
