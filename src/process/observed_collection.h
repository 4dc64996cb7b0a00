// Every collection of a process's heap goes through here: for those who trace collections or monitor large heaps.
#pragma once

#include <chrono>
#include <thread>

#include "base/freed_memory.h"
#include "process/microstates.h"
#include "process/node_settings.h"
#include "process/system_monitor.h"
#include "process/tracing.h"

namespace hanse {

// For erlang:statistics(garbage_collection) and the policy of freed memory.
inline void count_collection(size_t words_before, size_t words_after) {
  NodeSettings& node = node_settings();
  node.collections.fetch_add(1, std::memory_order_relaxed);
  if (words_before <= words_after) return;
  uint64_t words = words_before - words_after;
  node.reclaimed_words.fetch_add(words, std::memory_order_relaxed);
  note_freed(words * sizeof(Word));
}

template <class Collect>
CollectionResult observed_collection(Process& process, CollectionKind kind, size_t need_words, Collect collect) {
  MicrostateScope microstate(Microstate::gc);
  bool traced = is_traced(process, trace_flag::garbage_collection);
  uint32_t monitored = monitored_events.load(std::memory_order_relaxed) & monitored_event::collections;
  size_t before = process.heap.used_words();
  if (!traced && monitored == 0) [[likely]] {
    CollectionResult result = collect(kind);
    count_collection(before, process.heap.used_words());
    return result;
  }
  // Which generation will be collected is decided inside; what is told is what was asked for.
  bool major = kind == CollectionKind::full;
  if (traced) trace_collection(process, major ? am::gc_major_start : am::gc_minor_start, need_words);
  uint64_t start_ns = monotonic_now_ns();
  CollectionResult result = collect(kind);
  if (uint32_t delay_ms = collection_delay_ms.load(std::memory_order_relaxed); delay_ms != 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
  size_t after = process.heap.used_words();
  count_collection(before, after);
  if (traced) trace_collection(process, major ? am::gc_major_end : am::gc_minor_end, before > after ? before - after : 0);
  if (monitored != 0) monitor_collection(process, monotonic_now_ns() - start_ns);
  return result;
}

}  // namespace hanse
