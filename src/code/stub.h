// The words behind an export without loaded code. The engine knows what they mean; it sets this function at start, before
// the first export is made.
#pragma once

#include "term/fun.h"

namespace hanse {

// Fills target.stub (calls the built-in function if target.bif is set, else the error handler) and sets target.entry to it.
using PrepareExportStub = void (*)(Export& target);
extern PrepareExportStub prepare_export_stub;

}  // namespace hanse
