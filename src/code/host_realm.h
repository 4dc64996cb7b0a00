// The realm of the host: all code of OTP. One per node; any thread. Lookups take no lock (the caller holds an epoch guard).
#pragma once

#include "base/mutex.h"
#include "code/code_index.h"
#include "code/module_table.h"
#include "code/realm.h"
#include "heap/account.h"

namespace hanse {

class HostRealm final : public Realm {
 public:
  HostRealm() = default;

  // Makes an export with `bif` set for every row. At start, after prepare_export_stub has been set.
  void register_bifs(BifTable table);

  Export* export_for(Term module, Term function, uint32_t arity) override;
  Export* find_export(Term module, Term function, uint32_t arity) override;
  FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                      uint32_t free_count) override;
  ModuleTable& modules() override { return modules_; }

  // Charged for the modules of the boot, which belong to nobody.
  Account boot_account;

 private:
  Export* make_export(const ExportKey& key, const BifRow* row);

  Mutex<LockRank::exports> exports_mutex_;
  ExportIndex exports_;
  Mutex<LockRank::fun_entries> funs_mutex_;
  FunIndex funs_;
  ModuleTable modules_;
};

}  // namespace hanse
