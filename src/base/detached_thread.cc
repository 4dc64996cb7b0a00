#include "base/detached_thread.h"

#include <pthread.h>

namespace hanse {

namespace {
struct Start {
  void (*run)(void*);
  void* argument;
};
}  // namespace

// std::thread would throw, and nothing here catches.
bool start_detached(void (*run)(void*), void* argument) {
  auto* start = new Start{run, argument};
  auto main = [](void* given) -> void* {
    std::unique_ptr<Start> own(static_cast<Start*>(given));
    own->run(own->argument);
    return nullptr;
  };
  pthread_t thread;
  if (pthread_create(&thread, nullptr, main, start) != 0) {
    delete start;
    return false;
  }
  pthread_detach(thread);
  return true;
}

}  // namespace hanse
