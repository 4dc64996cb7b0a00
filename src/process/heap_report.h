// What is told of a process's heap: process_info(garbage_collection_info) and the report when max_heap_size is reached.
// On the thread of the process.
#pragma once

#include "process/process.h"

namespace hanse {

// [{old_heap_block_size, Words}, ...] as stock lists them.
Term garbage_collection_info(Arena& arena, const ProcessHeap& heap);
// Tells the logger that the process wanted `total_words`, more than it may have.
void log_heap_limit(Process& process, size_t total_words);
// Tells the logger that the process wanted a heap of `wanted_words` and there is no memory for it.
void log_out_of_memory(Process& process, size_t wanted_words);

// The heap, and the messages that count as part of it.
size_t words_held(const Process& process);
// Whether messages that wait bring the process over its max_heap_size.
bool queue_exceeds_heap_limit(const Process& process);
// A collection was refused, or should be. False: the process has been told to end; true: the limit is lifted, try again.
bool heap_limit_reached(Process& process, size_t need_words, bool out_of_memory);

}  // namespace hanse
