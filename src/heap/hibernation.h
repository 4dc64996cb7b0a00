// The heap of a process that hibernates: just large enough for what is in it. The process must not run before its heap has been
// collected again, with room.
#pragma once

#include "heap/collector.h"

namespace hanse {

// As a full collection.
CollectionResult collect_to_fit(Safepoint, ProcessHeap& heap, RootSet& roots);

}  // namespace hanse
