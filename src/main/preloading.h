// The modules that stock's emulator contains: read and prepared by two threads while the node is put together, then made current.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "code/loader.h"

namespace hanse {

// Built-in functions are registered before. The process ends with a message if a module cannot be loaded.
class Preloading {
 public:
  // directory: where the files are, with a slash at its end.
  Preloading(HostRealm& realm, std::string directory);
  // To be called once.
  void finish();

 private:
  void prepare_rest();
  std::unique_ptr<Module> prepare(const char* name);

  HostRealm& realm_;
  const std::string directory_;
  std::atomic<size_t> next_{0};  // of those that nobody prepares yet; both threads take from it
  std::vector<std::unique_ptr<Module>> modules_;
  std::thread helper_;
};

}  // namespace hanse
