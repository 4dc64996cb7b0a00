// The realm of the host: all code of OTP. One per node; any thread. Lookups take no lock (the caller holds an epoch guard).
#pragma once

#include "base/mutex.h"
#include "code/concurrent_index.h"
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
  struct ExportKey {
    Term module, function;
    uint32_t arity;
  };
  struct ExportTraits {
    static size_t hash(const ExportKey& key);
    static size_t hash(const Export& item) { return hash(ExportKey{item.module, item.function, item.arity}); }
    static bool equal(const Export& item, const ExportKey& key) {
      return item.module == key.module && item.function == key.function && item.arity == key.arity;
    }
  };
  // Arity and number of free variables belong to the key: a fun from outside that lies about them finds no code.
  struct FunKey {
    Term module;
    uint32_t index, old_unique, arity, free_count;
    const uint8_t* md5;
  };
  struct FunTraits {
    static size_t hash(const FunKey& key);
    static size_t hash(const FunEntry& item);
    static bool equal(const FunEntry& item, const FunKey& key);
  };
  Export* make_export(const ExportKey& key, const BifRow* row);

  Mutex<LockRank::exports> exports_mutex_;
  ConcurrentIndex<Export, ExportKey, ExportTraits> exports_;
  Mutex<LockRank::fun_entries> funs_mutex_;
  ConcurrentIndex<FunEntry, FunKey, FunTraits> funs_;
  ModuleTable modules_;
};

}  // namespace hanse
