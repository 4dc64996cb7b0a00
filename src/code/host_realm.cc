#include "code/host_realm.h"

#include <cstring>

#include "code/stub.h"
#include "term/atom.h"

namespace hanse {

PrepareExportStub prepare_export_stub = nullptr;

static size_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

size_t HostRealm::ExportTraits::hash(const ExportKey& key) {
  return mix(mix(mix(0, key.module.word()), key.function.word()), key.arity);
}

Export* HostRealm::find_export(Term module, Term function, uint32_t arity) { return exports_.find({module, function, arity}); }

Export* HostRealm::make_export(const ExportKey& key, const BifRow* row) {
  Lock lock(exports_mutex_);
  if (Export* existing = exports_.find(key)) return existing;
  auto* item = new Export(key.module, key.function, key.arity);
  item->bif = row;
  if (row) item->bif_call.store(row->function, std::memory_order_relaxed);
  item->entry.store(item->stub, std::memory_order_relaxed);
  if (prepare_export_stub) prepare_export_stub(*item);
  exports_.insert(item);
  return item;
}

Export* HostRealm::export_for(Term module, Term function, uint32_t arity) {
  ExportKey key{module, function, arity};
  Export* existing = exports_.find(key);
  return existing ? existing : make_export(key, nullptr);
}

void HostRealm::register_bifs(BifTable table) {
  for (const BifRow& row : table) {
    Export* target = make_export({make_atom(row.module), make_atom(row.name), row.arity}, &row);
    CHECK(target->bif == &row);  // else two rows have the same name
  }
}

size_t HostRealm::FunTraits::hash(const FunKey& key) {
  return mix(mix(mix(0, key.module.word()), key.index), load_unaligned<uint64_t>(key.md5));
}
size_t HostRealm::FunTraits::hash(const FunEntry& item) {
  return mix(mix(mix(0, item.module.word()), item.index), load_unaligned<uint64_t>(item.md5));
}
bool HostRealm::FunTraits::equal(const FunEntry& item, const FunKey& key) {
  return item.module == key.module && item.index == key.index && item.old_unique == key.old_unique &&
         item.arity == key.arity && item.free_count == key.free_count && std::memcmp(item.md5, key.md5, 16) == 0;
}

FunEntry* HostRealm::fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                               uint32_t free_count) {
  FunKey key{module, index, old_unique, arity, free_count, md5};
  if (FunEntry* existing = funs_.find(key)) return existing;
  Lock lock(funs_mutex_);
  if (FunEntry* existing = funs_.find(key)) return existing;
  auto* entry = new FunEntry{.module = module, .index = index, .old_unique = old_unique, .md5 = {}, .arity = arity,
                             .free_count = free_count, .function = am::empty};
  std::memcpy(entry->md5, md5, 16);
  funs_.insert(entry);
  return entry;
}

}  // namespace hanse
