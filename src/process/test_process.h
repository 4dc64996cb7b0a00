// For unit tests: a machine without code, and a process that nobody runs, whose messages the test reads.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "base/epoch.h"
#include "process/machine.h"
#include "process/process.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "term/print.h"

namespace hanse {

class TestRealm final : public Realm {
 public:
  Export* export_for(Term, Term, uint32_t) override { return nullptr; }
  Export* find_export(Term, Term, uint32_t) override { return nullptr; }
  FunEntry* fun_entry(Term, uint32_t, uint32_t, const uint8_t*, uint32_t, uint32_t) override { return nullptr; }
};

// One for all tests of the program: it is never freed, as ports end on another thread.
inline Machine& test_machine() {
  static Machine& machine = *new Machine("test", 1, *new TestRealm);
  return machine;
}

class TestProcess {
 public:
  TestProcess() : process_(new Process(test_machine(), reserve_pid(), SpawnOptions{})) {
    // As if a thread ran it for ever: schedulers leave it alone.
    process_->state.fetch_or(process_state::running);
    process_->state = process_state::running;  // the test runs it: no scheduler may
    publish_process(process_);
  }
  ~TestProcess() { remove_process(process_); }
  Term pid() const { return process_->self; }
  Process& process() { return *process_; }

  // The next message as text; empty if none comes within two seconds. #Port<...> is replaced by P.
  std::string next() {
    for (int i = 0; i < 2000; i++) {
      process_->handle_signals();
      if (process_->mailbox.length() > 0) {
        process_->mailbox.rewind();
        Message* message = process_->mailbox.remove();
        std::string text = term_to_text(message->term);
        for (size_t at; (at = text.find("#Port<")) != std::string::npos;)
          text.replace(at, text.find('>', at) + 1 - at, "P");
        return text;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
  }
  Term next_term() {
    for (int i = 0; i < 2000; i++) {
      process_->handle_signals();
      if (process_->mailbox.length() > 0) {
        process_->mailbox.rewind();
        return process_->mailbox.remove()->term;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return Term::none();
  }

 private:
  Process* process_;  // never freed: it may still be in use on the poller's thread
};

}  // namespace hanse
