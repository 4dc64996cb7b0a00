// What is told of a process's heap: process_info(garbage_collection_info) and the report when max_heap_size is reached.
// On the thread of the process.
#pragma once

#include "process/process.h"

namespace hanse {

// [{old_heap_block_size, Words}, ...] as stock lists them.
Term garbage_collection_info(Arena& arena, const ProcessHeap& heap);
// Tells the logger that the process wanted `total_words`, more than it may have.
void log_heap_limit(Process& process, size_t total_words);

}  // namespace hanse
