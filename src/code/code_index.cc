#include "code/code_index.h"

#include "base/bytes.h"
#include "code/bif.h"
#include "code/stub.h"
#include "term/atom.h"

namespace hanse {

static size_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

size_t ExportTraits::hash(const ExportKey& key) {
  return mix(mix(mix(0, key.module.word()), key.function.word()), key.arity);
}

size_t FunTraits::hash(const FunKey& key) {
  return mix(mix(mix(0, key.module.word()), key.index), load_unaligned<uint64_t>(key.md5));
}
size_t FunTraits::hash(const FunEntry& item) {
  return mix(mix(mix(0, item.module.word()), item.index), load_unaligned<uint64_t>(item.md5));
}
bool FunTraits::equal(const FunEntry& item, const FunKey& key) {
  return item.module == key.module && item.index == key.index && item.old_unique == key.old_unique &&
         item.arity == key.arity && item.free_count == key.free_count && std::memcmp(item.md5, key.md5, 16) == 0;
}

Export* new_export(const ExportKey& key, const BifRow* row) {
  auto* item = new Export(key.module, key.function, key.arity);
  item->bif = row;
  if (row) item->bif_call.store(entry_of(*row), std::memory_order_relaxed);
  item->entry.store(item->stub, std::memory_order_relaxed);
  if (prepare_export_stub) prepare_export_stub(*item);
  return item;
}

FunEntry* new_fun_entry(const FunKey& key) {
  auto* entry = new FunEntry{};
  reset_fun_entry(*entry, key);
  return entry;
}

void reset_fun_entry(FunEntry& entry, const FunKey& key) {
  entry.module = key.module;
  entry.index = key.index;
  entry.old_unique = key.old_unique;
  entry.arity = key.arity;
  entry.free_count = key.free_count;
  entry.function = am::empty;
  std::memcpy(entry.md5, key.md5, 16);
}

}  // namespace hanse
