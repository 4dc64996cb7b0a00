#include "code/host_realm.h"

#include "code/stub.h"
#include "term/atom.h"

namespace hanse {

PrepareExportStub prepare_export_stub = nullptr;
BifFunction bif_gate = nullptr;

Export* HostRealm::find_export(Term module, Term function, uint32_t arity) { return exports_.find({module, function, arity}); }

Export* HostRealm::make_export(const ExportKey& key, const BifRow* row) {
  Lock lock(exports_mutex_);
  if (Export* existing = exports_.find(key)) return existing;
  Export* item = new_export(key, row);
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

FunEntry* HostRealm::fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                               uint32_t free_count) {
  FunKey key{module, index, old_unique, arity, free_count, md5};
  if (FunEntry* existing = funs_.find(key)) return existing;
  Lock lock(funs_mutex_);
  if (FunEntry* existing = funs_.find(key)) return existing;
  FunEntry* entry = new_fun_entry(key);
  funs_.insert(entry);
  return entry;
}

}  // namespace hanse
