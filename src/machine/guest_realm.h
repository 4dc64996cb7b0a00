// The code of guests, in layers: the modules of the realm itself, those of the realms below it, and of the host what the filter of one
// of them lets through. What is not visible does not exist. One realm may serve many machines (a template); it goes with the last of them.
// Lookups take no lock (the caller holds an epoch guard).
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "base/mutex.h"
#include "base/ref.h"
#include "code/code_index.h"
#include "code/module_table.h"
#include "code/realm.h"
#include "heap/account.h"

namespace hanse {

// Which functions of the host realm exist in a guest's.
class HostFilter {
 public:
  void allow_module(Term module) { modules_[module.word()].whole = true; }
  void allow_function(Term module, Term function, uint32_t arity) { modules_[module.word()].functions.insert(key(function, arity)); }
  bool allows_any_of(Term module) const { return modules_.contains(module.word()); }
  bool allows(Term module, Term function, uint32_t arity) const {
    auto found = modules_.find(module.word());
    if (found == modules_.end()) return false;
    return found->second.whole || found->second.functions.contains(key(function, arity));
  }

 private:
  static uint64_t key(Term function, uint32_t arity) { return function.word() << 8 ^ arity; }
  struct Functions {
    bool whole = false;
    std::unordered_set<uint64_t> functions;
  };
  std::unordered_map<Word, Functions> modules_;
};

class GuestRealm final : public Realm, public RefCounted<GuestRealm> {
 public:
  // base: nullptr, or the realm below. The host outlives everything.
  GuestRealm(uint64_t id, Realm& host, Ref<GuestRealm> base, HostFilter filter);
  ~GuestRealm() override;
  // When nobody refers to it any more: waits until no thread looks at its code.
  static void destroy(GuestRealm* realm);

  const uint64_t id;

  Export* export_for(Term module, Term function, uint32_t arity) override;
  Export* find_export(Term module, Term function, uint32_t arity) override;
  FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                      uint32_t free_count) override;
  ModuleTable& modules() override { return modules_; }
  // Of the host's, those whose module_info is let through.
  Module* visible_module(Term name) override;

  // Whether code under that name would stand in front of what the host lets through.
  // or of a layer below.
  bool is_reserved(Term module) const;
  // Whether that realm is this one, or a layer below.
  bool is_over(const GuestRealm& other) const { return this == &other || (base_ && base_->is_over(other)); }
  // What its code takes.
  Account account;

 private:
  bool allows(const ExportKey& key) const;
  bool has_or_reserves(Term module) const;
  // In this realm or one below.
  Export* find_own(const ExportKey& key);
  Export* visible_of_host(const ExportKey& key, bool make);

  Realm& host_;
  const Ref<GuestRealm> base_;
  const HostFilter filter_;
  Mutex<LockRank::exports> exports_mutex_;
  ExportIndex exports_;
  Mutex<LockRank::fun_entries> funs_mutex_;
  FunIndex funs_;
  ModuleTable modules_;
};

}  // namespace hanse
