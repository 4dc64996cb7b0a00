#include "machine/guest_realm.h"

#include <vector>

#include "base/epoch.h"
#include "code/literal_collector.h"
#include "term/atom.h"

namespace hanse {

namespace {

// Exports and entries of funs never go while the node runs: terms may refer to them wherever they have got to. Those of realms that are
// gone serve the next ones. What still refers to one finds no code, or (if the wall has failed) another guest's.
template <class Item, LockRank rank>
class Pool {
 public:
  Item* take() {
    Lock lock(mutex_);
    if (items_.empty()) return nullptr;
    Item* item = items_.back();
    items_.pop_back();
    return item;
  }
  void give(Item* item) {
    Lock lock(mutex_);
    items_.push_back(item);
  }

 private:
  Mutex<rank> mutex_;
  std::vector<Item*> items_ GUARDED_BY(mutex_);
};

Pool<Export, LockRank::pool>& export_pool() {
  static auto* pool = new Pool<Export, LockRank::pool>;
  return *pool;
}
Pool<FunEntry, LockRank::pool>& fun_pool() {
  static auto* pool = new Pool<FunEntry, LockRank::pool>;
  return *pool;
}

}  // namespace

GuestRealm::GuestRealm(uint64_t realm_id, Realm& host, Ref<GuestRealm> base, HostFilter filter)
    : id(realm_id), host_(host), base_(std::move(base)), filter_(std::move(filter)) {}

GuestRealm::~GuestRealm() {
  modules_.unload_all();
  exports_.for_each([](Export* item) {
    if (item->breakpoint.load(std::memory_order_relaxed) == nullptr) export_pool().give(item);
  });
  funs_.for_each([](FunEntry* entry) {
    entry->entry.store(nullptr, std::memory_order_release);
    fun_pool().give(entry);
  });
}

void GuestRealm::destroy(GuestRealm* realm) { epoch::retire(realm); }

Export* GuestRealm::visible_of_host(const ExportKey& key, bool make) {
  if (!allows(key)) return nullptr;
  return make ? host_.export_for(key.module, key.function, key.arity) : host_.find_export(key.module, key.function, key.arity);
}

bool GuestRealm::allows(const ExportKey& key) const {
  return filter_.allows(key.module, key.function, key.arity) || (base_ && base_->allows(key));
}
bool GuestRealm::is_reserved(Term module) const {
  return filter_.allows_any_of(module) || (base_ && base_->has_or_reserves(module));
}
bool GuestRealm::has_or_reserves(Term module) const { return modules_.current(module) != nullptr || is_reserved(module); }

Module* GuestRealm::visible_module(Term name) {
  static const Term module_info = make_atom("module_info");
  if (allows({name, module_info, 1})) return host_.visible_module(name);
  if (Module* own = modules_.current(name)) return own;
  return base_ ? base_->visible_module(name) : nullptr;
}

Export* GuestRealm::find_own(const ExportKey& key) {
  Export* item = exports_.find(key);
  if (item != nullptr && item->is_loaded()) return item;
  Export* below = base_ ? base_->find_own(key) : nullptr;
  return below != nullptr && below->is_loaded() ? below : item;
}

Export* GuestRealm::find_export(Term module, Term function, uint32_t arity) {
  ExportKey key{module, function, arity};
  if (Export* target = visible_of_host(key, false)) return target;
  return find_own(key);
}

Export* GuestRealm::export_for(Term module, Term function, uint32_t arity) {
  ExportKey key{module, function, arity};
  if (Export* target = visible_of_host(key, true)) return target;
  // What is loaded below is bound at once; a name that nothing is known of becomes this realm's.
  if (Export* target = find_own(key); target != nullptr && (target->is_loaded() || exports_.find(key) == target)) return target;
  Lock lock(exports_mutex_);
  if (Export* existing = exports_.find(key)) return existing;
  Export* item = export_pool().take();
  if (item == nullptr) {
    item = new_export(key, nullptr);
  } else {
    item->module = module;
    item->function = function;
    item->arity = arity;
    item->entry.store(item->stub, std::memory_order_release);
  }
  exports_.insert(item);
  return item;
}

FunEntry* GuestRealm::fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                                uint32_t free_count) {
  FunKey key{module, index, old_unique, arity, free_count, md5};
  if (FunEntry* existing = funs_.find(key)) return existing;
  Lock lock(funs_mutex_);
  if (FunEntry* existing = funs_.find(key)) return existing;
  FunEntry* entry = fun_pool().take();
  if (entry == nullptr) entry = new_fun_entry(key);
  else reset_fun_entry(*entry, key);
  entry->is_guest = true;
  funs_.insert(entry);
  return entry;
}

}  // namespace hanse
