// What happens when a collection is refused: max_heap_size is reached, or memory is out.
#include "interp/state.h"
#include "process/machine.h"
#include "process/spawn.h"
#include "term/build.h"

namespace hanse {

bool heap_limit_reached(Process& process, size_t need) {
  HeapSettings& settings = process.heap.settings;
  if (settings.maximum_logs) {
    Term arguments = make_list(process.heap, std::initializer_list<Term>{process.self});
    log_to_logger(am::error, "     Process:          ~p\n     Context:          maximum heap size reached\n", arguments, &process);
  }
  if (settings.maximum_kills || need > (size_t{1} << 40)) {
    process.pending_exit = am::killed;
    process.interrupt = true;
    return false;
  }
  // Only a warning was wanted: the limit is lifted, so that it is said once.
  settings.maximum_words = 0;
  return true;
}

}  // namespace hanse
