// The realm of the host: all code of OTP, the table of exports, the table of fun entries, current and old code per module.
// One per node. Lookups take no lock; changes are made under LockRank::code_load.
#pragma once

#include <memory>

#include "base/mutex.h"
#include "code/realm.h"

namespace hanse {

class HostRealm final : public Realm {
 public:
  HostRealm();
  ~HostRealm() override;

  // Makes an export with `bif` set for every row. At start, after prepare_export_stub has been set.
  void register_bifs(BifTable table);

  Export* export_for(Term module, Term function, uint32_t arity) override;
  Export* find_export(Term module, Term function, uint32_t arity) override;

  FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                      uint32_t free_count) override;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace hanse
