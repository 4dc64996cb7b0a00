// Workers that sleep in the poller: whatever wakes them, from wherever, nothing is lost.
#include "io/poller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "process/fake_engine.h"

namespace hanse {

using namespace testing_processes;

namespace {

FakeEngine& schedulers_with_poller() {
  set_idle_poller(&Poller::node());
  return fake_engine();
}

// Tells a process of each byte that can be read from a pipe.
class PipeTarget final : public PollTarget {
 public:
  PipeTarget() { CHECK(pipe2(ends_, O_NONBLOCK | O_CLOEXEC) == 0); }
  void start(Term process) {
    process_ = process;
    watch_.start(this, ends_[0], 0);
    watch_.set(EPOLLIN);
  }
  // Any thread.
  void write_byte() { ASSERT_EQ(write(ends_[1], "x", 1), 1); }
  void descriptor_ready(uint32_t, uint32_t) override {
    char bytes[100];
    ssize_t count = read(ends_[0], bytes, sizeof bytes);
    for (ssize_t i = 0; i < count; i++) deliver(process_, am::data);
  }
  void deadline_passed(uint64_t) override {}
  // Lives as long as its test, which ends when nothing more can come.
  void retain_target() override { references_++; }
  void release_target() override { references_--; }
  ~PipeTarget() {
    watch_.stop();
    while (references_ > 0) std::this_thread::yield();
    close(ends_[0]);
    close(ends_[1]);
  }

 private:
  int ends_[2];
  Term process_;
  Watch watch_;
  std::atomic<int> references_{0};
};

// Lets one thread wait for what another one, or a process, has done.
class Turnstile {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    opened_++;
    condition_.notify_one();
  }
  bool pass() {
    std::unique_lock lock(mutex_);
    return condition_.wait_for(lock, std::chrono::seconds(30), [&] { return passed_ < opened_; }) && ++passed_ > 0;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  uint64_t opened_ = 0, passed_ = 0;
};

// A process that opens the turnstile for each message, until `count` of them.
Term counter(Turnstile& turnstile, int count) {
  return start([&turnstile, left = std::make_shared<int>(count)](Process& process) {
    while (!receive(process).is_none()) {
      turnstile.open();
      if (--*left == 0) return finish(process);
    }
    return SliceEnd::waiting;
  });
}

// Each byte, written when the one before has been noticed, makes the process run.
void bytes_wake(int rounds) {
  Turnstile turnstile;
  PipeTarget target;
  target.start(counter(turnstile, rounds));
  for (int i = 0; i < rounds; i++) {
    target.write_byte();
    ASSERT_TRUE(turnstile.pass()) << i;
  }
}

uint64_t process_time_us() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
         static_cast<uint64_t>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

}  // namespace

TEST(Poller, every_byte_wakes_a_process) {
  constexpr int rounds = 20000;
  schedulers_with_poller();
  ASSERT_NO_FATAL_FAILURE(bytes_wake(rounds));
}

TEST(Poller, every_message_of_another_thread_wakes_a_process) {
  constexpr int rounds = 20000;
  schedulers_with_poller();
  Turnstile turnstile;
  Term process = counter(turnstile, rounds);
  for (int i = 0; i < rounds; i++) {
    deliver(process, am::ok);
    ASSERT_TRUE(turnstile.pass()) << i;
  }
}

TEST(Poller, every_task_is_run) {
  constexpr int rounds = 10000;
  schedulers_with_poller();
  Turnstile turnstile;
  for (int i = 0; i < rounds; i++) {
    Poller::node().post([&] { turnstile.open(); });
    ASSERT_TRUE(turnstile.pass()) << i;
  }
}

// Pipes, other threads, processes that wake each other, receive timeouts, and a number of schedulers that changes.
TEST(Poller, everything_at_once) {
  constexpr int rounds = 4000, ticks = 100;
  schedulers_with_poller();
  Turnstile from_pipe, from_thread, from_pair, from_timer;
  PipeTarget target;
  target.start(counter(from_pipe, rounds));
  Term directly = counter(from_thread, rounds);
  Term pong = start([](Process& process) {
    for (;;) {
      Term message = receive(process);
      if (message.is_none()) return SliceEnd::waiting;
      if (message == am::exit) return finish(process);
      deliver(message, am::ok);
    }
  });
  auto passes = std::make_shared<int>(0);
  Term ping = start([&from_pair, pong, passes](Process& process) {
    while (!receive(process).is_none()) {
      if (++*passes % 4 == 0)
        from_pair.open();
      else
        deliver(pong, process.self);
      if (*passes == 4 * rounds) {
        deliver(pong, am::exit);
        return finish(process);
      }
    }
    return SliceEnd::waiting;
  });
  start([&from_timer, left = std::make_shared<int>(ticks)](Process& process) {
    if (process.timed_out) {
      cancel_receive_timeout(process);
      process.timed_out = false;
      from_timer.open();
      if (--*left == 0) return finish(process);
    }
    set_receive_timeout(process, 1);
    return SliceEnd::waiting;
  });
  auto drive = [](Turnstile& turnstile, auto step) {
    return std::thread([&turnstile, step] {
      for (int i = 0; i < rounds; i++) {
        step();
        ASSERT_TRUE(turnstile.pass()) << i;
      }
    });
  };
  std::thread threads[] = {drive(from_pipe, [&] { target.write_byte(); }),
                           drive(from_thread, [&] { deliver(directly, am::ok); }),
                           drive(from_pair, [&] { deliver(ping, am::ok); })};
  for (int i = 0; i < ticks; i++) {
    ASSERT_TRUE(from_timer.pass()) << i;
    set_online_schedulers(1 + static_cast<unsigned>(i) % scheduler_options().schedulers);
  }
  for (auto& thread : threads) thread.join();
  set_online_schedulers(scheduler_options().schedulers);
}

// One process that never waits, on the only scheduler: the poller's own thread takes over.
TEST(Poller, busy_workers_keep_nobody_waiting) {
  constexpr int rounds = 300;
  schedulers_with_poller();
  set_online_schedulers(1);
  std::atomic<bool> stop{false};
  Reports reports;
  start([&](Process& process) {
    if (!stop) return SliceEnd::yielded;
    reports.add(am::ok);
    return finish(process);
  });
  ASSERT_NO_FATAL_FAILURE(bytes_wake(rounds));
  stop = true;
  EXPECT_EQ(reports.wait(1).size(), 1u);
  set_online_schedulers(scheduler_options().schedulers);
}

// A slice that takes as long as a test of its own: what another thread polls must come through.
TEST(Poller, a_long_slice_keeps_nobody_waiting) {
  schedulers_with_poller();
  Turnstile entered, turnstile, leave;
  Reports reports;
  start([&](Process& process) {
    entered.open();
    leave.pass();
    reports.add(am::ok);
    return finish(process);
  });
  ASSERT_TRUE(entered.pass());
  PipeTarget target;
  target.start(counter(turnstile, 100));
  for (int i = 0; i < 100; i++) {
    target.write_byte();
    ASSERT_TRUE(turnstile.pass()) << i;
  }
  leave.open();
  EXPECT_EQ(reports.wait(1).size(), 1u);
}

// The threads of the schedulers and of the poller take less than a hundredth of the time when there is nothing to do.
TEST(Poller, idle_schedulers_use_no_time) {
  schedulers_with_poller();
  uint64_t best = UINT64_MAX;
  for (int i = 0; i < 50 && best > 1000; i++) {
    uint64_t before = process_time_us();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    best = std::min(best, process_time_us() - before);
  }
  EXPECT_LE(best, 1000u);
}

}  // namespace hanse
