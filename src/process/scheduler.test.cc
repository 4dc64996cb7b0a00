// Processes with a fake engine: "guest code" is a C++ function per process that runs once per slice.
#include "process/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "process/fake_engine.h"

namespace hanse {

using namespace testing_processes;

TEST(Scheduler, no_wake_up_is_lost) {
  constexpr int messages = 30000;
  Reports reports;
  auto count = std::make_shared<int>(0);
  Term receiver = start([&, count](Process& process) {
    while (!receive(process).is_none())
      if (++*count == 2 * messages) {
        reports.add(am::ok);
        return finish(process);
      }
    return SliceEnd::waiting;
  });
  for (int sender = 0; sender < 2; sender++)
    start([receiver, left = std::make_shared<int>(messages)](Process& process) {
      for (int i = 0; i < 7 && *left > 0; i++, --*left) deliver(receiver, Term::small(*left));
      return *left > 0 ? SliceEnd::yielded : finish(process);
    });
  ASSERT_EQ(reports.wait(1).size(), 1u);
}

// A sender may be told to go on before the slice in which it began to wait is over.
TEST(Scheduler, a_wake_up_within_the_slice_counts) {
  Reports reports;
  auto slices = std::make_shared<int>(0);
  start([&, slices](Process& process) {
    if (++*slices == 1) {
      wake_process(process);
      return SliceEnd::waiting;
    }
    reports.add(am::ok);
    return finish(process);
  });
  ASSERT_EQ(reports.wait(1).size(), 1u);
}

// A receiver may take a signal before its sender says that there is one.
TEST(Scheduler, nothing_is_done_for_ever_about_a_signal_that_was_taken_already) {
  fake_engine();
  Term pid = start(wait_for_ever);
  epoch::Guard guard;
  Process* process = find_process(pid);
  ASSERT_NE(process, nullptr);
  auto is_idle = [&] {
    for (int i = 0; i < 10000 && process->state.load() != 0; i++) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return process->state.load() == 0;
  };
  ASSERT_TRUE(is_idle());
  signals_arrived(*process);
  EXPECT_TRUE(is_idle());
}

// Nobody is idle, so nobody steals; and yet the queues become equally long.
TEST(Scheduler, those_who_compute_share_all_processors) {
  auto over = std::make_shared<std::atomic<bool>>(false);
  Body spin = [over](Process& process) {
    process.reductions_left = 0;
    return over->load() ? finish(process) : SliceEnd::yielded;
  };
  start([spin](Process& process) {
    for (int i = 0; i < 12; i++) start_child(process, spin);
    return finish(process);
  });
  auto are_equal = [] {
    size_t lengths[] = {run_queue_length(0), run_queue_length(1), run_queue_length(2)};
    return std::ranges::min(lengths) >= 2 && std::ranges::max(lengths) <= std::ranges::min(lengths) + 1;
  };
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!are_equal() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_LT(std::chrono::steady_clock::now(), deadline);
  over->store(true);
}

TEST(Scheduler, ping_pong) {
  Reports reports;
  Term pong = start([](Process& process) {
    while (true) {
      Term message = receive(process);
      if (message.is_none()) return SliceEnd::waiting;
      if (message == am::exit) return finish(process);
      deliver(message, process.self);
    }
  });
  auto rounds = std::make_shared<int>(0);
  start([&, pong, rounds](Process& process) {
    if (*rounds > 0 && receive(process).is_none()) return SliceEnd::waiting;
    if (++*rounds > 50000) {
      deliver(pong, am::exit);
      reports.add(am::ok);
      return finish(process);
    }
    deliver(pong, process.self);
    return SliceEnd::waiting;
  });
  ASSERT_EQ(reports.wait(1).size(), 1u);
}

TEST(Scheduler, receive_timeout) {
  Reports reports;
  auto before = monotonic_now_ns();
  start([&](Process& process) {
    if (process.timed_out) {
      cancel_receive_timeout(process);
      reports.add(Term::small(static_cast<int64_t>((monotonic_now_ns() - before) / 1000000)));
      return finish(process);
    }
    set_receive_timeout(process, 20);
    return SliceEnd::waiting;
  });
  auto result = reports.wait(1);
  ASSERT_EQ(result.size(), 1u);
  EXPECT_GE(result[0].as_small(), 20);
}

TEST(Scheduler, a_task_that_is_taken_in_the_last_slice_is_answered) {
  Reports reports;
  std::atomic<bool> runs{false};
  Term pid = start([&](Process& process) {
    runs = true;
    while (process.inbox.empty()) std::this_thread::yield();
    process.handle_signals();
    return finish(process);
  });
  while (!runs) std::this_thread::yield();
  request_task(pid, [&](Process&) { reports.add(am::ok); }, [&] { reports.add(am::noproc); });
  EXPECT_EQ(reports.wait(1), std::vector<Term>{am::noproc});
}

TEST(Scheduler, dirty_slices_run_on_the_pool) {
  Reports reports;
  start([&, step = std::make_shared<int>(0)](Process& process) {
    bool dirty = this_scheduler_thread()->is_dirty;
    reports.add(boolean(dirty));
    if (*step == 2) return finish(process);
    return ++*step == 1 ? SliceEnd::dirty_io : SliceEnd::yielded;
  });
  EXPECT_EQ(reports.wait(3), (std::vector<Term>{am::false_, am::true_, am::false_}));
}

TEST(Links, exit_reaches_linked_processes) {
  Reports reports;
  Term trapper = start([&](Process& process) {
    process.trap_exit = true;
    if (!process.relations.tables()) {
      SpawnOptions linked;
      linked.link = true;
      Term child = start_child(process, wait_for_ever, linked);
      send_exit_signal(process.self, child, am::badarg, ExitKind::direct);
      return SliceEnd::waiting;
    }
    Term message = receive(process);
    if (message.is_none()) return SliceEnd::waiting;
    reports.add(as_tuple(message)->elements[0]);
    reports.add(as_tuple(message)->elements[2]);
    return finish(process);
  });
  EXPECT_EQ(reports.wait(2), (std::vector<Term>{am::EXIT, am::badarg}));
  EXPECT_TRUE(trapper.is_local_pid());
}

TEST(Links, normal_exit_does_not_kill) {
  Reports reports;
  auto step = std::make_shared<int>(0);
  start([&, step](Process& process) {
    if ((*step)++ == 0) {
      SpawnOptions linked;
      linked.link = true;
      start_child(process, [](Process& child) { return finish(child); }, linked);
      set_receive_timeout(process, 30);
      return SliceEnd::waiting;
    }
    receive(process);
    if (!process.timed_out) return SliceEnd::waiting;
    reports.add(am::true_);
    reports.add(Term::small(static_cast<int64_t>(process.relations.tables()->links.size())));
    return finish(process);
  });
  EXPECT_EQ(reports.wait(2), (std::vector<Term>{am::true_, Term::small(0)}));
}

TEST(Links, kill_is_untrappable_and_becomes_killed) {
  Reports reports;
  auto started = std::make_shared<bool>(false);
  start([&, started](Process& process) {
    if (!*started) {
      *started = true;
      SpawnOptions watched;
      watched.monitor = true;
      Term child = start_child(
          process,
          [](Process& it) {
            it.trap_exit = true;
            return wait_for_ever(it);
          },
          watched);
      send_exit_signal(process.self, child, am::kill, ExitKind::direct);
    }
    Term message = receive(process);
    if (message.is_none()) return SliceEnd::waiting;
    reports.add(as_tuple(message)->elements[0]);
    reports.add(as_tuple(message)->elements[4]);
    return finish(process);
  });
  EXPECT_EQ(reports.wait(2), (std::vector<Term>{am::DOWN, am::killed}));
}

// Many processes that link, unlink and exit at random: whatever happens, everybody ends.
TEST(Links, a_chain_dies_from_its_end) {
  constexpr int length = 300;
  Reports reports;
  std::function<SliceEnd(Process&, int)> link_in_chain = [&](Process& process, int depth) {
    if (!process.relations.tables() || process.relations.tables()->links.size() < (depth == 0 ? 1u : 2u)) {
      if (depth == length) {
        reports.add(am::ok);
        return finish(process, am::badarg);
      }
      SpawnOptions linked;
      linked.link = true;
      start_child(process, [&, depth](Process& child) { return link_in_chain(child, depth + 1); }, linked);
    }
    return wait_for_ever(process);
  };
  size_t before = process_count();
  start([&](Process& process) { return link_in_chain(process, 0); });
  ASSERT_EQ(reports.wait(1).size(), 1u);
  for (int i = 0; i < 2000 && process_count() > before; i++) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_LE(process_count(), before);
}

TEST(ProcessTable, pids_grow_and_are_not_reused) {
  fake_engine();
  Reports reports;
  Term first = start([&](Process& process) {
    reports.add(am::ok);
    return finish(process);
  });
  reports.wait(1);
  Term second = start([](Process& process) { return finish(process); });
  EXPECT_GT(second.pid_number(), first.pid_number());
  for (int i = 0; i < 20000; i++) {
    epoch::Guard guard;
    if (!find_process(first)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  epoch::Guard guard;
  EXPECT_EQ(find_process(first), nullptr);
  EXPECT_FALSE(deliver(first, am::ok));
}

TEST(Registry, names) {
  fake_engine();
  Term pid = start(wait_for_ever);
  Registry& names = host_machine().registry;
  EXPECT_EQ(names.add(am::erlang, pid), Registry::Outcome::ok);
  EXPECT_EQ(names.add(am::erlang, start(wait_for_ever)), Registry::Outcome::taken);
  EXPECT_EQ(names.add(am::apply, pid), Registry::Outcome::has_name);
  EXPECT_EQ(names.find(am::erlang), pid);
  send_exit_signal(pid, pid, am::kill, ExitKind::direct);
  for (int i = 0; i < 20000 && !names.find(am::erlang).is_none(); i++) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(names.find(am::erlang).is_none());
}

}  // namespace hanse
