// Epoch-based reclamation: readers of shared tables (processes, exports, ports) take no lock; what they may still see is
// freed only when every thread has left the epoch in which it was retired.
#pragma once

#include <atomic>
#include <cstdint>

namespace hanse::epoch {

// Held by a thread while it may hold pointers read from shared tables. Nests. Scheduler threads hold one during a slice.
class Guard {
 public:
  Guard();
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
};

// Calls free_function(object) once no guard of now exists any more. Any thread, whatever locks it holds.
void retire(void* object, void (*free_function)(void*));
template <class T>
void retire(T* object) {
  retire(object, [](void* pointer) { delete static_cast<T*>(pointer); });
}
// Frees what can be freed now. Called by threads in their loops, without a lock: free functions take those they need.
void collect();
// What this thread has retired and could not free is left to whoever collects next: it may sleep for long.
void pass_on();
inline constinit thread_local bool collection_pays = false;
// The same, if this thread has retired much.
inline void collect_if_it_pays() {
  if (collection_pays) [[unlikely]] collect();
}

}  // namespace hanse::epoch
