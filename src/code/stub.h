// The words behind an export without loaded code. The engine knows what they mean; it sets this function at start, before
// the first export is made.
#pragma once

#include "code/bif.h"
#include "term/fun.h"

namespace hanse {

// Fills target.stub (calls the built-in function if target.bif is set, else the error handler) and sets target.entry to it.
using PrepareExportStub = void (*)(Export& target);
extern PrepareExportStub prepare_export_stub;

// For an export that nobody finds by its name: a call goes on there by Process::trap_target.
inline void lead_to(Export& target, const BifRow& row) {
  target.bif = &row;
  target.bif_call.store(row.function, std::memory_order_relaxed);
  prepare_export_stub(target);
}

}  // namespace hanse
