// For unit tests of ports: a process that nobody runs, whose messages the test reads as text, and a port with a driver.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "base/epoch.h"
#include "io/built_in_drivers.h"
#include "io/port.h"
#include "process/machine.h"
#include "process/process.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "term/print.h"

namespace hanse {

class PortTestRealm final : public Realm {
 public:
  Export* export_for(Term, Term, uint32_t) override { return nullptr; }
  Export* find_export(Term, Term, uint32_t) override { return nullptr; }
  FunEntry* fun_entry(Term, uint32_t, uint32_t, const uint8_t*, uint32_t, uint32_t) override { return nullptr; }
};

// One for all tests of the program: it is never freed, as ports end on another thread.
inline Machine& test_machine() {
  static Machine& machine = *new Machine("test", 1, *new PortTestRealm);
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

// A port opened by its driver's name, or by descriptors.
class TestPort {
 public:
  TestPort(TestProcess& owner, const char* driver, PortOptions options = {}) {
    open(owner, driver, [&](Port& port, OpenFailure& failure) {
      return find_built_in_driver(driver)->open(port, options, driver, failure);
    });
  }
  TestPort(TestProcess& owner, const PortName& name, PortOptions options = {}) {
    open(owner, "fd", [&](Port& port, OpenFailure& failure) {
      return name.kind == PortName::Kind::descriptors ? open_fd_driver(port, options, name, failure)
                                                      : open_program(port, options, name, failure);
    });
  }
  explicit TestPort(Term port) : port_(Port::find(port)) {}
  ~TestPort() { close(); }

  // The reply's bytes, numbers separated by spaces, after the base of the inet operations was added.
  std::string control(Term caller, uint32_t operation, std::string request) {
    PortLock lock(*port_);
    std::string reply, text;
    Bytes bytes(reinterpret_cast<const uint8_t*>(request.data()), request.size());
    if (!port_->driver()->control(caller, 0x03f1a300 + operation, bytes, reply)) return "badarg";
    for (char byte : reply) text += (text.empty() ? "" : " ") + std::to_string(static_cast<uint8_t>(byte));
    return text;
  }
  void command(Term caller, std::string_view data) {
    IoQueue queue;
    queue.append(data);
    PortLock lock(*port_);
    if (port_->is_open()) port_->driver()->output(caller, std::move(queue));
  }
  void close() {
    if (!port_) return;
    PortLock lock(*port_);
    port_->close(am::normal);
  }
  bool is_open() {
    PortLock lock(*port_);
    return port_->is_open();
  }

 private:
  template <class Open>
  void open(TestProcess& owner, const char* name, Open open_driver) {
    port_ = Port::create(test_machine(), owner.pid(), name);
    PortLock lock(*port_);
    OpenFailure failure;
    auto driver = open_driver(*port_, failure);
    CHECK(driver != nullptr);
    port_->attach(std::move(driver));
    port_->publish();
  }
  Ref<Port> port_;
};

}  // namespace hanse
