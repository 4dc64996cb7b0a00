#include "process/heap_report.h"

#include "process/spawn.h"
#include "term/build.h"

namespace hanse {

Term garbage_collection_info(Arena& arena, const ProcessHeap& heap) {
  struct Figure {
    Term name;
    size_t value;
  };
  const Figure figures[] = {
      {am::old_heap_block_size, heap.old_heap_words()},
      {am::heap_block_size, heap.heap_words()},
      {am::mbuf_size, heap.fragment_words()},
      {am::recent_size, 0},
      {am::stack_size, heap.stack_words()},
      {am::old_heap_size, heap.old_used_words()},
      {am::heap_size, heap.young_used_words()},
      {am::bin_vheap_size, heap.off_heap_bytes() / sizeof(Word)},
      {am::bin_vheap_block_size, heap.settings.minimum_binary_words},
      {am::bin_old_vheap_size, 0},
      {am::bin_old_vheap_block_size, heap.settings.minimum_binary_words},
  };
  Term list = Term::nil();
  for (size_t i = std::size(figures); i-- > 0;)
    list = make_cons(arena, make_tuple(arena, figures[i].name, make_unsigned(arena, figures[i].value)), list);
  return list;
}

void log_heap_limit(Process& process, size_t total_words) {
  const HeapSettings& settings = process.heap.settings;
  FragmentArena arena(128);
  Term arguments[] = {process.self,
                      make_unsigned(arena, settings.maximum_words),
                      make_unsigned(arena, total_words),
                      boolean(settings.maximum_kills),
                      boolean(settings.maximum_logs),
                      make_unsigned(arena, process.mailbox.length()),
                      garbage_collection_info(arena, process.heap)};
  log_to_logger(am::error,
                "     Process:            ~p ~n"
                "     Context:            maximum heap size reached~n"
                "     Max Heap Size:      ~p~n"
                "     Total Heap Size:    ~p~n"
                "     Kill:               ~p~n"
                "     Error Logger:       ~p~n"
                "     Message Queue Len:  ~p~n"
                "     GC Info:            ~p~n",
                make_list(arena, arguments), &process);
}

void log_out_of_memory(Process& process, size_t wanted_words) {
  FragmentArena arena(128);
  Term arguments[] = {process.self, make_unsigned(arena, wanted_words), make_unsigned(arena, process.mailbox.length()),
                      garbage_collection_info(arena, process.heap)};
  log_to_logger(am::error,
                "     Process:            ~p ~n"
                "     Context:            no memory for its heap, the process is killed~n"
                "     Wanted Heap Size:   ~p~n"
                "     Message Queue Len:  ~p~n"
                "     GC Info:            ~p~n",
                make_list(arena, arguments), &process);
}

}  // namespace hanse
