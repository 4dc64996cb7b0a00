// For unit tests of ports: a port with a driver.
#pragma once

#include <string>

#include "io/built_in_drivers.h"
#include "io/port.h"
#include "process/test_process.h"

namespace hanse {

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
    std::string reply, text;
    if (!plain_control(caller, 0x03f1a300 + operation, request, reply)) return "badarg";
    for (char byte : reply) text += (text.empty() ? "" : " ") + std::to_string(static_cast<uint8_t>(byte));
    return text;
  }
  bool plain_control(Term caller, uint32_t operation, std::string_view request, std::string& reply) {
    PortLock lock(*port_);
    return port_->driver()->control(caller, operation, Bytes(reinterpret_cast<const uint8_t*>(request.data()), request.size()), reply);
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
