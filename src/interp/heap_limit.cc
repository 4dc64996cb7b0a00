// What happens when a collection is refused: max_heap_size is reached, or memory is out.
#include "interp/state.h"
#include "process/heap_report.h"

namespace hanse {

bool heap_limit_reached(Process& process, size_t need, bool out_of_memory) {
  HeapSettings& settings = process.heap.settings;
  if (settings.maximum_logs || out_of_memory) {
    const ProcessHeap& heap = process.heap;
    log_heap_limit(process, heap.heap_words() + heap.old_heap_words() + heap.fragment_words() + need);
  }
  if (settings.maximum_kills || out_of_memory) {
    process.pending_exit = am::killed;
    process.interrupt = true;
    return false;
  }
  // Only a warning was wanted: the limit is lifted, so that it is said once.
  settings.maximum_words = 0;
  return true;
}

}  // namespace hanse
