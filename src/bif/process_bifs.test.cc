// Built-in functions on processes, called from processes of the fake engine.
#include <gtest/gtest.h>

#include "bif/process_timers.h"
#include "bif/tables.h"
#include "process/fake_engine.h"
#include "process/timer_service.h"
#include "term/copy.h"
#include "term/print.h"

namespace hanse {

using namespace testing_processes;

// Runs `body` in slices of a process until it has reported `count` texts; one step per slice or wake-up.
static std::vector<std::string> texts_of(size_t count, std::function<SliceEnd(Process&, std::function<void(Term)>)> body) {
  struct Texts {
    std::mutex mutex;
    std::condition_variable condition;
    std::vector<std::string> values;
  };
  auto texts = std::make_shared<Texts>();
  start([texts, body](Process& process) {
    return body(process, [texts](Term term) {
      std::lock_guard lock(texts->mutex);
      texts->values.push_back(term_to_text(term));
      texts->condition.notify_all();
    });
  });
  std::unique_lock lock(texts->mutex);
  texts->condition.wait_for(lock, std::chrono::seconds(10), [&] { return texts->values.size() >= count; });
  return texts->values;
}

using Report = std::function<void(Term)>;
using Strings = std::vector<std::string>;

TEST(ProcessBifs, monitor_tells_of_the_exit_and_demonitor_flushes) {
  auto step = std::make_shared<int>(0);
  auto reference = std::make_shared<StoredTerm>();
  auto result = texts_of(4, [=](Process& process, Report report) {
    if ((*step)++ == 0) {
      Term child = start_child(process, wait_for_ever);
      Result monitor = call_bif(process, process_monitors_bifs, "monitor", {am::process, child});
      reference->set(monitor.term());
      (void)call_bif(process, process_links_bifs, "exit", {child, am::badarg});
      return SliceEnd::waiting;
    }
    process.handle_signals();
    if (process.mailbox.length() == 0) return SliceEnd::waiting;
    report(as_tuple(process.mailbox.first()->term)->elements[4]);
    Term options = make_list(process.heap, std::vector<Term>{am::flush, am::info});
    report(call_bif(process, process_monitors_bifs, "demonitor", {reference->term(), options}).term());
    report(Term::small(static_cast<int64_t>(process.mailbox.length())));
    report(call_bif(process, process_monitors_bifs, "demonitor", {reference->term()}).term());
    return finish(process);
  });
  EXPECT_EQ(result, (Strings{"badarg", "false", "0", "true"}));
}

TEST(ProcessBifs, an_alias_of_reply_works_once) {
  auto result = texts_of(2, [](Process& process, Report report) {
    Term options = make_list(process.heap, std::vector<Term>{am::reply});
    Term alias = call_bif(process, process_monitors_bifs, "alias", {options}).term();
    (void)call_bif(process, process_send_bifs, "send", {alias, am::ok});
    (void)call_bif(process, process_send_bifs, "send", {alias, am::error});
    process.handle_signals();
    report(Term::small(static_cast<int64_t>(process.mailbox.length())));
    report(process.mailbox.first()->term);
    return finish(process);
  });
  EXPECT_EQ(result, (Strings{"1", "ok"}));
}

TEST(ProcessBifs, monitor_of_nothing_is_noproc) {
  auto result = texts_of(1, [](Process& process, Report report) {
    (void)call_bif(process, process_monitors_bifs, "monitor", {am::process, am::badarith});
    process.handle_signals();
    Term* parts = as_tuple(process.mailbox.first()->term)->elements;
    report(make_tuple(process.heap, parts[0], parts[2], parts[3], parts[4]));
    return finish(process);
  });
  EXPECT_EQ(result, (Strings{"{'DOWN',process,{badarith,'nonode@nohost'},noproc}"}));
}

TEST(ProcessBifs, timers) {
  auto step = std::make_shared<int>(0);
  auto reference = std::make_shared<StoredTerm>();
  auto result = texts_of(4, [=](Process& process, Report report) {
    if ((*step)++ == 0) {
      Term long_one = call_bif(process, process_timers_bifs, "send_after", {Term::small(100000), process.self, am::ok}).term();
      Term left = call_bif(process, process_timers_bifs, "cancel_timer", {long_one}).term();
      report(boolean(left.as_small() > 99000 && left.as_small() <= 100000));
      report(call_bif(process, process_timers_bifs, "cancel_timer", {long_one}).term());
      reference->set(call_bif(process, process_timers_bifs, "start_timer", {Term::small(5), process.self, am::ok}).term());
      return SliceEnd::waiting;
    }
    Term message = receive(process);
    if (message.is_none()) return SliceEnd::waiting;
    report(boolean(exactly_equal(as_tuple(message)->elements[1], reference->term())));
    report(call_bif(process, process_timers_bifs, "read_timer", {reference->term()}).term());
    return finish(process);
  });
  EXPECT_EQ(result, (Strings{"true", "false", "true", "false"}));
}

[[maybe_unused]] static const bool timers_end_with_processes = (add_exit_hook(&timers_exit_hook()), true);

TEST(ProcessBifs, timers_of_a_process_end_with_it) {
  static constexpr size_t each = 1000;
  auto sleeper = std::make_shared<Term>(Term::none());
  size_t before = active_timers(), most = 0;
  auto result = texts_of(1, [=, &most](Process& process, Report report) {
    *sleeper = start_child(process, wait_for_ever);
    auto set = [&](Term receiver) { return call_bif(process, process_timers_bifs, "send_after", {Term::small(1000000000), receiver, am::ok}).term(); };
    Term first = set(*sleeper);
    for (size_t i = 0; i < each; i++) {
      set(process.self);
      set(*sleeper);
    }
    // Some from either end and the middle are gone already.
    Term last = set(*sleeper);
    bool was_set = call_bif(process, process_timers_bifs, "cancel_timer", {first}).term().is_small();
    (void)call_bif(process, process_timers_bifs, "cancel_timer", {last});
    most = active_timers();
    (void)call_bif(process, process_links_bifs, "exit", {*sleeper, am::kill});
    report(boolean(was_set));
    return finish(process);
  });
  EXPECT_EQ(result, Strings{"true"});
  EXPECT_GE(most, before + 2 * each);
  for (int i = 0; i < 1000 && active_timers() >= before + each; i++) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LT(active_timers(), before + each);  // others of the program may have some
  // A timer to a process that has gone is none.
  size_t now = active_timers();
  texts_of(1, [=](Process& process, Report report) {
    for (size_t i = 0; i < each; i++) (void)call_bif(process, process_timers_bifs, "send_after", {Term::small(1000000000), *sleeper, am::ok});
    report(am::ok);
    return finish(process);
  });
  EXPECT_LT(active_timers(), now + each);
}

TEST(ProcessBifs, process_info_counts_earlier_messages) {
  auto child = std::make_shared<Term>(Term::none());
  auto result = texts_of(1, [=](Process& process, Report report) {
    if (child->is_none()) {
      *child = start_child(process, [](Process& it) {
        it.handle_signals();
        return SliceEnd::waiting;
      });
      for (int i = 0; i < 3; i++) deliver(*child, Term::small(i));
    }
    Term items = make_list(process.heap, std::vector<Term>{am::messages, am::status, am::trap_exit, am::registered_name});
    Result info = call_bif(process, process_info_bifs, "process_info", {*child, items});
    if (info.is_wait()) return SliceEnd::waiting;
    report(info.term());
    (void)call_bif(process, process_links_bifs, "exit", {*child, am::kill});
    return finish(process);
  });
  ASSERT_EQ(result.size(), 1u);
  EXPECT_TRUE(result[0] == "[{messages,[0,1,2]},{status,waiting},{trap_exit,false},{registered_name,[]}]" ||
              result[0] == "[{messages,[0,1,2]},{status,runnable},{trap_exit,false},{registered_name,[]}]")
      << result[0];
}

TEST(ProcessBifs, a_killed_process_is_not_alive) {
  auto child = std::make_shared<Term>(Term::none());
  auto result = texts_of(1, [=](Process& process, Report report) {
    if (child->is_none()) {
      *child = start_child(process, wait_for_ever);
      (void)call_bif(process, process_links_bifs, "exit", {*child, am::kill});
    }
    Result alive = call_bif(process, process_requests_bifs, "is_process_alive", {*child});
    if (alive.is_wait()) return SliceEnd::waiting;
    report(alive.term());
    return finish(process);
  });
  EXPECT_EQ(result, (Strings{"false"}));
}

// Suspended, it does not run; resumed, it does.
TEST(ProcessBifs, suspend_and_resume) {
  auto child = std::make_shared<Term>(Term::none());
  auto runs = std::make_shared<std::atomic<int>>(0);
  auto result = texts_of(2, [=](Process& process, Report report) {
    if (child->is_none())
      *child = start_child(process, [runs](Process&) {
        runs->fetch_add(1);
        return SliceEnd::yielded;
      });
    Result suspended = call_bif(process, process_requests_bifs, "suspend_process", {*child, Term::nil()});
    if (suspended.is_wait()) return SliceEnd::waiting;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    int before = *runs;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    report(boolean(before == *runs));
    (void)call_bif(process, process_requests_bifs, "resume_process", {*child});
    for (int i = 0; i < 20000 && before == *runs; i++) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    report(boolean(before != *runs));
    (void)call_bif(process, process_links_bifs, "exit", {*child, am::kill});
    return finish(process);
  });
  EXPECT_EQ(result, (Strings{"true", "true"}));
}

TEST(ProcessBifs, posix_time) {
  auto result = texts_of(3, [](Process& process, Report report) {
    for (int64_t seconds : {int64_t{-100000000000}, int64_t{0}, int64_t{1} << 40})
      report(call_bif(process, time_calendar_bifs, "posixtime_to_universaltime", {make_integer(process.heap, seconds)}).term());
    return finish(process);
  });
  EXPECT_EQ(result, (Strings{"{{-1199,2,15},{14,13,20}}", "{{1970,1,1},{0,0,0}}", "{{36812,2,20},{0,36,16}}"}));
}

}  // namespace hanse
