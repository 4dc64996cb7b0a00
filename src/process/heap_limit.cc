// What happens when a process has reached its max_heap_size, or memory is out.
#include "process/heap_report.h"

namespace hanse {

bool heap_limit_reached(Process& process, size_t need, bool out_of_memory) {
  HeapSettings& settings = process.heap.settings;
  if (out_of_memory) log_out_of_memory(process, words_held(process) + need);
  else if (settings.maximum_logs) log_heap_limit(process, words_held(process) + need);
  if (settings.maximum_kills || out_of_memory) {
    process.pending_exit = am::killed;
    process.interrupt = true;
    return false;
  }
  // Only a warning was wanted: the limit is lifted, so that it is said once.
  settings.maximum_words = 0;
  return true;
}

size_t words_held(const Process& process) {
  const ProcessHeap& heap = process.heap;
  size_t words = heap.heap_words() + heap.old_heap_words() + heap.fragment_words();
  if (process.message_queue_off_heap) return words;
  for (const Message* message = process.mailbox.first(); message != nullptr; message = static_cast<const Message*>(message->next))
    if (message->fragment != nullptr && !message->attached) words += Fragment::words_of_chain(message->fragment);
  return words;
}

bool queue_exceeds_heap_limit(const Process& process) {
  size_t limit = process.heap.settings.maximum_words;
  return limit != 0 && process.mailbox.length() > 0 && words_held(process) > limit;
}

}  // namespace hanse
