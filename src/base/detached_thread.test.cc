#include "base/detached_thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <thread>

namespace hanse {

TEST(DetachedThread, runs_elsewhere) {
  std::promise<std::thread::id> where;
  auto future = where.get_future();
  run_detached([where = std::move(where)]() mutable { where.set_value(std::this_thread::get_id()); });
  EXPECT_NE(future.get(), std::this_thread::get_id());
}

TEST(DetachedThread, runs_here_if_the_system_gives_no_thread) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "a sanitizer wants memory for each thread and ends the process";
#endif
  pid_t child = fork();
  if (child == 0) {
    rlimit none{1 << 20, 1 << 20};  // less than there is already: no room for a stack, but those that are kept of threads before
    setrlimit(RLIMIT_AS, &none);
    while (start_detached([](void*) { pause(); }, nullptr)) {
    }
    std::thread::id where;
    run_detached([&where] { where = std::this_thread::get_id(); });
    _exit(where == std::this_thread::get_id() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace hanse
